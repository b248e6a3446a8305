"""One layer of the integer network, with everything that later stages need to know of it."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Literal

import numpy as np

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import (
    FLOAT32_EXACT,
    Inputs,
    IntArray,
    Window,
    partial_sum_bound,
    signed_width,
    vm_bounds,
)
from hls_project.graph.reader import Network
from hls_project.graph.signals import Shape
from hls_project.graph.source import SourceLayer


@dataclass(frozen=True, eq=False)
class Layer:
    """A convolution or dense layer on integers, with its firing and pooling.

    name: unique, that of its node in the integer graph; fire, pool_name: of its other nodes, or "".
    inputs: what the map that it reads holds; input_shape: (H, W, C) of it. A dense layer reads it flattened.
    vm_shape: (H, W, Cout) of the membrane potentials, (1, 1, Cout) for a dense layer.
    spikes_shape: (H, W, K * Cout) after firing and pooling; vm_shape for the scores.
    kernel, stride: (rows, columns); a dense layer's kernel covers its map. pads: (top, left, bottom, right).
    pool: factor of the max-pooling, 1 for none.
    weights: int64 `(kh, kw, Cin, Cout)`, `(H * W * C, Cout)` for a dense layer. weight_bits: 2 .. 8.
    thresholds: int64 `(K, Cout)`, each in `vm_min .. vm_max + 1` of its kernel; None for the scores.
    vm_min, vm_max: int64 `(Cout,)`, exact bounds of each kernel's membrane potential.
    """

    name: str
    fire: str
    pool_name: str
    kind: Literal["conv", "dense"]
    inputs: Inputs
    input_shape: Shape
    vm_shape: Shape
    spikes_shape: Shape
    kernel: tuple[int, int]
    stride: tuple[int, int]
    pads: tuple[int, int, int, int]
    pool: int
    weights: IntArray
    weight_bits: int
    thresholds: IntArray | None
    vm_min: IntArray
    vm_max: IntArray

    @property
    def vm_range(self) -> tuple[int, int]:
        """Return the exact bounds over all kernels."""
        return int(self.vm_min.min()), int(self.vm_max.max())

    @property
    def vm_width(self) -> int:
        """Return the bits of the narrowest two's-complement membrane potential."""
        return signed_width(*self.vm_range)

    @property
    def synaptic_operations(self) -> int:
        """Return the additions of one image if every input spiked, padding included."""
        return prod(self.vm_shape[:-1]) * int(self.weights.size)

    @property
    def window(self) -> Window:
        """Return how the kernel meets the map."""
        return Window(self.input_shape[:2], self.kernel, self.stride, self.pads)

    @property
    def taps(self) -> IntArray:
        """Return the weights as `(kh, kw, Cin, Cout)`, also those of a dense layer."""
        return self.weights.reshape(*self.kernel, self.input_shape[2], -1)


def integer_layers(network: Network) -> tuple[Layer, ...]:
    """Return the layers on integers, with exact bounds; clipping thresholds to `vm_min .. vm_max + 1` changes no spike.

    Raises:
        ConfigurationError: a sum may reach 2^24, where the float32 golden reference stops being exact.
    """
    layers: list[Layer] = []
    counts = {"conv": 0, "dense": 0, "pool": 0}
    inputs = Inputs.PIXELS
    for index, source in enumerate(network.layers):
        name = f"{source.kind}{counts[source.kind]}"
        pool = f"pool{counts['pool']}" if source.pool > 1 else ""
        counts[source.kind] += 1
        counts["pool"] += source.pool > 1
        fire = "" if source.thresholds is None else f"fire{index}"
        layers.append(_layer(source, name, fire, pool, inputs))
        dual = source.thresholds is not None and len(source.thresholds) == 2
        inputs = Inputs.PAIRED_SPIKES if dual else Inputs.SPIKES
    return tuple(layers)


def _layer(source: SourceLayer, name: str, fire: str, pool_name: str, inputs: Inputs) -> Layer:
    taps = source.weights
    kernel = (taps.shape[0], taps.shape[1])
    largest = partial_sum_bound(taps, inputs)
    if largest >= FLOAT32_EXACT:
        raise ConfigurationError(
            f"layer {name!r}: its sums reach {largest}, but must stay below 2^24 for float32 to be exact; "
            "use fewer inputs or fewer weight bits"
        )
    window = Window(source.input_shape[:2], kernel, source.stride, source.pads)
    vm_min, vm_max = vm_bounds(taps, window, inputs)
    thresholds = None
    if source.thresholds is not None:
        thresholds = np.clip(source.thresholds, vm_min, vm_max + 1)
    return Layer(
        name=name,
        fire=fire,
        pool_name=pool_name,
        kind=source.kind,
        inputs=inputs,
        input_shape=source.input_shape,
        vm_shape=source.vm_shape,
        spikes_shape=source.output_shape,
        kernel=kernel,
        stride=source.stride,
        pads=source.pads,
        pool=source.pool,
        weights=taps.reshape(-1, taps.shape[3]) if source.kind == "dense" else taps,
        weight_bits=source.bits,
        thresholds=thresholds,
        vm_min=vm_min,
        vm_max=vm_max,
    )
