"""Images with labels, and where data sets are looked for."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError

Split = Literal["train", "test"]
ROOT_VARIABLE = "DTSCNN_DATA"


@dataclass(frozen=True)
class Dataset:
    """One split of a data set.

    images: uint8 (N, H, W, C). labels: int64 (N,). classes: their names. name: what `load` knows it by, or its path.
    title: what to call it beside a figure measured on it.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    classes: tuple[str, ...]
    name: str
    title: str

    def __post_init__(self) -> None:
        if self.images.dtype != np.uint8 or self.images.ndim != 4:
            raise ConfigurationError(
                f"{self.name}: images must be uint8 (N, H, W, C), not {self.images.dtype} {self.images.shape}"
            )
        if not len(self.images):
            raise ConfigurationError(f"{self.name}: there are no images in its files; fetch them again")
        if self.labels.shape != self.images.shape[:1]:
            raise ConfigurationError(
                f"{self.name}: {len(self.images):,} images but labels of shape {self.labels.shape}"
            )
        if self.labels.size and not 0 <= self.labels.min() <= self.labels.max() < len(self.classes):
            raise ConfigurationError(
                f"{self.name}: labels must be 0 to {len(self.classes) - 1}, "
                f"not {self.labels.min()} to {self.labels.max()}"
            )


def data_root(root: Path | None = None) -> Path:
    """Return `root`, else the folder that DTSCNN_DATA names, else ./data, else ../shared/data if that alone exists."""
    if root is not None:
        return Path(root)
    if named := os.environ.get(ROOT_VARIABLE):
        return Path(named)
    here, shared = Path("data"), Path("../shared/data")
    return shared if shared.is_dir() and not here.is_dir() else here


def missing(name: str, wanted: str, folder: Path, can_download: bool = True) -> ConfigurationError:
    """Return the error for a data set that is not there."""
    fetch = f", or run: python -m quant_train download {name}" if can_download else ""
    return ConfigurationError(
        f"{name}: {wanted} not found in {folder}; put the official files there, name the data root "
        f"with --data-root or {ROOT_VARIABLE}{fetch}"
    )
