"""hls4ml layer `ScoresArgmax`: the network's result, its scores and the label."""

from __future__ import annotations

from hls4ml.model.attributes import Attribute
from hls4ml.model.layers import Layer
from hls4ml.model.types import IntegerPrecisionType

from dt_scnn.errors import ConfigurationError

SCORE_BITS = 32


class ScoresArgmax(Layer):
    """Widen the scores to int32 and append the label, the first maximum.

    Input `(n_classes,)` integers of at most 32 bits, output `(n_classes + 1,)` int32.
    """

    _expected_attributes = [Attribute("n_classes")]

    def initialize(self) -> None:
        """Derive the shapes.

        Raises:
            ConfigurationError: scores wider than 32 bits.
        """
        scores = self.get_input_variable()
        if scores.type.precision.width > SCORE_BITS:
            raise ConfigurationError(
                f"layer {self.name!r}: scores must fit {SCORE_BITS} bits, not {scores.type.precision.width}"
            )
        classes = int(scores.shape[-1])
        self.set_attr("n_classes", classes)
        self.add_output_variable([classes + 1], precision=IntegerPrecisionType(SCORE_BITS, signed=True))
