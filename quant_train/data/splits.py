"""Which images are for the test: by the names of folders, files and arrays, else a share of each class."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError

TRAIN, TEST, VALIDATION = "train", "test", "validation"
_WORDS = {
    **dict.fromkeys(("train", "training", "trainset", "trainingset"), TRAIN),
    **dict.fromkeys(("test", "testing", "testset", "t10k"), TEST),
    **dict.fromkeys(("val", "valid", "validation", "valset", "validationset"), VALIDATION),
}


def split_of(name: str) -> str | None:
    """Return the split that a name says by its first or last word, such as `train`, `seg_test` or `trainingSet`, if any."""
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+", name)]
    return next((_WORDS[word] for word in (*words[:1], *words[-1:]) if word in _WORDS), None)


def any_split_of(name: str) -> str | None:
    """Return the split that any word of a name says, such as `emnist-letters-train-images-idx3-ubyte`, if any."""
    words = re.findall(r"[a-z0-9]+", name.lower())
    return next((_WORDS[word] for word in words if word in _WORDS), None)


def in_order(keys: Sequence[bytes], seed: int) -> NDArray[np.int64]:
    """Return the order of the images: by SHA-256 of seed and key, so that neither files nor processes have a say in it."""
    digests = [hashlib.sha256(b"%d/" % seed + key).digest() for key in keys]
    return np.array(sorted(range(len(keys)), key=lambda index: (digests[index], keys[index])), np.int64)


def shared_out(
    keys: Sequence[bytes],
    labels: NDArray[np.int64],
    classes: Sequence[str],
    share: float,
    seed: int,
    where: str,
) -> dict[str, NDArray[np.int64]]:
    """Return which images are for training and which for the test, each in order: of each class the first share by `in_order`.

    The share is rounded to whole images, at least one on either side.

    Raises:
        ConfigurationError: a class has a single image.
    """
    order = in_order(keys, seed)
    for_test = np.zeros(len(keys), bool)
    for number, name in enumerate(classes):
        own = order[labels[order] == number]
        if len(own) == 1:
            raise ConfigurationError(
                f"{where}: the class {name!r} has one image, and one is needed for training and one for the test; add more, or "
                "make folders train and test"
            )
        for_test[own[: min(max(int(share * len(own) + 0.5), 1), len(own) - 1)]] = True
    return {TRAIN: order[~for_test[order]], TEST: order[for_test[order]]}


def chosen(present: Sequence[str], split: str, where: str) -> str:
    """Return which of the splits that are there stands for `split`: validation stands in where there is no test.

    Raises:
        ConfigurationError: none does.
    """
    for name in (split,) if split == TRAIN else (TEST, VALIDATION):
        if name in present:
            return name
    raise ConfigurationError(f"{where}: has only images for {' and '.join(present)}, none for {split}")
