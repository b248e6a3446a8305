"""Images and labels as arrays: an `.npz` archive, or IDX files of any name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dt_scnn import archives
from dt_scnn.archives import MOST_BYTES
from dt_scnn.errors import ConfigurationError
from dt_scnn.labels import check_class_names, class_numbers, label_words, names_taken
from quant_train.data import cifar, idx
from quant_train.data.dataset import Split
from quant_train.data.splits import TEST, TRAIN, VALIDATION

_IMAGES, _LABELS = ("images", "x", "data"), ("labels", "y", "targets", "target")
_CLASSES = ("classes", "class_names")
_SPLITS = {TRAIN: ("train",), TEST: ("test",), VALIDATION: ("val", "valid", "validation")}


class Part(NamedTuple):
    """images: uint8 (N, H, W, C). labels: int64 (N,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]


class Arrays(NamedTuple):
    """parts: by split, "" where there is none. classes: their names."""

    parts: dict[str, Part]
    classes: tuple[str, ...]


def read_npz(path: Path, classes: Sequence[str] | None = None) -> Arrays:
    """Return what an archive holds: `images` and `labels` (or x and y), or one pair for each of train, test and val.

    Pairs are named such as `train_images` and `train_labels`, or `x_train` and `y_train`; labels are numbers or names; `classes`,
    if it is there, names the numbers. classes: names that labels must be of, in place of the archive's.

    Raises:
        ConfigurationError: it is damaged, holds pickled objects or other arrays; the message names the array.
    """
    with archives.opened(path, MOST_BYTES) as archive:
        keys = {key.lower(): key for key in archive.names}
        found = {split: _pair(keys, names) for split, names in {"": ("",), **_SPLITS}.items()}
        chosen = {split: pair for split, pair in found.items() if pair is not None}
        if not chosen or ("" in chosen and len(chosen) > 1):
            raise ConfigurationError(
                f"{path}: holds the arrays {', '.join(archive.names) or '(none)'}; needed are images and labels, or train_images, "
                "train_labels, test_images and test_labels"
            )
        arrays = {
            split: (
                _images(f"{path}: {pair[0]}", archive[pair[0]]),
                _labels(f"{path}: {pair[1]}", archive[pair[1]]),
            )
            for split, pair in chosen.items()
        }
        named = next((keys[name] for name in _CLASSES if name in keys), None)
        own = None if named is None else np.asarray(archive[named])
        where = {split: f"{path}: {pair[1]}" for split, pair in chosen.items()}
    if own is not None and (own.ndim != 1 or own.dtype.kind not in "US"):
        raise ConfigurationError(f"{path}: {named} must be names (K,), not {own.dtype} {own.shape}")
    return _numbered(path, arrays, where, classes, None if own is None else label_words(path, own))


def read_idx_pairs(
    folder: Path, files: Mapping[str, tuple[Path, Path]], classes: Sequence[str] | None = None
) -> Arrays:
    """Return the images and labels of IDX files, see `idx.pairs`.

    Raises:
        ConfigurationError: a file is truncated, damaged or something else.
    """
    arrays = {
        split: (
            _images(f"{images}: it", idx.read_idx(images)),
            _labels(f"{labels}: it", idx.read_idx(labels)),
        )
        for split, (images, labels) in files.items()
    }
    return _numbered(
        folder, arrays, {split: str(labels) for split, (_, labels) in files.items()}, classes, None
    )


def read_cifar(folder: Path, split: Split, classes: Sequence[str] | None = None) -> Arrays:
    """Return a split of CIFAR-10 from its binary batches in `folder`.

    Raises:
        ConfigurationError: a file is missing or damaged, or `classes` are others.
    """
    found = cifar.load_binary(split, folder)
    names = names_taken(folder, classes, cifar.CLASSES)
    labels = class_numbers(folder, np.array(cifar.CLASSES)[found.labels], names)
    return Arrays({split: Part(found.images, labels)}, names)


def _pair(keys: Mapping[str, str], splits: Sequence[str]) -> tuple[str, str] | None:
    """Return the names of the arrays of images and of labels for a split, "" for none."""

    def named(names: Sequence[str]) -> str | None:
        forms = [
            form
            for split in splits
            for name in names
            for form in ((f"{split}_{name}", f"{name}_{split}") if split else (name,))
        ]
        return next((keys[form] for form in forms if form in keys), None)

    images, labels = named(_IMAGES), named(_LABELS)
    return None if images is None or labels is None else (images, labels)


