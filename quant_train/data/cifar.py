"""CIFAR-10 in the forms it comes in: official binary batches, official Python batches, and an archive of JPEG images."""

from __future__ import annotations

import io
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn import archives
from dt_scnn.errors import ConfigurationError, first_line
from quant_train.data.dataset import Dataset, Split, missing

CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
_BATCHES = {"train": tuple(f"data_batch_{index}" for index in range(1, 6)), "test": ("test_batch",)}
_RECORD = 1 + 3 * 32 * 32
_Arrays = tuple[NDArray[np.uint8], NDArray[np.int64]]


def load(split: Split, folder: Path) -> Dataset:
    """Return a split of CIFAR-10 from `folder`, or from the official sub-folders in it.

    Raises:
        ConfigurationError: a file is missing, truncated, damaged, something else, or names a Python class to be run.
    """
    forms: tuple[tuple[Path, str, Callable[[Path], _Arrays]], ...] = (
        (folder, ".bin", _read_binary),
        (folder / "cifar-10-batches-bin", ".bin", _read_binary),
        (folder, "", _read_pickle),
        (folder / "cifar-10-batches-py", "", _read_pickle),
    )
    for place, suffix, read in forms:
        paths = [place / f"{batch}{suffix}" for batch in _BATCHES[split]]
        if any(path.is_file() for path in paths):
            absent = [path.name for path in paths if not path.is_file()]
            if absent:
                raise missing("cifar-10", ", ".join(absent), place)
            images, labels = zip(*map(read, paths), strict=True)
            return Dataset(np.concatenate(images), np.concatenate(labels), CLASSES, "cifar-10", "CIFAR-10")
    archive = folder / f"{split}-jpeg.npz"
    if not archive.is_file():
        raise missing("cifar-10", f"{_BATCHES[split][0]}.bin, {_BATCHES[split][0]} or {archive.name}", folder)
    return Dataset(*_read_jpeg(archive), CLASSES, "cifar-10", "CIFAR-10 (JPEG)")


def load_binary(split: Split, folder: Path) -> Dataset:
    """Return a split of CIFAR-10 from binary batches in `folder`.

    Raises:
        ConfigurationError: a file is missing, truncated or something else.
    """
    paths = [folder / f"{batch}.bin" for batch in _BATCHES[split]]
    if absent := [path.name for path in paths if not path.is_file()]:
        raise missing("cifar-10", ", ".join(absent), folder)
    images, labels = zip(*map(_read_binary, paths), strict=True)
    return Dataset(np.concatenate(images), np.concatenate(labels), CLASSES, "cifar-10", "CIFAR-10")


def _read_binary(path: Path) -> _Arrays:
    """Read records of a label and 3 x 32 x 32 pixels, channel by channel."""
    content = np.fromfile(path, np.uint8)
    if not content.size or content.size % _RECORD:
        raise ConfigurationError(
            f"{path}: must hold whole records of {_RECORD} bytes, not {content.size:,} bytes; fetch it again"
        )
    records = content.reshape(-1, _RECORD)
    return _channels_last(records[:, 1:]), records[:, 0].astype(np.int64)


class _ArrayUnpickler(pickle.Unpickler):
    """Reads containers, strings and numpy arrays; any other class or function is refused before it is looked up."""

    def find_class(self, module: str, name: str) -> Any:
        if name == "_reconstruct" and module in ("numpy.core.multiarray", "numpy._core.multiarray"):
            return np.empty(0).__reduce__()[0]
        if module == "numpy" and name in ("ndarray", "dtype"):
            return getattr(np, name)
        if (module, name) == ("_codecs", "encode"):
            return _encode
        raise ConfigurationError(
            f"names {module}.{name}, which a batch of images has no use for; do not trust it"
        )


def _encode(text: str, encoding: str) -> bytes:
    """Stand in for `_codecs.encode`, by which pickles of protocol 2 write bytes."""
    if encoding != "latin1":
        raise ConfigurationError(f"has bytes in the encoding {encoding!r}; do not trust it")
    return text.encode("latin1")


def _read_pickle(path: Path) -> _Arrays:
    try:
        with open(path, "rb") as file:
            batch = _ArrayUnpickler(file, encoding="bytes").load()
        pixels, labels = np.asarray(batch[b"data"]), np.asarray(batch[b"labels"], np.int64)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise ConfigurationError(
            f"{path}: truncated or not a CIFAR-10 batch ({error}); fetch it again"
        ) from error
    if pixels.dtype != np.uint8 or pixels.ndim != 2 or pixels.shape[1] != _RECORD - 1:
        raise ConfigurationError(f"{path}: data must be uint8 (N, 3072), not {pixels.dtype} {pixels.shape}")
    return _channels_last(pixels), labels


def _read_jpeg(path: Path) -> _Arrays:
    """Read the images that lie end to end in `jpeg`, image i from offsets[i] to offsets[i + 1]."""
    from PIL import Image

    with archives.opened(path) as archive:
        packed, offsets, labels = (archive[name] for name in ("jpeg", "offsets", "labels"))
    if packed.dtype != np.uint8 or any(
        part.dtype.kind not in "iu" or part.ndim != 1 for part in (offsets, labels)
    ):
        raise ConfigurationError(
            f"{path}: jpeg must be uint8, offsets (N + 1,) and labels (N,) whole numbers, not {packed.dtype}, {offsets.dtype} "
            f"{offsets.shape} and {labels.dtype} {labels.shape}; fetch it again"
        )
    content = packed.tobytes()
    images = np.empty((max(0, len(offsets) - 1), 32, 32, 3), np.uint8)
    try:
        for index, (start, end) in enumerate(zip(offsets[:-1].tolist(), offsets[1:].tolist(), strict=True)):
            images[index] = np.asarray(Image.open(io.BytesIO(content[start:end])).convert("RGB"))
    except Exception as error:  # a damaged picture can raise nearly anything
        raise ConfigurationError(
            f"{path}: image {index} is damaged ({first_line(error)}); fetch it again"
        ) from error
    return images, labels.astype(np.int64)


def _channels_last(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.ascontiguousarray(pixels.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1))
