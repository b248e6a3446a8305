"""Folders of pictures: which layout they have, and the label of each file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from dt_scnn.errors import ConfigurationError
from dt_scnn.labels import check_class_names, names_taken, nearest, some
from quant_train.data.splits import TEST, TRAIN, VALIDATION, split_of

UNDIVIDED = ""
"""The split of a folder whose class folders are for training and test alike."""

_JUNK = {"__macosx", "thumbs.db", "desktop.ini"}
_BESIDE = {".txt", ".csv", ".json", ".md", ".xml", ".html", ".yaml", ".yml", ".toml", ".pdf"}
"""Files that lie beside pictures and are none; archives as well."""
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar")

_DEPTH = 4
"""So many folders with nothing but one folder in them are gone through."""


class Listing(NamedTuple):
    """files: by split, the paths and the labels (from 0 up) of pictures. classes: their names."""

    files: dict[str, list[tuple[Path, int]]]
    classes: tuple[str, ...]


def contents(folder: Path) -> tuple[list[Path], list[Path]]:
    """Return the folders and the files in a folder, sorted by name, without hidden ones and what computers leave behind.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        paths = sorted(folder.iterdir(), key=lambda path: os.fsencode(path.name))
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot be read: {error.strerror}") from error
    seen = [path for path in paths if not path.name.startswith(".") and path.name.lower() not in _JUNK]
    folders = [path for path in seen if path.is_dir()]
    return folders, [path for path in seen if not path.is_dir()]


def pictures_in(folder: Path) -> list[Path]:
    """Return the files of a folder that should be pictures: all but texts, tables and archives."""
    files = [path for path in contents(folder)[1] if path.suffix.lower() not in _BESIDE]
    return [path for path in files if not path.name.lower().endswith(_ARCHIVES)]


def unwrapped(folder: Path) -> Path:
    """Return the folder that `folder` stands for: archives often hold one folder, which holds one folder with the data."""
    for _ in range(_DEPTH):
        folders, _ = contents(folder)
        raw = [path for path in folders if path.name == "raw"]
        if pictures_in(folder):
            break
        if raw and not any(pictures_in(path) for path in folders if path.name not in ("raw", "processed")):
            return raw[0]  # where torchvision puts IDX files
        if len(folders) != 1 or not (contents(folders[0])[0] or _holds_tables(folders[0])):
            break
        folder = folders[0]
    return folder


def _holds_tables(folder: Path) -> bool:
    """Say whether a folder has files that are data sets and no pictures."""
    return any("ubyte" in path.name or path.suffix in (".bin", ".npz") for path in pictures_in(folder))


def listing(root: Path, classes: Sequence[str] | None = None) -> Listing:
    """Return the pictures below `root`: class folders, or class folders in folders named for training and test.

    classes: a model's names, of which the folders' then must be some (`names_taken`); without them, the names of the folders are the classes, in order
    of their numbers where all are numbers.

    Raises:
        ConfigurationError: it is neither; a class is empty, is missing in one split, or has no usable name.
    """
    folders, _ = contents(root)
    if not folders:
        raise ConfigurationError(
            f"{root}: {_found(root)}; a data set has a folder of pictures for each class"
        )
    parts = _split_folders(root, folders)
    if not parts:
        parts = {TEST if split_of(root.name) in (TEST, VALIDATION) else UNDIVIDED: root}
    named = {split: _class_folders(folder) for split, folder in parts.items()}
    names = names_taken(root, classes, _names(root, named, whole=classes is None))
    return Listing(
        {split: _labelled(part, names, parts[split]) for split, part in named.items()}, tuple(names)
    )


def _split_folders(root: Path, folders: Sequence[Path]) -> dict[str, Path]:
    """Return the folders that are named for a split and hold class folders."""
    named = [(folder, split_of(folder.name)) for folder in folders]
    flat = [folder.name for folder, split in named if split and pictures_in(folder)]
    result: dict[str, Path] = {}
    for folder, split in named:
        if split is None or folder.name in flat:
            continue
        if split in result:
            raise ConfigurationError(
                f"{root}: {result[split].name} and {folder.name} are both for {split}; give one of them as the data set"
            )
        result[split] = unwrapped(folder)
    if flat and (result or len(flat) == len(folders)):
        raise ConfigurationError(
            f"{root / flat[0]}: holds pictures and no class folders, so they have no labels; sort them into a folder for each "
            f"class{f', or give {root / next(iter(result.values())).name} alone as the data set' if result else ''}"
        )
    return result


def _class_folders(folder: Path) -> dict[str, list[Path]]:
    """Return the pictures of each class folder.

    Raises:
        ConfigurationError: one is empty, holds folders, or there are pictures beside them.
    """
    folders, _ = contents(folder)
    if loose := pictures_in(folder):
        raise ConfigurationError(
            f"{loose[0]}: lies beside class folders, so it has no label; move it into one of them, or out of the data set"
        )
    result = {}
    for path in folders:
        inner, _ = contents(path)
        result[path.name] = pictures_in(path)
        if inner:
            raise ConfigurationError(
                f"{inner[0]}: is a folder within the class folder {path.name!r}; pictures lie in the class folder itself"
            )
        if not result[path.name]:
            raise ConfigurationError(f"{path}: the class folder is empty; put pictures into it, or remove it")
    if not result:
        raise ConfigurationError(
            f"{folder}: {_found(folder)}; there must be a folder of pictures for each class"
        )
    return result


def _names(root: Path, named: dict[str, dict[str, list[Path]]], whole: bool) -> tuple[str, ...]:
    """Return the names of the class folders, in order. whole: the data set must have all that a training needs."""
    first_split = TRAIN if TRAIN in named else next(iter(named))
    found = list(named[first_split])
    names = check_class_names(root, sorted(found, key=int) if all(map(_is_number, found)) else found)
    if not whole:
        return names
    if len(names) < 2:
        raise ConfigurationError(
            f"{root}: has one class, {names[0]!r}; a network tells two or more apart: a folder for each"
        )
    for split, folders in named.items():
        if absent := [name for name in names if name not in folders]:
            raise ConfigurationError(
                f"{root}: the class {absent[0]!r} of {first_split or 'training'} has no folder for {split}; add one with pictures"
            )
    return names


def _labelled(part: dict[str, list[Path]], names: Sequence[str], folder: Path) -> list[tuple[Path, int]]:
    numbers = {name: number for number, name in enumerate(names)}
    for name in part:
        if name not in numbers:
            raise ConfigurationError(
                f"{folder / name}: {name!r} is none of the classes {some(names)}{nearest(name, names)}"
            )
    return [(path, numbers[name]) for name, paths in part.items() for path in paths]


def _is_number(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _found(folder: Path) -> str:
    loose = pictures_in(folder)
    return f"holds {len(loose):,} files and no folders, the first {loose[0].name!r}" if loose else "is empty"
