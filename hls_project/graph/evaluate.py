"""Nodes on constants, by ONNX' own definition of their operators: what a file asks for is bounded before it is computed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, OperatorSetIdProto, helper
from onnx.reference import ReferenceEvaluator

from dt_scnn.errors import first_line
from hls_project.graph.view import attribute, refuse

_BROADCAST = frozenset(
    ["Add", "And", "Div", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual"]
    + ["Max", "Min", "Mul", "Or", "Pow", "Sub", "Where", "Xor"]
)  # fmt: skip


class Evaluator:
    """Computes nodes one by one. most: elements of all results together."""

    def __init__(self, opsets: Sequence[OperatorSetIdProto], ir_version: int, most: int) -> None:
        self._opsets, self._ir_version = opsets, ir_version
        self._most = self._left = most

    def run(self, node: NodeProto, inputs: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        """Return the outputs of a node by their names.

        Raises:
            ConfigurationError: it cannot be computed, or asks for more than is left.
        """
        size = _size(node, [inputs[name] for name in node.input if name])
        if size > self._left:
            refuse(node, f"computes {size:,} constants; at most {self._most:,} are in all of a file")
        self._left -= size
        values = [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), value.shape)
            for name, value in inputs.items()
        ]
        names = [name for name in node.output if name]
        try:
            model = helper.make_model(
                helper.make_graph(
                    [node], "constant", values, list(map(helper.make_empty_tensor_value_info, names))
                ),
                opset_imports=self._opsets,
                ir_version=self._ir_version,
            )
            with np.errstate(all="ignore"):
                results = ReferenceEvaluator(model).run(names, dict(inputs))
        except Exception as error:  # the evaluator's operators raise whatever numpy does
            refuse(node, f"cannot be computed from its constants: {first_line(error)}")
        return {name: np.asarray(result) for name, result in zip(names, results, strict=True)}


def _size(node: NodeProto, inputs: Sequence[NDArray[Any]]) -> int:
    """Return the elements of a node's result, or more."""
    shapes = [value.shape for value in inputs]
    sizes = [prod(shape) for shape in shapes]
    try:
        if node.op_type in _BROADCAST:
            return prod(np.broadcast_shapes(*shapes))
        if node.op_type in ("Expand", "ConstantOfShape") and inputs:
            read = sizes[0] if len(inputs) > 1 else 1
            return read * prod(max(1, int(count)) for count in inputs[-1].reshape(-1))
        if node.op_type == "Range" and len(inputs) == 3:
            start, limit, step = (float(value.reshape(-1)[0]) for value in inputs)
            return max(0, int((limit - start) / step) + 1)
        if node.op_type == "Gather" and len(inputs) == 2:
            along = shapes[0][attribute(node, "axis", 0)]
            return sizes[0] * sizes[1] // max(1, along)
        return sum(sizes)
    except (ValueError, TypeError, IndexError, ZeroDivisionError, OverflowError):
        refuse(node, f"shapes {' and '.join(map(str, shapes))} do not fit")
