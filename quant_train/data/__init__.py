"""Image data sets as numpy arrays: digits, MNIST, Fashion-MNIST, CIFAR-10, and data of one's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

from dt_scnn.errors import ConfigurationError
from quant_train.data import cifar, digits, idx, own
from quant_train.data.config import DataConfig, data_config, data_json
from quant_train.data.dataset import ROOT_VARIABLE, Dataset, Split, data_root
from quant_train.data.official import checksums

__all__ = [
    "ROOT_VARIABLE",
    "DataConfig",
    "Dataset",
    "Split",
    "checksums",
    "data_config",
    "data_json",
    "data_root",
    "load",
    "load_data",
    "names",
]

_DIGITS = tuple("0123456789")
_FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


def names() -> tuple[str, ...]:
    """Return the names of the data sets that this project knows."""
    return ("digits", "mnist", "fashion-mnist", "cifar-10")


def load(
    name: str,
    split: Split,
    root: Path | None = None,
    config: DataConfig | None = None,
    classes: Sequence[str] | None = None,
    shape: tuple[int, int, int] | None = None,
) -> Dataset:
    """Return a split, "train" or "test", of the data set `name`; nothing is downloaded.

    name: one of `names()`, or the path of a folder or an .npz archive, relative to the current folder (`own.load`). root: the
    folder that holds a folder for each data set with a name; without it, DTSCNN_DATA, ./data or ../shared/data. config, classes,
    shape: for data at a path, how they are read, what classes they must be of, and what (H, W, C) they are brought to.

    Raises:
        ConfigurationError: there is no such data set or split, or its files are missing, damaged or refused.
    """
    if split not in get_args(Split):
        raise ConfigurationError(f"the split must be train or test, not {split!r}")
    if name not in names():
        if not name or not Path(name).exists():
            raise ConfigurationError(
                f"the data set must be one of {', '.join(names())}, or the path of a folder or an .npz archive, not {name!r}: "
                f"there is no such path in {Path.cwd()}"
            )
        return own.load(name, split, config or DataConfig(), classes, shape)
    if config not in (None, DataConfig()):
        raise ConfigurationError(f"{name}: is as it is; [data] is for data at a path")
    if name == "digits":
        return digits.load(split)
    folder = data_root(root) / name
    if name == "cifar-10":
        return cifar.load(split, folder)
    title, known = ("MNIST", _DIGITS) if name == "mnist" else ("Fashion-MNIST", _FASHION)
    return idx.load(name, title, known, split, folder)


def load_data(name: str | Path, split: Split = "train", root: Path | None = None, **config: Any) -> Dataset:
    """Return a split of a data set, see `load`. config: how data at a path are read, by the fields of `DataConfig`.

    Raises:
        ConfigurationError: as `load`; or there is no such field.
    """
    return load(str(name), split, root, data_config(config, "load_data") if config else None)
