"""Constants of a file, also where it computes them: thresholds as `Concat(first, first + Abs(gap))`, scales, shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, numpy_helper

from dt_scnn.errors import ConfigurationError
from hls_project.graph.evaluate import Evaluator
from hls_project.graph.view import GraphView, attribute

OPERATORS = frozenset(
    [
        "Abs",
        "Add",
        "Cast",
        "CastLike",
        "Ceil",
        "Clip",
        "Concat",
        "Constant",
        "ConstantOfShape",
        "Div",
        "Equal",
        "Exp",
        "Expand",
        "Flatten",
        "Floor",
        "Gather",
        "Identity",
        "Log",
        "Max",
        "Min",
        "Mul",
        "Neg",
        "Pow",
        "Range",
        "Reciprocal",
        "ReduceProd",
        "Reshape",
        "Round",
        "Shape",
        "Sign",
        "Slice",
        "Split",
        "Sqrt",
        "Squeeze",
        "Sub",
        "Transpose",
        "Unsqueeze",
        "Where",
    ]
)
"""Standard operators that are computed when all that they read is constant."""

_MOST = 2**26
"""Elements that all nodes of a file compute together."""


class Constants:
    """The constant tensors of a model, computed when asked for and kept.

    A chain of nodes is followed from its end; `Shape` of a tensor whose shape is known (`know_shape`) is constant.
    """

    def __init__(self, model: ModelProto, view: GraphView) -> None:
        """Index the initializers of `model`."""
        self._view = view
        opsets = [opset for opset in model.opset_import if opset.domain in ("", "ai.onnx")]
        self._evaluator = Evaluator(opsets, min(model.ir_version, onnx.IR_VERSION), _MOST)
        self._stored = {tensor.name: tensor for tensor in model.graph.initializer}
        self._values: dict[str, NDArray[Any] | None] = {}
        self._shapes: dict[str, tuple[int, ...]] = {}

    def know_shape(self, tensor: str, shape: tuple[int, ...]) -> None:
        """Take `shape` as that of a tensor that is computed from the image."""
        self._shapes[tensor] = shape

    def value(self, tensor: str) -> NDArray[Any] | None:
        """Return the value of a constant, or None for a tensor that depends on the image.

        Raises:
            ConfigurationError: the file says how to compute it, but it cannot be.
        """
        waiting = [tensor]
        while waiting:
            name = waiting[-1]
            missing = [source for source in self._sources(name) if source not in self._values]
            if name in self._values or not missing:
                if name not in self._values:
                    self._values |= {name: self._compute(name)}
                waiting.pop()
            elif len(waiting) > len(self._view.graph.node) + 1:
                raise ConfigurationError(f"tensor {name!r} is computed from itself")
            else:
                waiting.append(missing[0])
        value = self._values[tensor]
        if value is None:  # a shape may become known later
            self._values = {name: known for name, known in self._values.items() if known is not None}
        return value

    def _sources(self, tensor: str) -> list[str]:
        node = self._view.producer(tensor)
        if tensor in self._stored or node is None or not _foldable(node) or node.op_type == "Shape":
            return []
        return [name for name in node.input if name]

    def _compute(self, tensor: str) -> NDArray[Any] | None:
        if tensor in self._stored:
            return _array(self._stored[tensor])
        node = self._view.producer(tensor)
        if node is None or not _foldable(node):
            return None
        if node.op_type == "Shape":
            return self._shape(node)
        inputs = {name: self._values[name] for name in node.input if name}
        if any(value is None for value in inputs.values()):
            return None
        known = {name: value for name, value in inputs.items() if value is not None}
        return self._evaluator.run(node, known)[tensor]

    def _shape(self, node: NodeProto) -> NDArray[Any] | None:
        known = self._shapes.get(node.input[0])
        if known is None:
            value = self.value(node.input[0])
            if value is None:
                return None
            known = value.shape
        return np.array(known[attribute(node, "start", 0) : attribute(node, "end", None)], np.int64)


def _foldable(node: NodeProto) -> bool:
    return node.domain in ("", "ai.onnx") and node.op_type in OPERATORS


def _array(tensor: onnx.TensorProto) -> NDArray[Any]:
    try:
        return numpy_helper.to_array(tensor)
    except Exception as error:  # onnx raises whatever numpy does
        raise ConfigurationError(f"tensor {tensor.name!r} is damaged: {error}") from error
