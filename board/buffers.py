"""Buffers that the DMA reads frames from and writes results to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .manifest import Manifest


class Single(NamedTuple):
    """Buffers of single frames. sent: (frame_bytes,) uint8 and received: (classes + 1,) uint32 are plain views of them.

    Plain, because every view of a PYNQ buffer is one too, which takes longer to make than to fill.
    """

    frames: Any
    results: Any
    sent: np.ndarray
    received: np.ndarray

    @staticmethod
    def of(frames: Any, results: Any, frame_bytes: int) -> Single:
        """Return the buffers with their views."""
        return Single(frames, results, frames.view(np.ndarray)[0, :frame_bytes], results.view(np.ndarray)[0])


def pair(allocate: Callable[..., Any], manifest: Manifest, rows: int) -> tuple[Any, Any]:
    """Return PYNQ buffers of `rows` frames, uint8 with zeros as padding, and of as many results, uint32.

    Results are read by the processor: their buffer is cached where the target takes that.
    """
    frames = allocate((rows, manifest.frame_stride), np.uint8)
    frames[:] = 0
    shape = (rows, manifest.result_words)
    try:
        results = allocate(shape, np.uint32, cacheable=True)
    except TypeError:  # a target that knows no caches
        results = allocate(shape, np.uint32)
    results.flush()  # no line that the processor has changed may be written back over what the DMA writes
    return frames, results
