"""The chain of layers that a network's nodes form; each node is checked as it is added."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from dt_scnn.errors import ConfigurationError
from hls_project.graph.view import GraphView, attribute, refuse, require
from hls_project.graph.weights import QuantizedWeights, read_weights

Layout = Literal["NCHW", "NHWC"]
Shape = tuple[int, int, int]
LARGEST_KERNEL = 7


@dataclass(frozen=True, eq=False)
class SourceLayer:
    """One convolution or dense layer as the file has it.

    input_shape: (H, W, C) of the map that it reads; a dense layer reads its flattening.
    weights: integers `(kh, kw, Cin, Cout)`; kh x kw = H x W for a dense layer.
    thresholds: float64 `(K, Cout)`, or None. pool: factor of the max-pooling after it, 1 for none.
    vm, spikes, pooled: names of the file's tensors.
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


@dataclass
class Chain:
    """The layers so far. shape: (H, W, C) of the last map; `flat` once that is flattened."""

    view: GraphView
    layout: Layout
    shape: Shape
    flat: bool = False
    layers: list[SourceLayer] = field(default_factory=list)
    fired: bool = True

    def add(self, node: NodeProto) -> None:
        """Append a node.

        Raises:
            ConfigurationError: it cannot stand here, or is not computed exactly by this project.
        """
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
            refuse(
                node,
                f"cannot stand between image and scores; supported there are {', '.join(readers)}",
            )
        if not self.fired and node.op_type != "DualThresholdFire":
            refuse(
                node, "every convolution and dense layer but the last must be followed by a DualThresholdFire"
            )
        readers[node.op_type](node)

    def finish(self) -> tuple[SourceLayer, ...]:
        """Return the layers.

        Raises:
            ConfigurationError: the chain does not end in scores.
        """
        if self.fired or self.layers[-1].kind != "dense":
            raise ConfigurationError(
                "the last layer must be dense and without firing: its outputs are the scores"
            )
        if len(set(self.layers[-1].weights.scale)) != 1:
            raise ConfigurationError(
                "the last layer must have one weight scale for all classes, or scores could not be compared"
            )
        return tuple(self.layers)

    def _conv(self, node: NodeProto) -> None:
        self._needs_map(node)
        _needs_no_bias(self.view, node)
        require(node, "group", attribute(node, "group", 1), 1)
        require(node, "dilations", attribute(node, "dilations", [1, 1]), [1, 1])
        require(node, "auto_pad", attribute(node, "auto_pad", "NOTSET"), "NOTSET", "VALID")
        weights = read_weights(self.view, node, (2, 3, 1, 0) if self.layout == "NCHW" else (1, 2, 3, 0))
        rows, columns, channels, kernels = weights.integers.shape
        require(node, "kernel_shape", attribute(node, "kernel_shape", [rows, columns]), [rows, columns])
        require(node, "number of input channels", channels, self.shape[2])
        if max(rows, columns) > LARGEST_KERNEL:
            refuse(node, f"the kernel must be at most 7 x 7, not {rows} x {columns}")
        strides, pads = attribute(node, "strides", [1, 1]), attribute(node, "pads", [0, 0, 0, 0])
        if len(strides) != 2 or min(strides) < 1:
            refuse(node, f"strides must be two numbers from 1 up, not {strides}")
        if len(pads) != 4 or min(pads) < 0:
            refuse(node, f"pads must be four numbers from 0 up, not {pads}")
        sizes = []
        for axis, taps in enumerate((rows, columns)):
            padding, size = pads[axis] + pads[axis + 2], self.shape[axis]
            if padding >= taps:
                refuse(
                    node, f"pads along an axis must add up to less than the kernel's {taps}, not {padding}"
                )
            if size + padding < taps:
                refuse(node, f"a kernel of {taps} does not fit the {size + padding} pixels of the padded map")
            sizes.append((size + padding - taps) // strides[axis] + 1)
        vm_shape = (sizes[0], sizes[1], kernels)
        layer = SourceLayer(
            "conv", self.shape, vm_shape, weights, tuple(strides), tuple(pads), node.output[0]
        )
        self._append(layer)

    def _dense(self, node: NodeProto) -> None:
        if not self.flat:
            refuse(node, "must read a flattened tensor; put a Flatten before it")
        _needs_no_bias(self.view, node)
        require(node, "alpha", attribute(node, "alpha", 1.0), 1.0)
        require(node, "transA", attribute(node, "transA", 0), 0)
        weights = read_weights(self.view, node, (1, 0) if attribute(node, "transB", 0) else (0, 1))
        height, width, channels = self.shape
        inputs, outputs = weights.integers.shape
        require(node, "number of inputs", inputs, height * width * channels)
        if self.layout == "NCHW":
            taps = weights.integers.reshape(channels, height, width, outputs).transpose(1, 2, 0, 3)
        else:
            taps = weights.integers.reshape(height, width, channels, outputs)
        weights = weights._replace(integers=taps)
        vm_shape = (1, 1, outputs)
        self._append(
            SourceLayer("dense", self.shape, vm_shape, weights, (1, 1), (0, 0, 0, 0), node.output[0])
        )

    def _fire(self, node: NodeProto) -> None:
        if self.fired:
            refuse(node, "must directly follow a convolution or dense layer")
        layer = self.layers[-1]
        kernels = layer.vm_shape[2]
        if layer.kind == "conv":
            require(node, "data_layout", attribute(node, "data_layout", "NCHW"), self.layout)
        thresholds = self.view.float_constant(node, 1, "thresholds")
        require(node, "shape of the thresholds", thresholds.shape, (1, kernels), (2, kernels))
        if not np.isfinite(thresholds).all():
            what = "NaN" if np.isnan(thresholds).any() else "infinite"
            refuse(node, f"thresholds must be finite, but one is {what}")
        first, last = thresholds[0], thresholds[-1]
        if np.any(first > last):
            at = int(np.argmax(first > last))
            refuse(
                node,
                f"thresholds must be ordered, Vth1 <= Vth2, but kernel {at} has {first[at]} and {last[at]}",
            )
        spikes = node.output[0]
        layer = replace(layer, thresholds=thresholds.astype(np.float64), spikes=spikes, pooled=spikes)
        self.layers[-1], self.shape, self.fired = layer, layer.output_shape, True

    def _pool(self, node: NodeProto) -> None:
        self._needs_map(node)
        if not self.layers:
            refuse(node, "max-pooling is supported on spikes, not on the image")
        kernel = attribute(node, "kernel_shape", [])
        if len(kernel) != 2 or kernel[0] != kernel[1] or kernel[0] < 1:
            refuse(node, f"kernel_shape must be square, not {kernel}")
        require(node, "strides", attribute(node, "strides", [1, 1]), kernel)
        require(node, "pads", attribute(node, "pads", [0, 0, 0, 0]), [0, 0, 0, 0])
        require(node, "dilations", attribute(node, "dilations", [1, 1]), [1, 1])
        require(node, "auto_pad", attribute(node, "auto_pad", "NOTSET"), "NOTSET", "VALID")
        require(node, "ceil_mode", attribute(node, "ceil_mode", 0), 0)
        factor = int(kernel[0])
        height, width, _ = self.shape
        if factor > min(height, width):
            refuse(node, f"a {factor} x {factor} window does not fit a {height} x {width} map")
        layer = replace(self.layers[-1], pool=self.layers[-1].pool * factor, pooled=node.output[0])
        self.layers[-1], self.shape = layer, layer.output_shape

    def _flatten(self, node: NodeProto) -> None:
        features = int(np.prod(self.shape))
        if node.op_type == "Flatten":
            require(node, "axis", attribute(node, "axis", 1), 1)
        else:
            target = self.view.constant(node.input[1])
            allowed = ([1, -1], [1, features], [-1, features], [0, -1], [0, features])
            require(node, "target shape", "computed" if target is None else target.tolist(), *allowed)
        self.flat = True

    def _needs_map(self, node: NodeProto) -> None:
        if self.flat:
            refuse(node, "needs a map of rank 4, but reads a flattened tensor")

    def _append(self, layer: SourceLayer) -> None:
        self.layers.append(layer)
        self.fired = False


def _needs_no_bias(view: GraphView, node: NodeProto) -> None:
    if len(node.input) > 2 and node.input[2]:
        bias = view.constant(node.input[2])
        if bias is None or np.any(bias != 0):
            refuse(node, "must have no bias; fold it into the thresholds")
