"""hls4ml layer `SpikePool`: max-pooling of spikes, an OR."""

from __future__ import annotations

from hls4ml.model.attributes import Attribute
from hls4ml.model.layers import Layer

from dt_scnn.errors import ConfigurationError
from hls_project.layers.types import spike_precision, unsigned_input_bits


class SpikePool(Layer):
    """OR the spikes of each `pool` x `pool` window; rows and columns that fill no window are dropped.

    Input `(H, W, C)`, output `(H // pool, W // pool, C)`.
    """

    _expected_attributes = [Attribute("in_height"), Attribute("in_width"), Attribute("pool")]

    def initialize(self) -> None:
        """Derive the shapes.

        Raises:
            ConfigurationError: the window does not fit the map, or the input is no spikes.
        """
        height, width, channels = (int(size) for size in self.get_input_variable().shape)
        pool = int(self.get_attr("pool"))
        if unsigned_input_bits(self) != 1:
            raise ConfigurationError(f"layer {self.name!r}: OR-pooling takes spikes")
        if pool > min(height, width):
            raise ConfigurationError(
                f"layer {self.name!r}: a {pool} x {pool} pool does not fit a {height} x {width} map"
            )
        self.set_attr("in_height", height)
        self.set_attr("in_width", width)
        self.add_output_variable([height // pool, width // pool, channels], precision=spike_precision())
