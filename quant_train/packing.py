"""Weights in a QONNX file as the integers that they are, a byte each, instead of the floating-point numbers behind them."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from dt_scnn.qonnx_format import QUANT_DOMAIN


def pack_weights(model: ModelProto) -> None:
    """Replace each float32 initializer `w` of a narrow-range signed `Quant` of at most 8 bits by int8 integers.

    `Quant` then reads `Mul(Cast(integers), scale)`, which it leaves as it is when scales are powers of two, so nothing that
    the file computes changes. A file that is packed already stays as it is.
    """
    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            values[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    nodes: list[NodeProto] = []
    for node in graph.node:
        if (node.domain, node.op_type) == (QUANT_DOMAIN, "Quant") and node.input[0] in values:
            nodes += _packed(model, node, values)
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def _packed(model: ModelProto, quant: NodeProto, values: dict[str, np.ndarray]) -> list[NodeProto]:
    """Pack the weights that `quant` reads; return the nodes that compute them from the integers."""
    name, scale, _, bits = quant.input
    limit = 2 ** (int(values[bits]) - 1) - 1
    integers = np.clip(np.round(values[name] / values[scale]), -limit, limit).astype(np.int8)
    tensors = model.graph.initializer
    tensors.remove(next(tensor for tensor in tensors if tensor.name == name))
    tensors.append(numpy_helper.from_array(integers, f"{name}_integers"))
    return [
        helper.make_node(
            "Cast", [f"{name}_integers"], [f"{name}_cast"], f"{name}_cast", to=TensorProto.FLOAT
        ),
        helper.make_node("Mul", [f"{name}_cast", scale], [name], f"{name}_scaled"),
    ]
