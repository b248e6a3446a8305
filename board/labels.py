"""Labels as users have them, into numbers of classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .errors import BoardError


def class_numbers(labels: Any, classes: Sequence[str]) -> np.ndarray:
    """Return labels (N,), whole numbers from 0 up or names of `classes`, as numbers.

    Raises:
        BoardError: one is neither; the message says which.
    """
    labels = np.asarray(labels)
    numbers = {label: number for number, name in enumerate(classes) for label in (name, number)}
    given = labels.tolist()
    for index, label in enumerate(given):
        if label not in numbers:
            raise BoardError(
                f"label {index} is {label!r}; labels are numbers from 0 to {len(classes) - 1} or names of the classes, such as "
                f"{classes[0]!r}"
            )
    return np.array([numbers[label] for label in given], np.int64)
