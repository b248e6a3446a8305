"""Labels of a sample: numbers or the names of classes, and what is neither."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.workspace.images import read_sample

CLASSES = ("cat", "dog", "eel")


def sample(folder: Path, labels: object) -> Path:
    path = folder / "sample.npz"
    np.savez(path, images=np.zeros((3, 2, 2, 1), np.uint8), labels=np.array(labels))
    return path


@pytest.mark.parametrize(
    "labels", [["eel", "cat", "dog"], [2, 0, 1], [2.0, 0.0, 1.0], [b"eel", b"cat", b"dog"]]
)
def test_names_and_numbers_are_class_numbers(labels: list[object], tmp_path: Path) -> None:
    found = read_sample(sample(tmp_path, labels), CLASSES)[1]
    assert found is not None and found.dtype == np.int64 and found.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (["cat", "dgo", "eel"], r"label 1 is 'dgo'.*'cat', 'dog', 'eel'; did you mean 'dog'\?"),
        ([0, 1, 3], "label 2 is 3, but labels go from 0 to 2"),
        ([0, -1, 1], "label 1 is -1"),
        ([0.5, 1, 2], "whole numbers from 0 up or names, not float64"),
        ([1j, 0, 0], "not complex128"),
        ([0, 1], r"labels must be \(3,\)"),
    ],
)
def test_other_labels_are_refused_by_their_place(labels: list[object], message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=message):
        read_sample(sample(tmp_path, labels), CLASSES)


def test_names_need_classes(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="label 0 is 'cat', but the model has no class names"):
        read_sample(sample(tmp_path, ["cat", "dog", "eel"]))


def test_objects_are_never_loaded(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="pickled objects, which are never loaded"):
        read_sample(sample(tmp_path, np.array(["cat", 1, None], object)), CLASSES)
