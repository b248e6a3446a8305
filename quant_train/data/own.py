"""Data of one's own: a folder of pictures, an `.npz` archive, or IDX files; see docs/own-data.md."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from board.errors import BoardError
from board.pictures import fitted
from dt_scnn.errors import ConfigurationError
from quant_train.data import arrays, folders, idx, pictures
from quant_train.data.config import DataConfig
from quant_train.data.dataset import Dataset, Split
from quant_train.data.splits import chosen, in_order, shared_out

_PICKLED = ("data_batch_1", "test_batch", "train", "test", "meta")
"""Files of CIFAR's Python version, which are pickles."""


def load(
    name: str,
    split: Split,
    config: DataConfig,
    classes: Sequence[str] | None = None,
    shape: pictures.Shape | None = None,
) -> Dataset:
    """Return a split of the data at the path `name`, relative to the current folder; nothing is written there.

    The order of the images, and which are for the test where nothing says so, come from `config.seed` and from the files' names,
    or the images' places in an array. classes: names, in order, that those of the data must be of. shape: (H, W, C) that images
    are cut and scaled to; without it, `config` and the images say.

    Raises:
        ConfigurationError: there is no such data set, or something in it is refused; the message names the file.
    """
    path = Path(name)
    title = path.resolve().name
    if path.is_file():
        if path.suffix.lower() != ".npz":
            _refuse_file(path)
        return _from_arrays(name, title, path, arrays.read_npz(path, classes), split, config, shape)
    root = folders.unwrapped(path)
    inner, files = folders.contents(root)
    if binary := next((place for place in (root, *inner) if (place / "test_batch.bin").is_file()), None):
        return _from_arrays(
            name, title, root, arrays.read_cifar(binary, split, classes), split, config, shape
        )
    _refuse_pickles(root, (root, *inner))
    if pairs := idx.pairs(root, files):
        return _from_arrays(
            name, title, root, arrays.read_idx_pairs(root, pairs, classes), split, config, shape
        )
    return _from_pictures(name, title, root, folders.listing(root, classes), split, config, shape)


def _from_pictures(
    name: str,
    title: str,
    root: Path,
    listing: folders.Listing,
    split: Split,
    config: DataConfig,
    shape: pictures.Shape | None,
) -> Dataset:
    if folders.UNDIVIDED in listing.files:
        items = listing.files[folders.UNDIVIDED]
        labels = np.array([label for _, label in items], np.int64)
        places = shared_out(
            _keys(root, items), labels, listing.classes, config.test_share, config.seed, str(root)
        )[split]
    else:
        items = listing.files[chosen(list(listing.files), split, str(root))]
        labels = np.array([label for _, label in items], np.int64)
        places = in_order(_keys(root, items), config.seed)
    everything = [path for part in listing.files.values() for path, _ in part]
    shape = shape or pictures.common_shape(root, everything, config)
    images = pictures.decoded([items[place][0] for place in places], shape)
    return Dataset(images, labels[places], listing.classes, name, title)


def _keys(root: Path, items: Sequence[tuple[Path, int]]) -> list[bytes]:
    return [os.fsencode(path.relative_to(root).as_posix()) for path, _ in items]


def _from_arrays(
    name: str,
    title: str,
    path: Path,
    found: arrays.Arrays,
    split: Split,
    config: DataConfig,
    shape: pictures.Shape | None,
) -> Dataset:
    undivided = found.parts.get("")
    part = undivided or found.parts[chosen(list(found.parts), split, str(path))]
    keys = [b"%d" % index for index in range(len(part.labels))]
    if undivided:
        places = shared_out(keys, part.labels, found.classes, config.test_share, config.seed, str(path))[
            split
        ]
    else:
        places = in_order(keys, config.seed)
    images = _fitted(path, part.images[places], config, shape)
    return Dataset(images, part.labels[places], found.classes, name, title)


def _fitted(
    path: Path, images: NDArray[np.uint8], config: DataConfig, shape: pictures.Shape | None
) -> NDArray[np.uint8]:
    height, width, channels = images.shape[1:]
    wanted = shape or (*(config.size or (height, width)), config.channels or channels)
    if wanted[2] != channels:
        raise ConfigurationError(
            f"{path}: its images have {channels} channels, and {wanted[2]} are asked for; save them with as many"
        )
    if wanted == images.shape[1:]:
        return images
    try:
        return np.stack([fitted(image, wanted[:2]) for image in images])
    except BoardError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def _refuse_file(path: Path) -> NoReturn:
    hints = {
        ".zip": "unpack it and give the folder",
        ".gz": "unpack it and give the folder; IDX files lie in a folder, which is given",
        ".tar": "unpack it and give the folder",
        ".tgz": "unpack it and give the folder",
        ".csv": "save its pixels as images (N, H, W) uint8 and its labels in an .npz",
        ".npy": "save images and labels together: numpy.savez('data.npz', images=..., labels=...)",
        ".pt": "it is a pickle, which is never loaded; save its arrays in an .npz",
        ".pkl": "it is a pickle, which is never loaded; save its arrays in an .npz",
    }
    hint = hints.get(path.suffix.lower(), "a data set is a folder, or an .npz archive of images and labels")
    raise ConfigurationError(f"{path}: is no data set; {hint}")


def _refuse_pickles(root: Path, places: Sequence[Path]) -> None:
    """Refuse CIFAR's Python version: reading a pickle of unknown origin can run code."""
    for place in places:
        names = [name for name in _PICKLED if (place / name).is_file()]
        if len(names) > 1 and ("meta" in names or "test_batch" in names):
            raise ConfigurationError(
                f"{place / names[0]}: is pickled, and pickles are never loaded from a path; fetch the binary version of the data set "
                "(cifar-10-binary.tar.gz), or give the name cifar-10"
            )
