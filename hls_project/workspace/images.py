"""The images that a model is checked on: its sample, or test images of its data set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import DATASET
from hls_project.workspace.folder import Workspace


def load_images(
    workspace: Workspace, count: int | None, data_root: Path | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return images (N, H, W, C) and labels (N,): the model's sample, or `count` images, of the sample if it has so many.

    More come from the test images of the model's data set, of which a sample made by `train` is the beginning.

    Raises:
        ConfigurationError: there are none, or not that many.
    """
    has = ""
    if workspace.sample is not None:
        images, labels = read_sample(workspace.sample)
        if count is None or count <= len(images):
            return images[:count], None if labels is None else labels[:count]
        has = f"; its sample has {len(images):,} images, {count:,} are asked for"
    from hls_project.graph.validate import load_proto
    from quant_train import data

    properties = {prop.key: prop.value for prop in load_proto(workspace.model).metadata_props}
    name = properties.get(DATASET)
    if not name:
        raise ConfigurationError(
            f"{workspace.model} does not name its data set ({DATASET}){has or ' and has no sample.npz beside it'}"
        )
    dataset = data.load(name, "test", data_root)
    count = count or min(200, len(dataset.images))
    if count > len(dataset.images):
        raise ConfigurationError(f"{name} has {len(dataset.images):,} test images, not {count:,}")
    return dataset.images[:count], dataset.labels[:count]


def read_sample(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return the images and labels of a sample.npz.

    Raises:
        ConfigurationError: the file is missing, damaged or something else.
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
    return images, labels
