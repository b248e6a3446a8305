"""Names of classes, and labels that are names or numbers of them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError

_LONGEST = 200
"""Characters of a class name."""


def check_class_names(where: str | Path, names: Sequence[str]) -> tuple[str, ...]:
    """Return class names that every file format and screen can hold.

    Raises:
        ConfigurationError: one is empty, too long, not printable, no UTF-8, begins or ends with a space, or is there twice.
    """
    for name in names:
        if not isinstance(name, str) or not 0 < len(name) <= _LONGEST or not name.isprintable():
            raise ConfigurationError(
                f"{where}: the class name {str(name)[:_LONGEST]!r} cannot be written into files: a name is 1 to {_LONGEST} "
                "printable characters, in UTF-8; rename it"
            )
        if name != name.strip():
            raise ConfigurationError(
                f"{where}: the class name {name!r} begins or ends with a space; rename it"
            )
    if twice := {name for name in names if list(names).count(name) > 1}:
        raise ConfigurationError(f"{where}: the class {sorted(twice)[0]!r} is there twice; rename one")
    return tuple(names)


def class_numbers(path: Path, labels: NDArray[Any], classes: Sequence[str] | None) -> NDArray[np.int64]:
    """Return labels (N,), numbers or names of `classes`, as numbers from 0 up.

    Raises:
        ConfigurationError: one is neither; the message says which, and the nearest name.
    """
    names = None if classes is None else list(classes)
    if labels.dtype.kind in "US":
        words = label_words(path, labels)
        if names is None:
            raise ConfigurationError(
                f"{path}: label 0 is {words[0]!r}, but the model has no class names; give numbers from 0 up"
            )
        numbers_of = {name: number for number, name in enumerate(names)}
        for index, word in enumerate(words):
            if word not in numbers_of:
                raise ConfigurationError(
                    f"{path}: label {index} is {word!r}, which is none of the model's classes {some(names)}{nearest(word, names)}"
                )
        return np.array([numbers_of[word] for word in words], np.int64)
    if labels.dtype.kind not in "iub" and not (
        labels.dtype.kind == "f" and np.array_equal(labels, np.rint(labels))
    ):
        raise ConfigurationError(
            f"{path}: labels must be whole numbers from 0 up or names, not {labels.dtype}"
        )
    top = np.iinfo(np.int32).max if names is None else len(names) - 1
    beyond = np.flatnonzero((labels < 0) | (labels > top))
    if len(beyond):
        known = "" if names is None else f", for the classes {some(names)}"
        raise ConfigurationError(
            f"{path}: label {beyond[0]} is {labels[beyond[0]]}, but labels go from 0 to {top}{known}"
        )
    return labels.astype(np.int64)


def names_taken(where: str | Path, wanted: Sequence[str] | None, found: Sequence[str]) -> tuple[str, ...]:
    """Return the names that data with the classes `found` are numbered by: the model's, `wanted`, if it has some.

    A model whose classes are mere numbers takes the data's order, where the data have as many classes with other names.

    Raises:
        ConfigurationError: that model has another number of classes.
    """
    if wanted is None:
        return tuple(found)
    unnamed = list(wanted) == [str(number) for number in range(len(wanted))]
    if not unnamed or set(found) <= set(wanted):
        return tuple(wanted)
    if len(found) != len(wanted):
        raise ConfigurationError(
            f"{where}: has {len(found)} classes, {some(found)}, and the model {len(wanted)} without names"
        )
    return tuple(found)


def label_words(path: Path, labels: NDArray[np.generic]) -> list[str]:
    """Return labels that are strings or bytes as strings.

    Raises:
        ConfigurationError: bytes are no UTF-8.
    """
    try:
        return [word.decode() if isinstance(word, bytes) else word for word in labels.tolist()]
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"{path}: the label {error.object!r} is no UTF-8; save names as strings (dtype=str)"
        ) from error


def nearest(word: str, names: Sequence[str]) -> str:
    """Return a hint at the name that `word` is nearest to, or nothing."""
    near = difflib.get_close_matches(word, names, 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def some(names: Sequence[str]) -> str:
    """Return names for a message, not more than twelve."""
    shown = ", ".join(map(repr, names[:12]))
    return f"{shown} and {len(names) - 12} more" if len(names) > 12 else shown
