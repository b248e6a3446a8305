"""Reading a QONNX graph as a network: one input, one chain of layers, scores."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from fractions import Fraction

from onnx import ModelProto, NodeProto, TensorProto

from dt_scnn.errors import ConfigurationError
from dt_scnn.labels import check_class_names
from dt_scnn.qonnx_format import CLASSES, DOMAIN, PIXEL_SCALE, QUANT_DOMAIN, SCORE_STEP
from hls_project.graph.answers import check_answer
from hls_project.graph.bias_neuron import with_offsets
from hls_project.graph.chain import Chain
from hls_project.graph.constants import Constants
from hls_project.graph.exact import is_power_of_two
from hls_project.graph.firing import fires
from hls_project.graph.pixels import input_layout, pixel_scale
from hls_project.graph.scores import integer_scores
from hls_project.graph.signals import Layout, Map, Potential, Shape
from hls_project.graph.source import SourceLayer
from hls_project.graph.view import GraphView, label, refuse

PLAIN_OPSET = 20
_LARGEST_EXPONENT = 64
_LARGEST_IMAGE = 2**24
"""Values of an image; far more than fits a part."""


@dataclass(frozen=True, eq=False)
class Network:
    """The layers of a file in integers, its input shape (H, W, C) and its class names.

    score_step: what one unit of an integer score is in the file's scores; score_error: how far such a score may be off, 0
    where every one is exact. pixel: what a pixel of 1 is at the file's input. plain: the file is in normal form
    (`graph.normal`): every runtime computes it exactly as it is. added_neurons: of the layer before the last, for biases.
    """

    input_shape: Shape
    layers: tuple[SourceLayer, ...]
    classes: tuple[str, ...]
    score_step: Fraction
    score_error: Fraction
    pixel: Fraction
    plain: bool
    added_neurons: int = 0


def read(model: ModelProto, layout: Layout = "NCHW") -> Network:
    """Return the network in `model`, whose convolutions compute in `layout`.

    Raises:
        ConfigurationError: the graph is not a chain of quantized layers that integers compute exactly; the message has a line
            for everything that is wrong.
    """
    view = GraphView(model.graph)
    constants = Constants(model, view)
    name, shape, order = _input(view, layout)
    pixel = pixel_scale(model, view, constants, name)
    channels = shape[2]
    image = Map(shape, order, (pixel,) * channels, (Fraction(0),) * channels, largest=255)
    chain = Chain(view, constants, image, layout)
    constants.know_shape(name, image.tensor_shape)
    chain.plain = _plain_frame(model, view, layout)
    faults = chain.faults
    try:
        _walk(view, chain, name)
        network = _finish(model, chain, shape, pixel)
        if not faults:
            return network
    except ConfigurationError as error:
        faults.append(str(error))
    raise ConfigurationError(said(faults))


def said(faults: list[str]) -> str:
    """Return one message of all faults."""
    different = list(dict.fromkeys(faults))
    if len(different) == 1:
        return different[0]
    return "\n".join([f"{len(different)} faults:", *(f"- {fault}" for fault in different)])


def _walk(view: GraphView, chain: Chain, tensor: str) -> None:
    """Add node after node, until the scores."""
    outputs = {value.name for value in view.graph.output}
    while True:
        nodes = [node for node in view.consumers(tensor) if node.op_type != "Shape"]
        if tensor in outputs or (isinstance(chain.now, Potential) and any(map(_answers, nodes))):
            check_answer(view, outputs, tensor, chain.now)
            return
        if len(nodes) > 1 and isinstance(chain.now, Potential) and all(map(fires, nodes)):
            nodes, joined = _branches(view, nodes)
            chain.add_branches(nodes, tensor, joined)
            tensor = joined.output[0]
            continue
        if len(nodes) != 1:
            names = ", ".join(map(label, nodes)) or "none"
            raise ConfigurationError(
                f"tensor {tensor!r} must be read by one node, a chain without branches, not by {names}"
            )
        node = nodes[0]
        used = [name for name in node.output if name and (view.consumers(name) or name in outputs)]
        if len(used) > 1:
            refuse(node, f"must have one output, not {len(used)}")
        chain.add(node, tensor)
        tensor = node.output[0]


def _answers(node: NodeProto) -> bool:
    return node.op_type in ("ArgMax", "TopK", "Softmax", "LogSoftmax")


def _branches(view: GraphView, nodes: list[NodeProto]) -> tuple[list[NodeProto], NodeProto]:
    """Return nodes that fire side by side in the order in which a `Concat` joins their spikes, and that `Concat`."""
    ends = {}
    for node in nodes:
        name = node.output[0]
        readers = view.consumers(name)
        while len(readers) == 1 and readers[0].op_type in ("Cast", "Identity"):
            name = readers[0].output[0]
            readers = view.consumers(name)
        ends[name] = node
    joins = [reader for name in ends for reader in view.consumers(name)]
    joined = joins[0] if joins else None
    if joined is None or joined.op_type != "Concat" or sorted(joined.input) != sorted(ends):
        raise ConfigurationError(
            f"{', '.join(map(label, nodes))}: nodes that fire on one tensor must be joined by one Concat of their spikes"
        )
    return [ends[name] for name in joined.input], joined


def _finish(model: ModelProto, chain: Chain, shape: Shape, pixel: Fraction) -> Network:
    potential, layers = chain.now, list(chain.layers)
    if layers and layers[-1].vm_shape[:2] == (1, 1) and not any(layers[-1].pads):
        layers[-1] = _as_dense(layers[-1])
        chain.plain &= layers[-1].kind == chain.layers[-1].kind
    if isinstance(potential, Map) or layers[-1].kind != "dense":
        raise ConfigurationError(
            "the last layer must be dense and without firing: its outputs are the scores"
        )
    scores = integer_scores(layers[-1], potential)
    layers[-1] = scores.layer
    chain.plain &= (
        len(set(potential.scale)) == 1
        and scores.layer.bits == chain.layers[-1].bits
        and not scores.offsets.any()
    )
    added = 0
    if scores.offsets.any():
        if len(layers) == 1:
            raise ConfigurationError("the network has no layer that fires: it is no spiking network")
        kernels = layers[-2].vm_shape[2]
        layers[-2:] = with_offsets(layers[-2], layers[-1], scores.offsets)
        added = layers[-2].vm_shape[2] - kernels
    chain.plain &= pixel == Fraction(PIXEL_SCALE) or chain.operators == "NHWC"
    chain.plain &= all(map(_plain_scale, (scale for layer in layers for scale in layer.scale)))
    step = scores.step
    if written := _property(model, SCORE_STEP):
        step = _written_step(written)
    return Network(
        shape,
        tuple(layers),
        _classes(model, len(potential.scale)),
        step,
        scores.error,
        pixel,
        chain.plain,
        added,
    )


def _as_dense(layer: SourceLayer) -> SourceLayer:
    """Return a convolution whose kernel covers its whole map as the dense layer that it is."""
    whole = layer.weights.shape[:2] == layer.input_shape[:2]
    return replace(layer, kind="dense", stride=(1, 1)) if whole else layer


def _plain_scale(scale: Fraction) -> bool:
    return (
        is_power_of_two(scale)
        and abs(scale.numerator.bit_length() - scale.denominator.bit_length()) <= _LARGEST_EXPONENT
    )


def _plain_frame(model: ModelProto, view: GraphView, layout: Layout) -> bool:
    """Say whether a file runs in onnxruntime as this project's own do: its opset, batch and the names of its operators."""
    versions = {opset.domain or "ai.onnx": opset.version for opset in model.opset_import}
    domains = {node.domain for node in view.graph.node}
    dims = view.graph.input[0].type.tensor_type.shape.dim
    return (
        versions.get("ai.onnx") == PLAIN_OPSET
        and domains <= {"", "ai.onnx", DOMAIN, QUANT_DOMAIN, "qonnx.custom_op.channels_last"}
        and {node.op_type for node in view.graph.node if node.domain == QUANT_DOMAIN} <= {"Quant"}
        and dims[0].dim_value == 1
        and view.graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT
        and len(view.graph.output) == 1
    )


