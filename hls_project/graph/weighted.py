"""A convolution or dense layer on a map of integers: integer weights, and what one unit of its potentials is worth."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from hls_project.graph.exact import Rationals, common_step, multiples
from hls_project.graph.signals import Map
from hls_project.graph.view import refuse
from hls_project.graph.weights import LARGEST_WEIGHT, QuantizedWeights, bits_of


@dataclass(frozen=True, eq=False)
class Weighted:
    """The file's potential is `scale * Vm + offset`, with Vm the sum of `integers` times the map's integers.

    integers: int64 `(kh, kw, blocks * Cin, Cout)`, of narrow `bits`.
    """

    integers: NDArray[np.int64]
    bits: int
    scale: Rationals
    offset: Rationals


def weigh(node: NodeProto, source: Map, weights: QuantizedWeights, padded: bool) -> Weighted:
    """Return the layer with `weights`, integers `(kh, kw, Cin, Cout)`, on the map `source`.

    Raises:
        ConfigurationError: the map's channels have scales or offsets that integers cannot take over.
    """
    integers, bits = weights.integers, weights.bits
    step = common_step(source.scale)
    factors = multiples(source.scale, step)
    if any(factor != 1 for factor in factors):
        integers = _scaled(node, source, integers, factors)
        bits = max(bits, bits_of(int(np.abs(integers).max(initial=0))))
    scale = tuple(value * step for value in weights.scale)
    offset = (Fraction(0),) * len(scale)
    if any(source.offset):
        if padded:
            at = next(channel for channel, value in enumerate(source.offset) if value)
            refuse(
                node,
                f"pads with 0, but what it reads never is 0 by itself: channel {at} is {float(source.offset[at]):g} where its "
                "pixel or spike is 0, so borders would need thresholds of their own; use padding=0 here, or values that "
                "start at 0 (no mean in the input's normalisation, 0 and 1 as activations)",
            )
        sums = weights.integers.sum(axis=(0, 1)).tolist()  # (Cin, Cout)
        offset = tuple(
            value * sum((o * row[kernel] for o, row in zip(source.offset, sums, strict=True)), Fraction(0))
            for kernel, value in enumerate(weights.scale)
        )
    integers = np.concatenate([integers] * source.blocks, axis=2)
    if source.mean_of:
        rows, columns = source.mean_of
        integers = np.tile(integers, (rows, columns, 1, 1))
        scale = tuple(value / (rows * columns) for value in scale)
    return Weighted(integers, bits, scale, offset)


def _scaled(
    node: NodeProto, source: Map, integers: NDArray[np.int64], factors: NDArray[np.object_]
) -> NDArray[np.int64]:
    """Return the weights of each input channel times its factor."""
    largest = np.abs(integers).max(axis=(0, 1, 3), initial=0).tolist()
    beyond = [
        at
        for at, (factor, weight) in enumerate(zip(factors, largest, strict=True))
        if abs(factor) * weight > LARGEST_WEIGHT
    ]
    if beyond:
        first, other = source.scale[0], source.scale[beyond[0]]
        refuse(
            node,
            f"channels of what it reads have different scales, {float(first):g} and {float(other):g}, which integer weights of 8 "
            "bits cannot take over; use one scale for all channels (such as one std for R, G and B)",
        )
    kept = [int(factor) if weight else 0 for factor, weight in zip(factors, largest, strict=True)]
    return integers * np.array(kept, np.int64)[None, None, :, None]
