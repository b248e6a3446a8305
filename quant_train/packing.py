"""Weights in a QONNX file as the integers that they are, a byte each, instead of the floating-point numbers behind them."""

from __future__ import annotations

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from dt_scnn.qonnx_format import QUANT_DOMAIN


def pack_weights(model: ModelProto) -> None:
    """Replace each float32 initializer `w` of a narrow-range signed `Quant` of 2 to 8 bits by int8 integers.

    `Quant` then reads `Mul(Cast(integers), scale)` and finds the same integers, so nothing that the file computes changes. A
    file that is packed already stays as it is.
    """
    graph = model.graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            values[node.output[0]] = numpy_helper.to_array(node.attribute[0].t)
    nodes: list[NodeProto] = []
    for node in graph.node:
        if _can_be_packed(node, values):
            nodes += _packed(model, node, values)
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def _can_be_packed(node: NodeProto, values: dict[str, np.ndarray]) -> bool:
    """Say whether a node quantizes constants to signed narrow-range integers that a byte holds, with nothing computed."""
    if (node.domain, node.op_type) != (QUANT_DOMAIN, "Quant") or not all(
        map(values.__contains__, node.input)
    ):
        return False
    attributes = {item.name: helper.get_attribute_value(item) for item in node.attribute}
    plain = attributes.get("signed", 1) == 1 and attributes.get("narrow", 0) == 1
    rounds = attributes.get("rounding_mode", b"ROUND") == b"ROUND"
    weights, scale, zero_point, bits = (values[name] for name in node.input)
    in_a_byte = bits.size == 1 and bits.item() in range(2, 9) and not zero_point.any()
    return plain and rounds and in_a_byte and bool((scale > 0).all()) and weights.dtype == np.float32


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
