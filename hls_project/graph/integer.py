"""The integer graph: a QONNX network on integers alone, exact to the last bit."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onnx import ModelProto, helper

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path
from dt_scnn.qonnx_format import CLASSES, PIXEL
from hls_project.graph.layer import Layer, integer_layers
from hls_project.graph.reader import Network, read
from hls_project.graph.signals import Shape
from hls_project.graph.validate import check, load, load_proto

if TYPE_CHECKING:
    from qonnx.core.modelwrapper import ModelWrapper

_SCORE_SCALE = "dt_scnn.score_scale"


@dataclass(frozen=True, eq=False)
class IntegerGraph:
    """A network whose pixels (0 .. 255), weights, thresholds and so scores are integers.

    model: channels-last qonnx model from `image` float32 (1, H, W, C) to `scores` float32 (1, classes).
    layers: in order. input_shape: (H, W, C). score_scale: a float score of the QONNX file is its integer
    score times this number, the nearest double where it is none. classes: names.
    """

    model: ModelWrapper
    layers: tuple[Layer, ...]
    input_shape: Shape
    score_scale: float
    classes: tuple[str, ...]

    def save(self, path: Path) -> None:
        """Write the graph as an ONNX file, whole or not at all."""
        with atomic_path(path) as partial:
            partial.write_bytes(self.model.model.SerializeToString(deterministic=True))

    @classmethod
    def load(cls, path: Path) -> IntegerGraph:
        """Read a graph that `save` wrote.

        Raises:
            ConfigurationError: the file is something else.
        """
        model = load_proto(path)
        properties = {prop.key: prop.value for prop in model.metadata_props}
        if _SCORE_SCALE not in properties:
            raise ConfigurationError(
                f"{path} is not an integer graph; make it from the QONNX file with integerize"
            )
        return _build(read(model, "NHWC"), float.fromhex(properties[_SCORE_SCALE]))


def integerize(source: Path | ModelProto) -> IntegerGraph:
    """Return the integer graph of a QONNX file or model.

    Raises:
        ConfigurationError: the file is refused, as `validate.load`.
    """
    network = check(source) if isinstance(source, ModelProto) else read(load(source))
    return _build(network, float(network.score_step))


def _build(network: Network, score_scale: float) -> IntegerGraph:
    from hls_project.graph.emit import emit

    layers = integer_layers(network)
    model = emit(layers)
    properties = {_SCORE_SCALE: score_scale.hex(), CLASSES: json.dumps(network.classes), PIXEL: "1"}
    helper.set_model_props(model.model, properties)
    return IntegerGraph(model, layers, network.input_shape, score_scale, network.classes)
