"""The binary file of golden vectors that the C++ test bench reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.files import atomic_path

MAGIC = 0x47535444
VERSION = 1


def write(path: Path, images: NDArray[np.uint8], scores: NDArray[np.int32]) -> None:
    """Write images (N, H, W, C) uint8 and their golden scores (N, classes) int32.

    Layout: `testbench/golden_vectors.h`.
    """
    n, height, width, channels = images.shape
    header = np.array([MAGIC, VERSION, n, height, width, channels, scores.shape[1], 0], "<u4")
    with atomic_path(path) as partial, open(partial, "wb") as file:
        file.write(header.tobytes())
        file.write(np.ascontiguousarray(images, np.uint8).tobytes())
        file.write(np.ascontiguousarray(scores, "<i4").tobytes())
