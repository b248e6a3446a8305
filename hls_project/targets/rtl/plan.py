"""What each hardware layer consists of: folds, widths, latencies and FIFO depths, from the hls4ml graph."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import prod
from typing import Any, Literal

import numpy as np
from hls4ml.model.graph import ModelGraph
from hls4ml.model.layers import Input, Layer, Reshape
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from hls_project.layers.scores_argmax import ScoresArgmax
from hls_project.layers.spike_pool import SpikePool
from hls_project.layers.spiking_conv2d import SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense
from hls_project.plan.folding import Foldable

IntArray = NDArray[np.int64]

MIN_VM_BITS = 2


@dataclass(frozen=True)
class Fifo:
    """A FIFO behind a pipeline that never stalls. reserve: beats that may come after `room` has ended."""

    bits: int
    depth: int
    reserve: int


@dataclass(frozen=True, eq=False)
class HardwareLayer:
    """One layer of the core.

    name: an identifier. source: name of its hls4ml node. shapes: (H, W, C). folds: cycles of a window (conv) or of a beat
    (dense), in each of which `lanes` kernels (conv) or input channels (dense) are computed.
    weights: int64 `(folds, taps, lanes)` for a convolution, `(inputs, outputs)` for a dense layer.
    thresholds: `(maps, kernels)`, None for scores and pools. latency: cycles from a window's first cycle to the beat's
    arrival in the FIFO. cycles: of one frame when neither neighbour makes it wait.
    """

    name: str
    source: str
    kind: Literal["conv", "dense", "pool"]
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    input_bits: int
    folds: int = 1
    lanes: int = 1
    pool: int = 1
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    vm_shape: tuple[int, int] = (1, 1)
    vm_bits: int = MIN_VM_BITS
    weight_bits: int = 0
    weights: IntArray | None = None
    thresholds: IntArray | None = None

    @property
    def fold_bits(self) -> int:
        """Return the width of the fold counter."""
        return max(1, (self.folds - 1).bit_length())

    @property
    def cycles(self) -> int:
        """Return the cycles of one frame in steady state."""
        beats = prod(self.input_shape[:2])
        windows = prod(self.vm_shape) if self.kind == "conv" else beats
        return Foldable(self.name, beats, self.folds, windows).cycles(self.folds)


def hardware_layers(model: ModelGraph) -> list[HardwareLayer]:
    """Return the layers of the core, in order.

    Raises:
        ConfigurationError: the graph holds something that has no hardware; the message names it.
    """
    result: list[HardwareLayer] = []
    for node in model.get_layers():
        if isinstance(node, (Input, ScoresArgmax, Reshape)):  # a Reshape changes no stream
            continue
        if isinstance(node, SpikingConv2D):
            result.append(_conv(node))
        elif isinstance(node, SpikingDense):
            result.append(_dense(node))
        elif isinstance(node, SpikePool):
            result.append(_pool(node))
        else:
            raise ConfigurationError(
                f"node {node.name!r} ({type(node).__name__}): target rtl builds convolutions and dense layers that fire, "
                "spike pools and a last dense layer of scores, nothing else"
            )
    if not result or result[-1].thresholds is not None or result[-1].kind != "dense":
        raise ConfigurationError("target rtl needs a network that ends in a dense layer of scores")
    names = [layer.name for layer in result]
    if len(set(names)) != len(names):
        raise ConfigurationError(f"layer names are not distinct as identifiers: {names}")
    return result


def fifo(layer: HardwareLayer, latency: int) -> Fifo:
    """Return the FIFO behind `layer`, whose last pipeline stage is `latency` cycles after its window's first step.

    A layer looks at `room`, a cycle old, before each step, so `latency + 1` cycles' windows may be under way; of them,
    one in `pool` ends a pooling window. Beyond those the FIFO holds a row, which comes as a burst.
    """
    if layer.kind == "conv":
        windows = -(-(latency + 1) // layer.folds)
        under_way = -(-windows // layer.pool)
    else:
        under_way = 3
    row = layer.output_shape[1] if layer.kind != "dense" else 1
    depth = 1 << max(2, (under_way + row - 1).bit_length())
    return Fifo(layer.output_shape[2], depth, under_way - 1)


def _conv(node: Layer) -> HardwareLayer:
    folded = _integers(node, "weight")  # [fold][row][column][channel][lane]
    folds, rows, columns, channels, lanes = folded.shape
    output = node.get_output_variable().shape
    maps = int(node.get_attr("n_thresholds"))
    return HardwareLayer(
        name=identifier(node.name),
        source=node.name,
        kind="conv",
        input_shape=(_get(node, "in_height"), _get(node, "in_width"), channels),
        output_shape=(int(output[0]), int(output[1]), int(output[2])),
        input_bits=int(node.get_input_variable().type.precision.width),
        folds=folds,
        lanes=lanes,
        pool=_get(node, "pool"),
        kernel=(rows, columns),
        stride=(_get(node, "stride_height"), _get(node, "stride_width")),
        pads=(
            _get(node, "pad_top"),
            _get(node, "pad_left"),
            _get(node, "pad_bottom"),
            _get(node, "pad_right"),
        ),
        vm_shape=(_get(node, "vm_height"), _get(node, "vm_width")),
        vm_bits=_vm_bits(node),
        weight_bits=int(node.get_weights("weight").type.precision.width),
        weights=folded.reshape(folds, rows * columns * channels, lanes),
        thresholds=_integers(node, "threshold").reshape(maps, -1),
    )


def _dense(node: Layer) -> HardwareLayer:
    shape = [int(size) for size in node.get_input_variable().shape]
    folds = int(node.get_attr("reuse_factor"))
    maps, outputs = int(node.get_attr("n_thresholds")), _get(node, "n_out")
    weights = _integers(node, "weight").reshape(-1, outputs)
    return HardwareLayer(
        name=identifier(node.name),
        source=node.name,
        kind="dense",
        input_shape=(1, prod(shape[:-1]), shape[-1]),
        output_shape=(1, 1, maps * outputs if maps else outputs),
        input_bits=int(node.get_input_variable().type.precision.width),
        folds=folds,
        lanes=shape[-1] // folds,
        vm_bits=_vm_bits(node),
        weight_bits=int(node.get_weights("weight").type.precision.width),
        weights=weights,
        thresholds=_integers(node, "threshold").reshape(maps, -1) if maps else None,
    )


def _pool(node: Layer) -> HardwareLayer:
    height, width, channels = (int(size) for size in node.get_input_variable().shape)
    output = node.get_output_variable().shape
    return HardwareLayer(
        name=identifier(node.name),
        source=node.name,
        kind="pool",
        input_shape=(height, width, channels),
        output_shape=(int(output[0]), int(output[1]), channels),
        input_bits=1,
        pool=_get(node, "pool"),
        vm_shape=(height, width),
    )


def identifier(name: str) -> str:
    """Return `name` as an identifier of SystemVerilog, in lower case."""
    return re.sub(r"\W", "_", name).lower().strip("_") or "layer"


def _get(node: Layer, attribute: str) -> int:
    return int(node.get_attr(attribute))


def _integers(node: Layer, weight: str) -> IntArray:
    data: Any = node.get_weights(weight).data
    return np.asarray(data).astype(np.int64)


def _vm_bits(node: Layer) -> int:
    return max(MIN_VM_BITS, int(node.get_attr("vm_t").precision.width))
