"""Reading the chain of layers out of a QONNX graph, refusing whatever would not be computed exactly."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto

from hls_project.graph.view import GraphView, attribute, label
from hls_project.graph.weights import QuantizedWeights, read_weights
from quant_train.errors import ConfigurationError

Layout = Literal["NCHW", "NHWC"]
Shape = tuple[int, int, int]
LARGEST_KERNEL = 7


@dataclass(frozen=True)
class SourceLayer:
    """One convolution or dense layer as the file has it.

    input_shape: (H, W, C) of the map that it reads; a dense layer reads its flattening. weights: integers
    `(kh, kw, Cin, Cout)`, kh x kw = H x W for a dense layer. thresholds: float64 `(K, Cout)` or None. pool:
    the factor of the max-pooling after it, 1 for none. vm, spikes, pooled: names of the file's tensors.
    """

    kind: Literal["conv", "dense"]
    input_shape: Shape
    vm_shape: Shape
    weights: QuantizedWeights
    stride: tuple[int, int]
    pads: tuple[int, int, int, int]
    vm: str
    thresholds: NDArray[np.float64] | None = None
    pool: int = 1
    spikes: str = ""
    pooled: str = ""

    @property
    def output_shape(self) -> Shape:
        """Return (H, W, C) after firing and pooling."""
        height, width, kernels = self.vm_shape
        maps = 1 if self.thresholds is None else len(self.thresholds)
        return height // self.pool, width // self.pool, maps * kernels


@dataclass(frozen=True)
class Network:
    """The layers of a file, its input shape (H, W, C) and its class names."""

    input_shape: Shape
    layers: tuple[SourceLayer, ...]
    classes: tuple[str, ...]


def read(model: ModelProto, layout: Layout = "NCHW") -> Network:
    """Return the network in `model`, whose images are `layout`.

    Raises:
        ConfigurationError: the graph is not a chain of quantized layers that this project computes exactly.
    """
    view = GraphView(model.graph)
    tensor, shape = _input(view, layout)
    state = _Chain(view, layout, shape)
    output = _output(view)
    while tensor != output:
        node = _only_consumer(view, tensor)
        state.add(node)
        tensor = node.output[0]
    layers = state.finish()
    return Network(shape, layers, _classes(model, layers[-1].vm_shape[2]))


@dataclass
class _Chain:
    """The layers read so far, and the shape (H, W, C) of the last tensor; `flat` once it is flattened."""

    view: GraphView
    layout: Layout
    shape: Shape
    flat: bool = False
    layers: list[SourceLayer] = field(default_factory=list)
    open: bool = False  # the last layer has not fired yet

    def add(self, node: NodeProto) -> None:
        """Append a node."""
        readers = {
            "Conv": self._conv,
            "Gemm": self._dense,
            "MatMul": self._dense,
            "DualThresholdFire": self._fire,
            "MaxPool": self._pool,
            "Flatten": self._flatten,
            "Reshape": self._flatten,
        }
        if node.op_type not in readers:
            raise ConfigurationError(
                f"{label(node)}: cannot stand on the path of the spikes; supported are {sorted(readers)}"
            )
        if self.open and node.op_type != "DualThresholdFire":
            raise ConfigurationError(
                f"{label(node)}: follows a layer that has not fired; every layer but the last needs a DualThresholdFire"
            )
        readers[node.op_type](node)

    def finish(self) -> tuple[SourceLayer, ...]:
        """Return the layers."""
        if not self.open or self.layers[-1].kind != "dense":
            raise ConfigurationError(
                "the network must end with a dense layer without firing, whose output are the scores"
            )
        if len(set(self.layers[-1].weights.scale)) != 1:
            raise ConfigurationError(
                "the last dense layer must have one weight scale for all classes, or its scores could not be compared"
            )
        return tuple(self.layers)

    def _conv(self, node: NodeProto) -> None:
        self._needs_map(node)
        _no_bias(self.view, node, 2)
        order = (2, 3, 1, 0) if self.layout == "NCHW" else (1, 2, 3, 0)
        weights = read_weights(self.view, node, order)
        kernel = weights.integers.shape[:2]
        dilations, group = attribute(node, "dilations", [1, 1]), attribute(node, "group", 1)
        strides, pads = attribute(node, "strides", [1, 1]), attribute(node, "pads", [0, 0, 0, 0])
        _require(node, "auto_pad", attribute(node, "auto_pad", "NOTSET"), ("NOTSET", "VALID"))
        _require(node, "dilations", list(dilations), ([1, 1],))
        _require(node, "group", group, (1,))
        _require(node, "kernel_shape", list(attribute(node, "kernel_shape", kernel)), (list(kernel),))
        if weights.integers.shape[2] != self.shape[2]:
            raise ConfigurationError(
                f"{label(node)}: weights are for {weights.integers.shape[2]} input channels, but there are {self.shape[2]}"
            )
        if max(kernel) > LARGEST_KERNEL:
            raise ConfigurationError(
                f"{label(node)}: kernels must be at most 7 x 7, not {kernel[0]} x {kernel[1]}"
            )
        if len(strides) != 2 or min(strides) < 1 or len(pads) != 4 or min(pads) < 0:
            raise ConfigurationError(f"{label(node)}: wrong strides {list(strides)} or pads {list(pads)}")
        sizes = []
        for axis, name in enumerate(("height", "width")):
            padding, size, taps = pads[axis] + pads[axis + 2], self.shape[axis], kernel[axis]
            if padding > taps - 1:
                raise ConfigurationError(
                    f"{label(node)}: pads must add up to at most kernel - 1 = {taps - 1} along the {name}, not {padding}"
                )
            if size + padding < taps:
                raise ConfigurationError(
                    f"{label(node)}: the kernel's {name} {taps} exceeds the padded image's {size + padding}"
                )
            sizes.append((size + padding - taps) // strides[axis] + 1)
        vm_shape = (sizes[0], sizes[1], weights.integers.shape[3])
        self._append(
            SourceLayer("conv", self.shape, vm_shape, weights, tuple(strides), tuple(pads), node.output[0])
        )

    def _dense(self, node: NodeProto) -> None:
        if not self.flat:
            raise ConfigurationError(f"{label(node)}: must read a flattened tensor; put a Flatten before it")
        _require(node, "alpha", attribute(node, "alpha", 1.0), (1.0,))
        _require(node, "transA", attribute(node, "transA", 0), (0,))
        _no_bias(self.view, node, 2)
        weights = read_weights(self.view, node, (1, 0) if attribute(node, "transB", 0) else (0, 1))
        height, width, channels = self.shape
        inputs, outputs = weights.integers.shape
        if inputs != height * width * channels:
            raise ConfigurationError(
                f"{label(node)}: weights are for {inputs} inputs, but there are {height * width * channels}"
            )
        if self.layout == "NCHW":
            integers = weights.integers.reshape(channels, height, width, outputs).transpose(1, 2, 0, 3)
        else:
            integers = weights.integers.reshape(height, width, channels, outputs)
        weights = weights._replace(integers=integers)
        self._append(
            SourceLayer("dense", self.shape, (1, 1, outputs), weights, (1, 1), (0, 0, 0, 0), node.output[0])
        )

    def _fire(self, node: NodeProto) -> None:
        if not self.open:
            raise ConfigurationError(f"{label(node)}: must directly follow a convolution or dense layer")
        layer = self.layers[-1]
        layout = attribute(node, "data_layout", "NCHW")
        if layer.kind == "conv":
            _require(node, "data_layout", layout, (self.layout,))
        thresholds = self.view.constant(node.input[1])
        kernels = layer.vm_shape[2]
        if thresholds is None:
            raise ConfigurationError(
                f"{label(node)}: thresholds must be constant, but {node.input[1]!r} is computed"
            )
        if thresholds.ndim != 2 or thresholds.shape[0] not in (1, 2) or thresholds.shape[1] != kernels:
            raise ConfigurationError(
                f"{label(node)}: thresholds must have shape (1, {kernels}) or (2, {kernels}), not {thresholds.shape}"
            )
        if not np.isfinite(thresholds).all():
            what = "NaN" if np.isnan(thresholds).any() else "infinite"
            raise ConfigurationError(f"{label(node)}: thresholds must be finite, but one is {what}")
        if np.any(thresholds[0] > thresholds[-1]):
            kernel = int(np.argmax(thresholds[0] > thresholds[-1]))
            raise ConfigurationError(
                f"{label(node)}: thresholds must be in order (Vth1 <= Vth2), but kernel {kernel} has "
                f"{thresholds[0, kernel]:g} and {thresholds[-1, kernel]:g}"
            )
        fired = replace(
            layer, thresholds=thresholds.astype(np.float64), spikes=node.output[0], pooled=node.output[0]
        )
        self.layers[-1] = fired
        self.shape, self.open, self.flat = fired.output_shape, False, fired.kind == "dense"

    def _pool(self, node: NodeProto) -> None:
        self._needs_map(node)
        if not self.layers:
            raise ConfigurationError(f"{label(node)}: max-pooling is supported on spikes, not on the image")
        kernel = list(attribute(node, "kernel_shape", []))
        if len(kernel) != 2 or kernel[0] != kernel[1] or kernel[0] < 1:
            raise ConfigurationError(f"{label(node)}: kernel_shape must be square, not {kernel}")
        _require(node, "auto_pad", attribute(node, "auto_pad", "NOTSET"), ("NOTSET", "VALID"))
        _require(node, "strides", list(attribute(node, "strides", [1, 1])), (kernel,))
        _require(node, "pads", list(attribute(node, "pads", [0, 0, 0, 0])), ([0, 0, 0, 0],))
        _require(node, "dilations", list(attribute(node, "dilations", [1, 1])), ([1, 1],))
        _require(node, "ceil_mode", attribute(node, "ceil_mode", 0), (0,))
        if kernel[0] > min(self.shape[:2]):
            raise ConfigurationError(
                f"{label(node)}: a {kernel[0]} x {kernel[0]} window does not fit a {self.shape[0]} x {self.shape[1]} map"
            )
        layer = self.layers[-1]
        pooled = replace(layer, pool=layer.pool * kernel[0], pooled=node.output[0])
        self.layers[-1], self.shape = pooled, pooled.output_shape

    def _flatten(self, node: NodeProto) -> None:
        features = int(np.prod(self.shape))
        if node.op_type == "Flatten":
            _require(node, "axis", attribute(node, "axis", 1), (1, -3))
        else:
            target = self.view.constant(node.input[1])
            wanted = ([1, -1], [1, features], [-1, features], [0, -1], [0, features])
            _require(node, "target shape", None if target is None else target.tolist(), wanted)
        self.flat = True

    def _needs_map(self, node: NodeProto) -> None:
        if self.flat:
            raise ConfigurationError(f"{label(node)}: needs a map of rank 4, but reads a flattened tensor")

    def _append(self, layer: SourceLayer) -> None:
        self.layers.append(layer)
        self.open = True


def _require(node: NodeProto, name: str, got: object, allowed: tuple[object, ...]) -> None:
    if got not in allowed:
        wanted = " or ".join(str(value) for value in allowed)
        raise ConfigurationError(f"{label(node)}: {name} must be {wanted}, not {got}")


def _no_bias(view: GraphView, node: NodeProto, index: int) -> None:
    if len(node.input) > index and node.input[index]:
        bias = view.constant(node.input[index])
        if bias is None or np.any(bias != 0):
            raise ConfigurationError(f"{label(node)}: must have no bias; fold it into the thresholds")


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
        order = "(1, C, H, W)" if layout == "NCHW" else "(1, H, W, C)"
        raise ConfigurationError(
            f"input {inputs[0].name!r} must be float32 with a static shape {order}, not "
            f"{TensorProto.DataType.Name(kind.elem_type)} {tuple(dims)}"
        )
    _, first, second, third = (int(dim) for dim in dims)
    return inputs[0].name, (second, third, first) if layout == "NCHW" else (first, second, third)


def _output(view: GraphView) -> str:
    outputs = [value.name for value in view.graph.output]
    if len(outputs) != 1:
        raise ConfigurationError(f"the network must have one output, the scores, not {outputs}")
    if view.consumers(outputs[0]):
        raise ConfigurationError(
            f"the output {outputs[0]!r} is read again inside the network; branches are not supported"
        )
    return outputs[0]


def _only_consumer(view: GraphView, tensor: str) -> NodeProto:
    consumers = view.consumers(tensor)
    if len(consumers) != 1:
        names = [label(node) for node in consumers] or "none"
        raise ConfigurationError(
            f"tensor {tensor!r} must be read by one node, not by {names}; branches are not supported"
        )
    if consumers[0].input[0] != tensor or len(consumers[0].output) != 1:
        raise ConfigurationError(
            f"{label(consumers[0])}: reads the spikes in the wrong place or has several outputs"
        )
    return consumers[0]


def _classes(model: ModelProto, count: int) -> tuple[str, ...]:
    text = {prop.key: prop.value for prop in model.metadata_props}.get("dt_scnn.classes")
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
