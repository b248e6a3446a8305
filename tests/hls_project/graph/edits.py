"""Ways to spoil a good QONNX model."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from quant_train.packing import pack_weights
from tests import models

SHAPE = (8, 10, 3)


def network() -> ModelProto:
    """Return a good network: convolution, pooling, hidden dense layer, scores."""
    return models.build("4C3-P2-FC5-FC3", SHAPE)


def node_of(model: ModelProto, op: str, index: int = 0) -> NodeProto:
    """Return the `index`-th node of an operator."""
    return [node for node in model.graph.node if node.op_type == op][index]


def drop_attribute(model: ModelProto, op: str, name: str, index: int = 0) -> None:
    """Remove an attribute."""
    node = node_of(model, op, index)
    kept = [attribute for attribute in node.attribute if attribute.name != name]
    del node.attribute[:]
    node.attribute.extend(kept)


def set_attribute(model: ModelProto, op: str, name: str, value: object, index: int = 0) -> None:
    """Set or replace an attribute."""
    drop_attribute(model, op, name, index)
    node_of(model, op, index).attribute.append(helper.make_attribute(name, value))


def tensor_of(model: ModelProto, op: str, position: int, index: int = 0) -> TensorProto:
    """Return the initializer that a node reads."""
    name = node_of(model, op, index).input[position]
    return next(tensor for tensor in model.graph.initializer if tensor.name == name)


def change(
    model: ModelProto, op: str, position: int, edit: Callable[[np.ndarray], np.ndarray], index: int = 0
) -> None:
    """Replace the value of an initializer."""
    tensor = tensor_of(model, op, position, index)
    value = edit(numpy_helper.to_array(tensor).copy())
    tensor.CopyFrom(numpy_helper.from_array(value, tensor.name))


def put(value: float, at: int = 0) -> Callable[[np.ndarray], np.ndarray]:
    """Return an edit that sets one element."""

    def edit(array: np.ndarray) -> np.ndarray:
        array.reshape(-1)[at] = value
        return array

    return edit


def add_after_first_fire(model: ModelProto, op: str, **attributes: object) -> None:
    """Insert a node of one input after the first firing."""
    fire = node_of(model, "DualThresholdFire")
    at = list(model.graph.node).index(fire)
    node = helper.make_node(op, ["extra"], [fire.output[0]], "extra", **attributes)
    fire.output[0] = "extra"
    model.graph.node.insert(at + 1, node)


def remove(model: ModelProto, op: str, index: int = 0) -> None:
    """Remove a node; its consumers read its first input."""
    node = node_of(model, op, index)
    for other in model.graph.node:
        for position, name in enumerate(other.input):
            if name == node.output[0]:
                other.input[position] = node.input[0]
    model.graph.node.remove(node)


def bias(model: ModelProto, op: str, value: float) -> None:
    """Give the first node of `op` a bias."""
    size = 4 if op == "Conv" else 5
    model.graph.initializer.append(numpy_helper.from_array(np.full(size, value, np.float32), "bias"))
    node_of(model, op).input.append("bias")


def large_kernel(model: ModelProto) -> None:
    """Replace the network by one with an 8 x 1 kernel."""
    model.CopyFrom(models.build([models.Conv(2, (8, 1), pads=(0, 0, 0, 0)), models.Dense(3)], SHAPE))


def branch(model: ModelProto) -> None:
    """Let a second node read the spikes."""
    fire = node_of(model, "DualThresholdFire")
    model.graph.node.append(helper.make_node("Flatten", [fire.output[0]], ["second"], "second"))


def dim(model: ModelProto, axis: int, value: int | str) -> None:
    """Set a dimension of the input's shape."""
    dimension = model.graph.input[0].type.tensor_type.shape.dim[axis]
    if isinstance(value, str):
        dimension.dim_param = value
    else:
        dimension.dim_value = value


def computed(model: ModelProto, op: str, position: int) -> None:
    """Make a constant input of the first `op` node the output of a node."""
    node = node_of(model, op)
    name = node.input[position]
    axes = range(len(tensor_of(model, op, position).dims))
    at = list(model.graph.node).index(node)
    model.graph.node.insert(at, helper.make_node("Transpose", [name], ["computed"], "computed", perm=axes))
    node.input[position] = "computed"


def quantize_spikes(model: ModelProto) -> None:
    """Put a Quant node after the first firing."""
    add_after_first_fire(model, "Quant", domain=models.QUANT_DOMAIN)
    extra = next(node for node in model.graph.node if node.name == "extra")
    extra.input.extend(node_of(model, "Quant").input[1:])


def fire_twice(model: ModelProto) -> None:
    """Let the spikes fire again."""
    add_after_first_fire(model, "DualThresholdFire", domain=models.FIRE_DOMAIN)
    first, second = (node_of(model, "DualThresholdFire", index) for index in (0, 1))
    second.input.append(first.input[1])


def fire_scores(model: ModelProto) -> None:
    """Let the last layer fire."""
    model.graph.initializer.append(numpy_helper.from_array(np.zeros((1, 3), np.float32), "last"))
    fire = helper.make_node(
        "DualThresholdFire", ["scores", "last"], ["spikes"], "last", domain=models.FIRE_DOMAIN
    )
    model.graph.node.append(fire)
    model.graph.output[0].name = "spikes"


def pool_image(model: ModelProto) -> None:
    """Leave out the convolution."""
    remove(model, "DualThresholdFire")
    remove(model, "Conv")


def second_output(model: ModelProto) -> None:
    """Make the pooled spikes an output too."""
    pooled = node_of(model, "MaxPool").output[0]
    model.graph.output.append(helper.make_tensor_value_info(pooled, TensorProto.FLOAT, [1, 8, 4, 5]))


def pack(model: ModelProto, to: int = TensorProto.FLOAT, drop: int = 0) -> None:
    """Pack the weights; `to`: type of the first cast. drop: output channels that the first scale lacks."""
    pack_weights(model)
    set_attribute(model, "Cast", "to", to)
    if drop:
        change(model, "Mul", 1, lambda scale: scale[drop:])


def cast_image(model: ModelProto) -> None:
    """Put a Cast between the image and the first layer."""
    conv = node_of(model, "Conv")
    conv.input[0] = "cast"
    model.graph.node.insert(0, helper.make_node("Cast", ["image"], ["cast"], to=TensorProto.FLOAT))


def multiply_twice(model: ModelProto) -> None:
    """Multiply packed weights by 1 once more: work that doubles with each `Mul` of a `Mul` by itself is not begun."""
    pack_weights(model)
    first = node_of(model, "Mul")
    again = helper.make_node("Mul", [f"{first.output[0]}_once", first.input[1]], [first.output[0]])
    first.output[0] += "_once"
    model.graph.node.insert(list(model.graph.node).index(first) + 1, again)
