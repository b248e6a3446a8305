"""What the library's modules must answer, in numpy, and how beats hold pixels: written from the contracts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def pack(values: Sequence[int], bits: int) -> int:
    """Return a word that holds `values`, `bits` each, the first in the lowest bits."""
    return sum(int(value) << (bits * index) for index, value in enumerate(values))


def unpack(word: int, bits: int, count: int) -> list[int]:
    """Return the `count` fields of `bits` bits of a word."""
    return [word >> (bits * index) & ((1 << bits) - 1) for index in range(count)]


def to_beats(frames: Integers, pixels: int, bits: int, rng: np.random.Generator) -> list[int]:
    """Return frames `(N, H, W)` as beats of `pixels` pixels of a row; what doesn't count is rubbish."""
    count, height, width = frames.shape
    row = -(-width // pixels)
    whole = rng.integers(0, 1 << bits, (count, height, row * pixels))
    whole[:, :, :width] = frames
    return [pack(beat, bits) for beat in whole.reshape(-1, pixels).tolist()]


def from_beats(beats: Sequence[int], shape: tuple[int, int, int], pixels: int, bits: int) -> Integers:
    """Return the frames `(N, H, W)` that beats of `pixels` pixels hold; their number must be right."""
    count, height, width = shape
    row = -(-width // pixels)
    assert len(beats) == count * height * row
    values = [unpack(beat, bits, pixels) for beat in beats]
    return np.array(values, object).reshape(count, height, row * pixels)[:, :, :width]


def windows(
    frames: Integers,
    kernel: tuple[int, int],
    stride: tuple[int, int],
    pads: tuple[int, int, int, int],
) -> Integers:
    """Return the windows `(N, rows, columns, kernel rows, kernel columns)`; pads: (top, left, bottom, right), 0 outside."""
    padded = np.pad(frames, ((0, 0), (pads[0], pads[2]), (pads[1], pads[3])))
    every = np.lib.stride_tricks.sliding_window_view(padded, kernel, (1, 2))
    return every[:, :: stride[0], :: stride[1]]


def pooled(frames: Integers, factor: int) -> Integers:
    """Return the OR over each window of `factor` x `factor`, whole windows alone."""
    count, height, width = frames.shape[0], frames.shape[1] // factor, frames.shape[2] // factor
    cut = frames[:, : height * factor, : width * factor]
    parts = cut.reshape(count, height, factor, width, factor)
    return np.bitwise_or.reduce(np.bitwise_or.reduce(parts, axis=4), axis=2)
