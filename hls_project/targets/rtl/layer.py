"""A layer of the core as the engines know it: shapes, integers, and the fold that was chosen."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hls_project.graph.bounds import Inputs, signed_width
from hls_project.graph.layer import Layer
from hls_project.plan.fold import Fold

IntArray = NDArray[np.int64]

MIN_VM_BITS = 2
PIXEL_BITS = 8


@dataclass(frozen=True, eq=False)
class HardwareLayer:
    """One layer of the core.

    name: an identifier. source: name of its hls4ml node. inputs: what it reads. input_shape, output_shape: (H, W, C), of a
    dense layer the map that it reads and (1, 1, outputs).
    kernel, stride: (rows, columns). pads: (top, left, bottom, right). vm_shape: (H, W) before pooling.
    pool: factor, 1 for none. vm_bits: of the narrowest exact potential.
    weights: int64 `(kh, kw, Cin, kernels)`, of a dense layer `(H * W * C, outputs)`; None for a pool.
    thresholds: `(maps, kernels)`, None for scores and pools.
    fold: what computes it; None until that is chosen.
    """

    name: str
    source: str
    kind: Literal["conv", "dense", "pool"]
    inputs: Inputs
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]
    pool: int = 1
    kernel: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)
    vm_shape: tuple[int, int] = (1, 1)
    vm_bits: int = MIN_VM_BITS
    weight_bits: int = 0
    weights: IntArray | None = None
    thresholds: IntArray | None = None
    fold: Fold | None = None

    @property
    def input_bits(self) -> int:
        """Return the bits of one channel of the map that it reads."""
        return PIXEL_BITS if self.inputs is Inputs.PIXELS else 1

    @property
    def kernels(self) -> int:
        """Return the number of kernels or outputs; of a pool, its channels."""
        return self.output_shape[2] if self.weights is None else int(self.weights.shape[-1])

    @property
    def maps(self) -> int:
        """Return the number of thresholds, 0 for scores and pools."""
        return 0 if self.thresholds is None else len(self.thresholds)

    @property
    def taps(self) -> int:
        """Return the inputs of one window, or of a whole frame for a dense layer."""
        return prod(self.input_shape if self.kind == "dense" else (*self.kernel, self.input_shape[2]))

    def with_fold(self, fold: Fold) -> HardwareLayer:
        """Return the layer with `fold`."""
        return replace(self, fold=fold)


def from_integer_layer(layer: Layer) -> HardwareLayer:
    """Return the hardware layer of a layer of the integer graph: the same as of its hls4ml node, before hls4ml is asked."""
    kernels = int(layer.weights.shape[-1])
    dense = layer.kind == "dense"
    return HardwareLayer(
        name=identifier(layer.name),
        source=layer.name,
        kind=layer.kind,
        inputs=layer.inputs,
        input_shape=layer.input_shape,
        output_shape=(1, 1, int(layer.spikes_shape[-1])) if dense else layer.spikes_shape,
        pool=layer.pool,
        kernel=(1, 1) if dense else layer.kernel,
        stride=(1, 1) if dense else layer.stride,
        pads=(0, 0, 0, 0) if dense else layer.pads,
        vm_shape=(1, 1) if dense else (layer.vm_shape[0], layer.vm_shape[1]),
        vm_bits=max(MIN_VM_BITS, layer.vm_width),
        weight_bits=narrowest_bits(layer.weights),
        weights=layer.weights.reshape(-1, kernels) if dense else layer.weights,
        thresholds=layer.thresholds,
    )


def narrowest_bits(weights: IntArray) -> int:
    """Return the bits of the narrowest two's-complement type that holds the weights."""
    return signed_width(int(weights.min(initial=0)), int(weights.max(initial=0)))


def identifier(name: str) -> str:
    """Return `name` as an identifier of SystemVerilog, in lower case."""
    return re.sub(r"\W", "_", name).lower().strip("_") or "layer"
