"""Pixels of pictures that take long to decode, kept in the build folder and found again by the digest of what they were made from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import board.pictures
from dt_scnn.files import atomic_path, sha256
from dt_scnn.models import BUILD

FOLDER = ".pictures"
"""In the build folder; no model can have this name."""

LARGE_BYTES = 64 << 20
"""Pictures whose files are smaller together are decoded in seconds, and not kept."""


def kept(
    files: Sequence[Path], shape: tuple[int, int, int], decode: Callable[[], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    """Return what `decode` makes of `files`, uint8 (N, *shape); of large ones, from the build folder where it is there.

    They are known by the contents of the files, the shape, and the releases of Pillow and of the rule for pictures.
    """
    if sum(_size(path) for path in files) < LARGE_BYTES:
        return decode()
    parts = [sha256(path) for path in files]
    rule = [version("pillow"), sha256(Path(board.pictures.__file__)), str(shape)]
    path = BUILD / FOLDER / f"{sha256(' '.join([*rule, *parts]).encode())}.npy"
    try:
        images: NDArray[np.uint8] = np.load(path, allow_pickle=False)
        if images.dtype == np.uint8 and images.shape == (len(files), *shape):
            return images
    except (OSError, ValueError, EOFError):
        pass  # it is not there, or was cut off
    images = decode()
    with atomic_path(path) as partial, open(partial, "wb") as file:
        np.save(file, images)
    return images


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0  # said by who reads it
