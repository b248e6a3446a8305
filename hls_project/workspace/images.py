"""The images that a model is checked on: its sample, or test images of its data set."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dt_scnn import archives
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import write_npz
from dt_scnn.labels import class_numbers
from dt_scnn.qonnx_format import CLASSES, DATA, DATASET
from hls_project.workspace.folder import Workspace
from hls_project.workspace.properties import properties

if TYPE_CHECKING:
    from quant_train.data import Dataset

SAMPLE_IMAGES = 200
"""Images that a model is checked on where nobody says how many."""


def load_images(
    workspace: Workspace, count: int | None, data_root: Path | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return images (N, H, W, C) and labels (N,): the model's sample, or `count` images, of the sample if it has so many.

    More come from the test images of the model's data set, of which a sample made by `train` is the beginning.

    Raises:
        ConfigurationError: there are none, or not that many.
    """
    known = properties(workspace)
    has = ""
    if workspace.sample is not None:
        images, labels = read_sample(workspace.sample, _class_names(known))
        if count is None or count <= len(images):
            return images[:count], None if labels is None else labels[:count]
        has = f"; its sample has {len(images):,} images, {count:,} are asked for"
    name = known.get(DATASET)
    if not name:
        raise ConfigurationError(
            f"{workspace.model} does not name its data set ({DATASET}){has or ' and has no sample.npz beside it'}; give its folder or "
            "file: DATA=path, or --data path"
        )
    dataset = test_images(workspace.model, name, data_root)
    count = _counted(dataset, count)
    return dataset.images[:count], dataset.labels[:count]


def with_data(workspace: Workspace, dataset: str, count: int | None, data_root: Path | None) -> Workspace:
    """Return the workspace with the first test images of `dataset` as its sample, which is written to `data.npz` in its folder.

    dataset: a name or a path, as `quant_train.data.load` takes it. count: images; without it, 200, or as many as there are.

    Raises:
        ConfigurationError: there is no such data set, not so many images, or they do not fit the model.
    """
    found = test_images(workspace.model, dataset, data_root)
    count = _counted(found, count)
    path = workspace.folder / "data.npz"
    write_npz(path, {"images": found.images[:count], "labels": found.labels[:count]}, compressed=False)
    return replace(workspace, sample=path)


def test_images(model: Path, name: str, data_root: Path | None) -> Dataset:
    """Return the test images of a data set as the model in the file `model` takes them, and their labels among its classes.

    Raises:
        ConfigurationError: the model or the data are refused, or the images of a data set with a name have another shape.
    """
    from hls_project.graph.validate import check, load_proto
    from quant_train import data

    proto = load_proto(model)
    try:
        network = check(proto)
    except ConfigurationError as error:
        raise ConfigurationError(f"{model}: {error}") from error
    said = {prop.key: prop.value for prop in proto.metadata_props}
    shape, classes, config = network.input_shape, network.classes, None
    if name not in data.names() and DATA in said:
        config = data.data_config(said[DATA], f"{model}: {DATA}")
    dataset = data.load(name, "test", data_root, config, classes, shape)
    if dataset.images.shape[1:] != shape:
        raise ConfigurationError(
            f"{name} has images of (H, W, C) = {dataset.images.shape[1:]}, and {model} takes {shape}; another data set is needed"
        )
    if dataset.labels.max() >= len(classes):
        raise ConfigurationError(
            f"{name} has {len(dataset.classes)} classes, and {model} {len(classes)}; another data set is needed"
        )
    return dataset


def _counted(dataset: Dataset, count: int | None) -> int:
    count = count or min(SAMPLE_IMAGES, len(dataset.images))
    if count > len(dataset.images):
        raise ConfigurationError(f"{dataset.name} has {len(dataset.images):,} test images, not {count:,}")
    return count


def read_sample(
    path: Path, classes: Sequence[str] | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return the images and labels of a sample.npz. classes: names that labels may be, instead of numbers.

    Raises:
        ConfigurationError: the file is missing, damaged or something else, or a label is no class.
    """
    try:
        with archives.opened(path) as sample:
            images, labels = sample["images"], sample.get("labels")
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; a sample of images is needed") from error
    if images.dtype != np.uint8 or images.ndim != 4 or not len(images):
        raise ConfigurationError(
            f"{path}: images must be uint8 (N, H, W, C), N > 0, not {images.dtype} {images.shape}"
        )
    if labels is not None and labels.shape != (len(images),):
        raise ConfigurationError(
            f"{path}: labels must be ({len(images)},), one for each image, not {labels.shape}"
        )
    return images, None if labels is None else class_numbers(path, labels, classes)


def class_names(workspace: Workspace) -> list[str] | None:
    """Return the names that the workspace's model gives its classes, None if it gives none."""
    return _class_names(properties(workspace))


def _class_names(known: Mapping[str, str]) -> list[str] | None:
    """Return the names that a model gives its classes; what is wrong with them is said where its network is read."""
    try:
        names = json.loads(known.get(CLASSES, "null"))
    except (ValueError, RecursionError):
        return None
    return names if isinstance(names, list) and all(isinstance(name, str) for name in names) else None
