"""The gallery: images that came with the overlay, a few of each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

import numpy as np

from ..manifest import Manifest

ROW = 10
"""Images of a row where no class is known."""


@dataclass(frozen=True, eq=False)
class Sample:
    """index: among the golden images. image: uint8 (H, W, C). name: of its class, None if that is not known."""

    index: int
    image: np.ndarray
    name: Optional[str]


class Samples:
    """The golden images of an overlay, which are its model's own sample."""

    def __init__(self, manifest: Manifest):
        golden = manifest.golden_vectors()
        self._images, self._labels, self._classes = golden.images, golden.labels, manifest.classes

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> Sample:
        label = int(self._labels[index])
        known = 0 <= label < len(self._classes)
        return Sample(index, self._images[index], self._classes[label] if known else None)

    def row(self, number: int) -> list[Sample]:
        """Return one image of each class that has some, the next ones for each `number`; without labels, the next `ROW`."""
        places = [np.flatnonzero(self._labels == label) for label in range(len(self._classes))]
        places = [found for found in places if len(found)]
        if not places:
            count = min(ROW, len(self))
            return [self[(number * count + index) % len(self)] for index in range(count)]
        return [self[int(found[number % len(found)])] for found in places]
