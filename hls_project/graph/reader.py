"""Reading a QONNX graph as a network: one input, one chain of layers, one output."""

from __future__ import annotations

import json
from dataclasses import dataclass

from onnx import ModelProto, NodeProto, TensorProto

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import CLASSES
from hls_project.graph.chain import Chain, Layout, Shape, SourceLayer
from hls_project.graph.view import GraphView, label, refuse


@dataclass(frozen=True, eq=False)
class Network:
    """The layers of a file, its input shape (H, W, C) and its class names."""

    input_shape: Shape
    layers: tuple[SourceLayer, ...]
    classes: tuple[str, ...]


def read(model: ModelProto, layout: Layout = "NCHW") -> Network:
    """Return the network in `model`, whose image is (1, C, H, W) or (1, H, W, C), as `layout` says.

    Raises:
        ConfigurationError: the graph is not a chain of quantized layers that this project computes exactly.
    """
    view = GraphView(model.graph)
    tensor, shape = _input(view, layout)
    output = _output(view)
    chain = Chain(view, layout, shape)
    while tensor != output:
        node = _only_consumer(view, tensor)
        chain.add(node)
        tensor = node.output[0]
    layers = chain.finish()
    return Network(shape, layers, _classes(model, layers[-1].vm_shape[2]))


def _input(view: GraphView, layout: Layout) -> tuple[str, Shape]:
    initializers = {tensor.name for tensor in view.graph.initializer}
    inputs = [value for value in view.graph.input if value.name not in initializers]
    if len(inputs) != 1:
        raise ConfigurationError(
            f"the network must have one input, the image, not {[value.name for value in inputs]}"
        )
    kind = inputs[0].type.tensor_type
    dims = [dim.dim_value if dim.HasField("dim_value") else dim.dim_param or "?" for dim in kind.shape.dim]
    static = len(dims) == 4 and all(isinstance(dim, int) and dim > 0 for dim in dims) and dims[0] == 1
    if not static or kind.elem_type != TensorProto.FLOAT:
        raise ConfigurationError(
            f"input {inputs[0].name!r} must be float32 with a static shape (1, {', '.join(layout[1:])}), not "
            f"{TensorProto.DataType.Name(kind.elem_type)} ({', '.join(map(str, dims))})"
        )
    _, first, second, third = (int(dim) for dim in dims)
    return inputs[0].name, (second, third, first) if layout == "NCHW" else (first, second, third)


def _output(view: GraphView) -> str:
    outputs: list[str] = [value.name for value in view.graph.output]
    if len(outputs) != 1:
        raise ConfigurationError(f"the network must have one output, the scores, not {outputs}")
    return outputs[0]


def _only_consumer(view: GraphView, tensor: str) -> NodeProto:
    consumers = view.consumers(tensor)
    if len(consumers) != 1:
        names = ", ".join(map(label, consumers)) or "none"
        raise ConfigurationError(
            f"tensor {tensor!r} must be read by one node, a chain without branches, not by {names}"
        )
    node = consumers[0]
    if node.input[0] != tensor:
        refuse(node, f"must read {tensor!r} as its first input")
    if len(node.output) != 1:
        refuse(node, f"must have one output, not {len(node.output)}")
    return node


def _classes(model: ModelProto, count: int) -> tuple[str, ...]:
    text = {prop.key: prop.value for prop in model.metadata_props}.get(CLASSES)
    if text is None:
        return tuple(str(index) for index in range(count))
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) != count:
        raise ConfigurationError(
            f"metadata dt_scnn.classes must be a JSON list of {count} names, not {text!r}"
        )
    return tuple(names)