def _images(where: str, images: NDArray[Any]) -> NDArray[np.uint8]:
    if images.dtype != np.uint8:
        raise ConfigurationError(
            f"{where} must be uint8, pixels from 0 to 255, not {images.dtype}; floats from 0 to 1: (255 * images).round().astype('uint8')"
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim == 4 and images.shape[3] not in (1, 3) and images.shape[1] in (1, 3):
        raise ConfigurationError(
            f"{where} has the shape {images.shape}, channels first; give (N, H, W, C): images.transpose(0, 2, 3, 1)"
        )
    if images.ndim != 4 or images.shape[3] not in (1, 3) or not images.size:
        raise ConfigurationError(
            f"{where} must be images (N, H, W) or (N, H, W, C), C of 1 or 3, and not empty, not of shape {images.shape}"
        )
    return images


def _labels(where: str, labels: NDArray[Any]) -> NDArray[Any]:
    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim != 1:
        hint = "; of one-hot rows: labels.argmax(axis=1)" if labels.ndim == 2 else ""
        raise ConfigurationError(f"{where} must be labels (N,), not of shape {labels.shape}{hint}")
    return labels


def _numbered(
    path: Path,
    arrays: Mapping[str, tuple[NDArray[np.uint8], NDArray[Any]]],
    where: Mapping[str, str],
    classes: Sequence[str] | None,
    own: Sequence[str] | None,
) -> Arrays:
    """Return the arrays with labels as numbers of the classes.

    Raises:
        ConfigurationError: counts differ, a label is no class, a class has no images, or images differ in size.
    """
    for split, (images, labels) in arrays.items():
        if len(images) != len(labels):
            raise ConfigurationError(
                f"{where[split]} has {len(labels):,} labels for {len(images):,} images; there must be one for each"
            )
    shapes = {images.shape[1:] for images, _ in arrays.values()}
    if len(shapes) > 1:
        raise ConfigurationError(
            f"{path}: its images for training and test differ in (H, W, C): {sorted(shapes)}; give all one shape"
        )
    given = {split: labels for split, (_, labels) in arrays.items()}
    if own is not None:  # its numbers mean these names, whatever numbers a model has for them
        check_class_names(path, own)
        given = {
            split: np.array(own)[class_numbers(Path(where[split]), labels, own)]
            for split, labels in given.items()
        }
    if classes is None or any(labels.dtype.kind in "US" for labels in given.values()):
        names = names_taken(path, classes, own or _names(path, list(given.values()), whole=classes is None))
    else:
        names = tuple(classes)
    parts = {
        split: Part(images, class_numbers(Path(where[split]), given[split], names))
        for split, (images, _) in arrays.items()
    }
    if classes is None:
        for split, part in parts.items():
            missing = np.flatnonzero(np.bincount(part.labels, minlength=len(names)) == 0)
            if len(missing):
                raise ConfigurationError(
                    f"{where[split]}: no image is of class {names[missing[0]]!r} (label {missing[0]}); labels number the classes from "
                    f"0 up without a gap, and here go to {part.labels.max()}"
                )
    return Arrays(parts, tuple(names))


def _names(path: Path, labels: Sequence[NDArray[Any]], whole: bool) -> tuple[str, ...]:
    """Return the names that labels are, sorted, or the numbers from 0 to the highest. whole: a training needs two."""
    if all(part.dtype.kind in "US" for part in labels):
        names = sorted({word for part in labels for word in label_words(path, part)})
    else:
        numbers = np.concatenate([class_numbers(path, part, None) for part in labels])
        if numbers.max() >= len(numbers):
            raise ConfigurationError(
                f"{path}: label {numbers.max()} of {len(numbers):,} images; labels number the classes from 0 up without a gap"
            )
        names = [str(number) for number in range(numbers.max() + 1)]
    if len(names) < 2 and whole:
        raise ConfigurationError(f"{path}: has one class, {names[0]!r}; a network tells two or more apart")
    return check_class_names(path, names)
