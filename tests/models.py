"""Random QONNX networks in the format of the export, built without torch, and a strategy of small ones."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from dt_scnn import onnx_functions

QUANT_DOMAIN = "qonnx.custom_op.general"
FIRE_DOMAIN = "hls_project.qonnx"
Thresholds = Literal["mixed", "ties", "floats", "extreme"]
DenseStyle = Literal["gemm", "matmul", "transposed"]


@dataclass(frozen=True)
class Conv:
    """kernel, stride: (rows, columns); pads: (top, left, bottom, right)."""

    kernels: int
    kernel: tuple[int, int] = (3, 3)
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (1, 1, 1, 1)


@dataclass(frozen=True)
class Pool:
    """Max-pooling by `factor` both ways."""

    factor: int


@dataclass(frozen=True)
class Dense:
    """A dense layer."""

    outputs: int


Layer = Conv | Pool | Dense


def parse(spec: str) -> list[Layer]:
    """Return the layers of a spec such as "8C3-P2-4C5x3s2v-FC10"."""
    layers: list[Layer] = []
    for token in spec.split("-"):
        if match := re.fullmatch(r"(\d+)C(\d+)(?:x(\d+))?(?:s(\d+))?(v?)", token):
            rows, columns = int(match[2]), int(match[3] or match[2])
            top, left = (rows - 1) // 2, (columns - 1) // 2
            pads = (0, 0, 0, 0) if match[5] else (top, left, rows - 1 - top, columns - 1 - left)
            stride = int(match[4] or 1)
            layers.append(Conv(int(match[1]), (rows, columns), (stride, stride), pads))
        elif match := re.fullmatch(r"P(\d+)", token):
            layers.append(Pool(int(match[1])))
        elif match := re.fullmatch(r"FC(\d+)", token):
            layers.append(Dense(int(match[1])))
        else:
            raise ValueError(token)
    return layers


def build(
    spec: str | Sequence[Layer],
    shape: tuple[int, int, int],
    bits: int | Sequence[int] = 4,
    seed: int = 0,
    dual: bool = True,
    thresholds: Thresholds = "mixed",
    dense: DenseStyle = "gemm",
    embed: bool = True,
) -> ModelProto:
    """Return a random network for images of `shape` (H, W, C).

    Weights use the whole narrow range of `bits` (one number, or one for each layer), extremes included, at
    random power-of-two scales. Thresholds: "ties" are values that Vm takes, "floats" lie anywhere, "extreme"
    at or beyond what Vm can reach, "mixed" a mixture. `dense` chooses how dense layers are written.
    """
    layers = parse(spec) if isinstance(spec, str) else list(spec)
    widths = [bits] * len(layers) if isinstance(bits, int) else list(bits)
    builder = _Builder(np.random.default_rng(seed), shape, dual, thresholds, dense)
    for index, (layer, width) in enumerate(zip(layers, widths, strict=True)):
        builder.add(layer, width, last=index == len(layers) - 1)
    return builder.finish(embed)


def images(shape: tuple[int, int, int], count: int, seed: int = 0) -> NDArray[np.uint8]:
    """Return random images (N, H, W, C); the first two are all 0 and all 255."""
    result = np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)
    result[:2] = np.array([0, 255], np.uint8)[:count, None, None, None]
    return result


@dataclass
class _Builder:
    rng: np.random.Generator
    shape: tuple[int, int, int]
    dual: bool
    thresholds: Thresholds
    dense: DenseStyle
    nodes: list[NodeProto] = field(default_factory=list)
    initializers: list[TensorProto] = field(default_factory=list)
    tensor: str = "image"
    input_scale: float = 1 / 256
    input_max: int = 255
    flat: bool = False

    def __post_init__(self) -> None:
        self.map = self.shape

    def add(self, layer: Layer, bits: int, last: bool) -> None:
        height, width, channels = self.map
        if isinstance(layer, Conv):
            weight, scale, integers = self._weight((layer.kernels, channels, *layer.kernel), bits, 0, last)
            self._node(
                "Conv",
                [self.tensor, weight],
                kernel_shape=layer.kernel,
                strides=layer.stride,
                pads=layer.pads,
                dilations=(1, 1),
                group=1,
            )
            padded = (height + layer.pads[0] + layer.pads[2], width + layer.pads[1] + layer.pads[3])
            rows, columns = ((padded[i] - layer.kernel[i]) // layer.stride[i] + 1 for i in (0, 1))
            self._fire(scale, integers.reshape(layer.kernels, -1))
            self.map = (rows, columns, layer.kernels * (1 + self.dual))
        elif isinstance(layer, Pool):
            factor = (layer.factor, layer.factor)
            self._node("MaxPool", [self.tensor], kernel_shape=factor, strides=factor, pads=(0, 0, 0, 0))
            self.map = (height // layer.factor, width // layer.factor, channels)
        else:
            if not self.flat:
                self._node("Flatten", [self.tensor], axis=1)
                self.flat = True
            inputs, outputs = height * width * channels, layer.outputs
            axis = 1 if self.dense == "matmul" else 0
            size = (inputs, outputs) if self.dense == "matmul" else (outputs, inputs)
            weight, scale, integers = self._weight(size, bits, axis, last)
            if self.dense == "gemm":
                self._node("Gemm", [self.tensor, weight], transB=1)
            else:
                if self.dense == "transposed":
                    weight = self._after("Transpose", [weight], perm=(1, 0))
                self._node("MatMul", [self.tensor, weight])
            if not last:
                self._fire(scale, integers if axis == 0 else integers.T)
            self.map = (1, 1, outputs * (1 if last else 1 + self.dual))

    def finish(self, embed: bool) -> ModelProto:
        self.nodes[-1].output[0] = "scores"
        height, width, channels = self.shape
        classes = self.map[2]
        graph = helper.make_graph(
            self.nodes,
            "network",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, channels, height, width])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, classes])],
            self.initializers,
        )
        opsets = [
            helper.make_opsetid("", 20),
            helper.make_opsetid(QUANT_DOMAIN, 1),
            helper.make_opsetid(FIRE_DOMAIN, 1),
        ]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        helper.set_model_props(
            model, {"dt_scnn.classes": json.dumps([f"class {index}" for index in range(classes)])}
        )
        if embed:
            onnx_functions.embed(model)
        return model

    def _weight(
        self, size: tuple[int, ...], bits: int, channel_axis: int, per_tensor: bool
    ) -> tuple[str, NDArray[np.float64], NDArray[np.int64]]:
        limit = 2 ** (bits - 1) - 1
        integers = self.rng.integers(-limit, limit + 1, size)
        flat = integers.reshape(-1)
        flat[self.rng.integers(flat.size, size=2)] = [limit, -limit]
        channels = size[channel_axis]
        scale = 2.0 ** self.rng.integers(-9, 1, 1 if per_tensor else channels).repeat(
            channels if per_tensor else 1
        )
        broadcast = np.expand_dims(scale, tuple(axis for axis in range(len(size)) if axis != channel_axis))
        # Off the grid by less than half a step and beyond the range: rounding and clipping matter.
        steps = (
            integers
            + self.rng.choice([-0.375, 0.0, 0.25], size)
            + 2 * (integers == limit)
            - 2 * (integers == -limit)
        )
        name = f"weight{len(self.initializers)}"
        stored = broadcast.reshape(-1)[:1].reshape(()) if per_tensor else broadcast
        parts = {"float": steps * broadcast, "scale": stored, "zero_point": 0.0, "bits": float(bits)}
        inputs = [self._constant(f"{name}_{what}", value) for what, value in parts.items()]
        quantized = self._after("Quant", inputs, QUANT_DOMAIN, signed=1, narrow=1, rounding_mode="ROUND")
        return quantized, scale, integers

    def _fire(self, scale: NDArray[np.float64], integers: NDArray[np.int64]) -> None:
        """Fire kernels whose integer weights are the rows of `integers`."""
        maps = 2 if self.dual else 1
        low = np.minimum(integers, 0).sum(1) * self.input_max
        high = np.maximum(integers, 0).sum(1) * self.input_max
        spread = np.sqrt((integers.astype(float) ** 2).sum(1)) * self.input_max / 2
        middle = np.rint(integers.sum(1) * self.input_max * 0.4)
        near = np.rint(middle + self.rng.normal(size=(maps, len(integers))) * spread * 0.7)
        kinds = {
            "ties": near,
            "floats": near + self.rng.uniform(-0.5, 0.5, near.shape),
            "extreme": self.rng.choice([0, 1], near.shape) * (high - low)
            + low
            + self.rng.integers(-1, 2, near.shape),
        }
        if self.thresholds == "mixed":
            pick = self.rng.choice(3, near.shape, p=[0.6, 0.3, 0.1])
            steps = np.choose(pick, list(kinds.values()))
        else:
            steps = kinds[self.thresholds]
        values = np.sort(steps, axis=0) * scale * self.input_scale
        thresholds = self._constant(f"thresholds{len(self.initializers)}", values)
        self._node("DualThresholdFire", [self.tensor, thresholds], FIRE_DOMAIN)
        self.input_scale, self.input_max = 1.0, 1

    def _constant(self, name: str, value: object) -> str:
        self.initializers.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def _after(self, op: str, inputs: list[str], domain: str = "", **attributes: object) -> str:
        output = f"t{len(self.nodes)}"
        self.nodes.append(
            helper.make_node(op, inputs, [output], f"{op}_{len(self.nodes)}", domain=domain, **attributes)
        )
        return output

    def _node(self, op: str, inputs: list[str], domain: str = "", **attributes: object) -> None:
        self.tensor = self._after(op, inputs, domain, **attributes)


@dataclass(frozen=True)
class Example:
    """A small random network and how to build it."""

    layers: tuple[Layer, ...]
    shape: tuple[int, int, int]
    bits: tuple[int, ...]
    seed: int
    dual: bool
    thresholds: Thresholds
    dense: DenseStyle

    def build(self, embed: bool = True) -> ModelProto:
        """Return the model."""
        return build(
            self.layers, self.shape, self.bits, self.seed, self.dual, self.thresholds, self.dense, embed
        )

    def images(self, count: int = 4) -> NDArray[np.uint8]:
        """Return random images for it."""
        return images(self.shape, count, self.seed)


@st.composite
def networks(draw: st.DrawFn, max_size: int = 9, max_convs: int = 2, max_kernel: int = 4) -> Example:
    """Draw a small valid network: any stride and padding, non-square maps, RGB or grey, 2 to 8 bits."""
    height, width = draw(st.integers(2, max_size)), draw(st.integers(2, max_size))
    shape = (height, width, draw(st.sampled_from([1, 3])))
    layers: list[Layer] = []
    size = [height, width]
    for _ in range(draw(st.integers(0, max_convs))):
        kernel, stride, pads = [], [], [0, 0, 0, 0]
        for axis in (0, 1):
            taps = draw(st.integers(1, max_kernel))
            padding = draw(st.integers(max(0, taps - size[axis]), taps - 1))
            pads[axis] = draw(st.integers(0, padding))
            pads[axis + 2] = padding - pads[axis]
            stride.append(draw(st.integers(1, 3)))
            kernel.append(taps)
            size[axis] = (size[axis] + padding - taps) // stride[axis] + 1
        layers.append(Conv(draw(st.integers(1, 5)), tuple(kernel), tuple(stride), tuple(pads)))
        for _ in range(draw(st.sampled_from([0, 1, 1, 2]))):
            factor = draw(st.integers(1, min(3, *size)))
            layers.append(Pool(factor))
            size = [size[0] // factor, size[1] // factor]
    layers += [Dense(draw(st.integers(1, 6))) for _ in range(draw(st.integers(0 if layers else 1, 1)))]
    layers.append(Dense(draw(st.integers(1, 5))))
    return Example(
        tuple(layers),
        shape,
        tuple(draw(st.lists(st.integers(2, 8), min_size=len(layers), max_size=len(layers)))),
        draw(st.integers(0, 2**16)),
        draw(st.booleans()),
        draw(st.sampled_from(["mixed", "ties", "floats", "extreme"])),
        draw(st.sampled_from(["gemm", "matmul", "transposed"])),
    )