def _input(view: GraphView, layout: Layout) -> tuple[str, Shape, Layout]:
    """Return the image's name, shape (H, W, C) and layout."""
    initializers = {tensor.name for tensor in view.graph.initializer}
    inputs = [value for value in view.graph.input if value.name not in initializers]
    if len(inputs) != 1:
        raise ConfigurationError(
            f"the network must have one input, the image, not {[value.name for value in inputs]}"
        )
    kind = inputs[0].type.tensor_type
    order = input_layout(view, inputs[0].name, layout)
    dims = [dim.dim_value if dim.HasField("dim_value") else dim.dim_param or "?" for dim in kind.shape.dim]
    static = len(dims) == 4 and all(isinstance(dim, int) and dim > 0 for dim in dims[1:])
    batch = bool(dims) and (not isinstance(dims[0], int) or dims[0] in (0, 1))
    known = (TensorProto.FLOAT, TensorProto.UINT8)
    if not static or not batch or kind.elem_type not in known:
        types = {number: name for name, number in TensorProto.DataType.items()}
        raise ConfigurationError(
            f"input {inputs[0].name!r} must be float32 with a static shape (1, {', '.join(order[1:])}), its batch 1 or symbolic, "
            f"not {types.get(kind.elem_type, kind.elem_type)} ({', '.join(map(str, dims))})"
        )
    readers = view.consumers(inputs[0].name)
    if kind.elem_type == TensorProto.UINT8 and any(
        node.op_type not in ("Cast", "Shape", "Transpose") for node in readers
    ):
        refuse(readers[0], "reads the image as bytes, UINT8; put a Cast to float before it")
    first, second, third = (int(dim) for dim in dims[1:])
    if (size := first * second * third) > _LARGEST_IMAGE:
        raise ConfigurationError(
            f"input {inputs[0].name!r} has {size:,} values, more than the {_LARGEST_IMAGE:,} of the largest image"
        )
    return inputs[0].name, (second, third, first) if order == "NCHW" else (first, second, third), order


def _property(model: ModelProto, key: str) -> str | None:
    return {prop.key: prop.value for prop in model.metadata_props}.get(key)


def _written_step(text: str) -> Fraction:
    try:
        step = Fraction(float.fromhex(text))
    except (ValueError, OverflowError):
        step = Fraction(0)
    if step <= 0:
        raise ConfigurationError(
            f"metadata {SCORE_STEP} must be a positive hexadecimal float, not {text[:80]!r}"
        )
    return step


def _classes(model: ModelProto, count: int) -> tuple[str, ...]:
    text = _property(model, CLASSES)
    if text is None:
        return tuple(str(index) for index in range(count))
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or len(names) != count:
        raise ConfigurationError(
            f"metadata dt_scnn.classes must be a JSON list of {count} names, not {text[:200]!r}"
        )
    return check_class_names(f"metadata {CLASSES}", names)
