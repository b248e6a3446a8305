"""The gallery's images: one of each class, and the next ones."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np

from board.demo.samples import Samples
from board.manifest import GoldenVectors


def samples(labels: list[int]) -> Samples:
    images = np.arange(len(labels), dtype=np.uint8).reshape(-1, 1, 1, 1)
    golden = GoldenVectors(images, np.array(labels), np.zeros((len(labels), 3), np.int32))
    return Samples(SimpleNamespace(golden_vectors=lambda: golden, classes=("cat", "dog", "owl")))


def test_a_row_has_one_of_each_class_and_the_next_row_others() -> None:
    found = samples([1, 0, 1, 1, 0])
    assert [(sample.index, sample.name) for sample in found.row(0)] == [(1, "cat"), (0, "dog")]
    assert [[sample.index for sample in found.row(number)] for number in range(1, 4)] == [
        [4, 2],
        [1, 3],
        [4, 0],
    ]
    assert found.row(0)[0].image.item() == 1 and len(found) == 5


def test_without_labels_the_next_ten_come() -> None:
    found = samples([-1] * 12)
    assert [sample.index for sample in found.row(0)] == [*range(10)]
    assert [sample.index for sample in found.row(1)] == [10, 11, *range(8)]
    assert {sample.name for sample in found.row(0)} == {None}
    assert [sample.index for sample in samples([-1, 7]).row(3)] == [0, 1]
