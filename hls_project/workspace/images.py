"""The images that a model is checked on: its sample, or test images of its data set."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import CLASSES, DATASET
from hls_project.workspace.folder import Workspace


def load_images(
    workspace: Workspace, count: int | None, data_root: Path | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return images (N, H, W, C) and labels (N,): the model's sample, or `count` test images of its data set.

    Raises:
        ConfigurationError: there are none, or not that many.
    """
    from hls_project.graph.validate import load_proto

    properties = {prop.key: prop.value for prop in load_proto(workspace.model).metadata_props}
    if count is None and workspace.sample is not None:
        return read_sample(workspace.sample, _class_names(properties))
    from quant_train import data

    name = properties.get(DATASET)
    if not name:
        raise ConfigurationError(
            f"{workspace.model} does not name its data set ({DATASET}) and has no sample.npz beside it"
        )
    dataset = data.load(name, "test", data_root)
    count = count or min(200, len(dataset.images))
    if count > len(dataset.images):
        raise ConfigurationError(f"{name} has {len(dataset.images):,} test images, not {count:,}")
    return dataset.images[:count], dataset.labels[:count]


def read_sample(
    path: Path, classes: Sequence[str] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return the images and labels of a sample.npz. classes: names that labels may be, instead of numbers.

    Raises:
        ConfigurationError: the file is missing, damaged or something else, or a label is no class.
    """
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as sample:
            images, labels = sample["images"], sample.get("labels")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"{path}: not a sample of images, or damaged ({error})") from error
    if images.dtype != np.uint8 or images.ndim != 4 or not len(images):
        raise ConfigurationError(
            f"{path}: images must be uint8 (N, H, W, C), N > 0, not {images.dtype} {images.shape}"
        )
    if labels is not None and labels.shape != (len(images),):
        raise ConfigurationError(
            f"{path}: labels must be ({len(images)},), one for each image, not {labels.shape}"
        )
    return images, None if labels is None else class_numbers(path, labels, classes)


def class_numbers(
    path: Path, labels: NDArray[np.generic], classes: Sequence[str] | None
) -> NDArray[np.int64]:
    """Return labels (N,), numbers or names of `classes`, as numbers from 0 up.

    Raises:
        ConfigurationError: one is neither; the message says which, and the nearest name.
    """
    names = None if classes is None else list(classes)
    if labels.dtype.kind in "US":
        words = [
            word.decode(errors="replace") if isinstance(word, bytes) else word for word in labels.tolist()
        ]
        if names is None:
            raise ConfigurationError(
                f"{path}: label 0 is {words[0]!r}, but the model has no class names; give numbers from 0 up"
            )
        for index, word in enumerate(words):
            if word not in names:
                near = difflib.get_close_matches(word, names, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise ConfigurationError(
                    f"{path}: label {index} is {word!r}, which is none of the model's classes {_some(names)}{hint}"
                )
        return np.array([names.index(word) for word in words], np.int64)
    if labels.dtype.kind not in "iub" and not (
        labels.dtype.kind == "f" and np.array_equal(labels, np.rint(labels))
    ):
        raise ConfigurationError(
            f"{path}: labels must be whole numbers from 0 up or names, not {labels.dtype}"
        )
    numbers = labels.astype(np.int64)
    top = np.iinfo(np.int64).max if names is None else len(names) - 1
    beyond = np.flatnonzero((numbers < 0) | (numbers > top))
    if len(beyond):
        known = "" if names is None else f", for the classes {_some(names)}"
        raise ConfigurationError(
            f"{path}: label {beyond[0]} is {numbers[beyond[0]]}, but labels go from 0 to {top}{known}"
        )
    return numbers


def _class_names(properties: Mapping[str, str]) -> list[str] | None:
    """Return the names that a model gives its classes; what is wrong with them is said where its network is read."""
    try:
        names = json.loads(properties.get(CLASSES, "null"))
    except (ValueError, RecursionError):
        return None
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else None


def _some(names: list[str]) -> str:
    shown = ", ".join(map(repr, names[:12]))
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown
