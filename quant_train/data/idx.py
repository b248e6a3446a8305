"""IDX files, the format of MNIST and Fashion-MNIST (http://yann.lecun.com/exdb/mnist)."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from quant_train.data.dataset import Dataset, Split, missing
from quant_train.data.splits import any_split_of

_UNSIGNED_BYTE = 0x08
_PREFIX = {"train": "train", "test": "t10k"}


def read_idx(path: Path) -> NDArray[np.uint8]:
    """Return the array of an IDX file of unsigned bytes, gzip-compressed or raw.

    Raises:
        ConfigurationError: the file is truncated, damaged or something else.
    """
    try:
        content = path.read_bytes()
        if content[:2] == b"\x1f\x8b":
            content = gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigurationError(f"{path}: truncated or damaged ({error}); fetch it again") from error
    if len(content) < 4 or content[:3] != bytes([0, 0, _UNSIGNED_BYTE]):
        raise ConfigurationError(
            f"{path}: not an IDX file of unsigned bytes (it starts with {content[:4].hex(' ')})"
        )
    data_at = 4 + 4 * content[3]
    shape = (
        tuple(int(size) for size in np.frombuffer(content[4:data_at], ">u4"))
        if len(content) >= data_at
        else ()
    )
    wanted = int(np.prod(shape, dtype=object)) + data_at
    if len(shape) != content[3] or len(content) != wanted:
        raise ConfigurationError(
            f"{path}: its header {shape} needs {wanted:,} bytes, but there are {len(content):,}; fetch it again"
        )
    try:
        return np.frombuffer(content, np.uint8, offset=data_at).reshape(shape)
    except ValueError as error:  # nothing of a size beyond any, or more dimensions than an array has
        raise ConfigurationError(f"{path}: its header {shape} is damaged: {error}; fetch it again") from error


def rank(path: Path) -> int | None:
    """Return how many dimensions an IDX file of unsigned bytes says to have, gzip-compressed or raw; None if it is none."""
    try:
        with open(path, "rb") as file:
            start = file.read(4)
        if start[:2] == b"\x1f\x8b":
            with gzip.open(path) as file:
                start = file.read(4)
    except (OSError, EOFError, zlib.error):
        return None
    return start[3] if len(start) == 4 and start[:3] == bytes([0, 0, _UNSIGNED_BYTE]) else None


def pairs(folder: Path, files: list[Path]) -> dict[str, tuple[Path, Path]]:
    """Return the files of images and of labels for each split that their names say, "" for none; empty without IDX files.

    Raises:
        ConfigurationError: a split has not one file of either.
    """
    ranks = {path: rank(path) for path in files}
    stems = {
        path.name.removesuffix(".gz"): path for path in files if ranks[path] is not None
    }  # raw ones come first
    found: dict[str, tuple[list[Path], list[Path]]] = {}
    for path in sorted(stems.values()):
        images, labels = found.setdefault(any_split_of(path.name) or "", ([], []))
        (labels if ranks[path] == 1 else images).append(path)
    for split, (images, labels) in found.items():
        if len(images) != 1 or len(labels) != 1:
            names = ", ".join(path.name for path in (*images, *labels))
            raise ConfigurationError(
                f"{folder}: {split or 'the data set'} needs one IDX file of images and one of labels, not {names}; give each data "
                "set a folder of its own, and name files for train and test"
            )
    return {split: (images[0], labels[0]) for split, (images, labels) in found.items()}


def load(name: str, title: str, classes: tuple[str, ...], split: Split, folder: Path) -> Dataset:
    """Return a split of the data set `name` from files with the official names in `folder`.

    Raises:
        ConfigurationError: a file is missing, truncated, damaged or something else.
    """
    images = _read(name, folder, f"{_PREFIX[split]}-images-idx3-ubyte", 3)
    labels = _read(name, folder, f"{_PREFIX[split]}-labels-idx1-ubyte", 1)
    return Dataset(images[..., None], labels.astype(np.int64), classes, name, title)


def _read(name: str, folder: Path, stem: str, rank: int) -> NDArray[np.uint8]:
    for path in (folder / f"{stem}.gz", folder / stem):
        if path.is_file():
            array = read_idx(path)
            if array.ndim != rank:
                raise ConfigurationError(f"{path}: must have {rank} dimensions, not {array.ndim}")
            return array
    raise missing(name, f"{stem}.gz", folder)
