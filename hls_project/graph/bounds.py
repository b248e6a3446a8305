"""Exact bounds of the integer sums of a layer, and inputs that reach them.

A membrane potential is a sum of independent taps, so its extremum over all inputs is the sum of each tap's
own extremum. A tap is one channel of one pixel (pixels: 0 .. 255; spikes: 0 or 1) or, after a dual-threshold
layer, the pair of channels of one kernel: `Vth1 <= Vth2` lets the second spike only where the first did, so a
pair adds 0, w1 or w1 + w2. Zero padding hides taps from positions near the border; the bounds are over the
tap masks that do occur.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
Extreme = Literal["min", "max"]

FLOAT32_EXACT = 2**24


class Inputs(Enum):
    """What a layer reads: uint8 pixels, spikes of one threshold, or paired spikes of two."""

    PIXELS = "pixels"
    SPIKES = "spikes"
    PAIRED_SPIKES = "paired spikes"


@dataclass(frozen=True)
class Window:
    """How a kernel meets an image: sizes as (rows, columns), pads as (top, left, bottom, right)."""

    image: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    pads: tuple[int, int, int, int] = (0, 0, 0, 0)

    def output(self) -> tuple[int, int]:
        """Return the numbers of output rows and columns."""
        return len(self._first_taps(0)), len(self._first_taps(1))

    def masks(self, axis: int) -> NDArray[np.bool_]:
        """Return which taps lie inside the image, `(positions, taps)`, along rows (0) or columns (1)."""
        pixels = self._first_taps(axis)[:, None] + np.arange(self.kernel[axis])
        return (pixels >= 0) & (pixels < self.image[axis])

    def first_pixel(self, axis: int, position: int) -> int:
        """Return the row or column, negative in padding, under the kernel's first tap."""
        return int(self._first_taps(axis)[position])

    def _first_taps(self, axis: int) -> NDArray[np.int64]:
        before, after = self.pads[axis], self.pads[axis + 2]
        return np.arange(-before, self.image[axis] + after - self.kernel[axis] + 1, self.stride[axis])


def vm_bounds(weights: IntArray, window: Window, inputs: Inputs) -> tuple[IntArray, IntArray]:
    """Return the smallest and the largest membrane potential of each kernel, both `(Cout,)` int64.

    weights: `(kh, kw, Cin, Cout)`; a dense layer is the kernel that covers its whole image. The bounds are
    reached: see `extremal_input`.
    """
    low, high = _tap_extremes(weights, inputs)
    rows, columns = (np.unique(window.masks(axis), axis=0).astype(np.int64) for axis in (0, 1))
    smallest, largest = (np.einsum("ir,jc,rck->ijk", rows, columns, taps) for taps in (low, high))
    return smallest.min(axis=(0, 1)), largest.max(axis=(0, 1))


def partial_sum_bound(weights: IntArray, inputs: Inputs) -> int:
    """Return a bound on the magnitude of every partial sum, in whatever order the taps are added.

    Below 2^24 float32 arithmetic, which the golden reference uses, is exact. Pairs don't help: their two
    products may be added far apart.
    """
    scale = 255 if inputs is Inputs.PIXELS else 1
    parts = (np.maximum(weights, 0), np.maximum(-weights, 0))
    return scale * max(int(part.sum(axis=(0, 1, 2)).max(initial=0)) for part in parts)


def signed_width(low: int, high: int) -> int:
    """Return the bits of the narrowest two's-complement type that holds every integer of `low .. high`."""
    return 1 + max(int(high).bit_length() if high >= 0 else 0, (-int(low) - 1).bit_length() if low < 0 else 0)


def extremal_input(
    weights: IntArray, window: Window, inputs: Inputs, kernel: int, extreme: Extreme
) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """Return an image `(H, W, Cin)` on which `kernel` reaches its bound, and the (row, column) where it does.

    The image's values are pixels or (paired) spikes; positions outside the window are 0.
    """
    taps = _tap_extremes(weights, inputs)[extreme == "max"][..., kernel]
    sums = window.masks(0).astype(np.int64) @ taps @ window.masks(1).T.astype(np.int64)
    best = sums.argmax() if extreme == "max" else sums.argmin()
    row, column = (int(index) for index in np.unravel_index(best, sums.shape))
    image = np.zeros((*window.image, weights.shape[2]), np.uint8)
    top, left = window.first_pixel(0, row), window.first_pixel(1, column)
    for tap_row, tap_column in np.argwhere(np.outer(window.masks(0)[row], window.masks(1)[column])):
        values = _extremal_tap(weights[tap_row, tap_column, :, kernel], inputs, extreme)
        image[top + tap_row, left + tap_column] = values
    return image, (row, column)


def _tap_extremes(weights: IntArray, inputs: Inputs) -> tuple[IntArray, IntArray]:
    """Return the least and the greatest that each position of the kernel can add, `(kh, kw, Cout)` each."""
    if inputs is Inputs.PAIRED_SPIKES:
        first, second = np.split(weights, 2, axis=2)
        both = first + second
        low, high = np.minimum(0, np.minimum(first, both)), np.maximum(0, np.maximum(first, both))
    else:
        scale = 255 if inputs is Inputs.PIXELS else 1
        low, high = np.minimum(0, weights) * scale, np.maximum(0, weights) * scale
    return low.sum(axis=2), high.sum(axis=2)


def _extremal_tap(weights: IntArray, inputs: Inputs, extreme: Extreme) -> NDArray[np.uint8]:
    """Return the values of one pixel's channels that add the most (or the least) for weights `(Cin,)`."""
    signed = weights if extreme == "max" else -weights
    if inputs is not Inputs.PAIRED_SPIKES:
        return np.where(signed > 0, 255 if inputs is Inputs.PIXELS else 1, 0).astype(np.uint8)
    first, both = signed[: len(signed) // 2], signed[: len(signed) // 2] + signed[len(signed) // 2 :]
    second_fires = (both > 0) & (both >= first)
    first_fires = second_fires | (first > 0)
    return np.concatenate([first_fires, second_fires]).astype(np.uint8)
