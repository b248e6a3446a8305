"""Image data sets as numpy arrays: digits, MNIST, Fashion-MNIST and CIFAR-10."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

from dt_scnn.errors import ConfigurationError
from quant_train.data import cifar, digits, idx
from quant_train.data.dataset import ROOT_VARIABLE, Dataset, Split, data_root

__all__ = ["ROOT_VARIABLE", "Dataset", "Split", "data_root", "load", "names"]

_DIGITS = tuple("0123456789")
_FASHION = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


def names() -> tuple[str, ...]:
    """Return the names of the data sets."""
    return ("digits", "mnist", "fashion-mnist", "cifar-10")


def load(name: str, split: Split, root: Path | None = None) -> Dataset:
    """Return a split, "train" or "test", of the data set `name`; nothing is downloaded.

    root: the folder that holds a folder for each data set; without it, DTSCNN_DATA, ./data or ../shared/data.

    Raises:
        ConfigurationError: there is no such data set or split, or its files are missing or damaged.
    """
    if name not in names():
        raise ConfigurationError(f"the data set must be one of {', '.join(names())}, not {name!r}")
    if split not in get_args(Split):
        raise ConfigurationError(f"the split must be train or test, not {split!r}")
    if name == "digits":
        return digits.load(split)
    folder = data_root(root) / name
    if name == "cifar-10":
        return cifar.load(split, folder)
    title, classes = ("MNIST", _DIGITS) if name == "mnist" else ("Fashion-MNIST", _FASHION)
    return idx.load(name, title, classes, split, folder)
