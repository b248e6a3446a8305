"""Golden vectors as a file: read, and told whether they are current, without the libraries that compute them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn import archives
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from hls_project.workspace.folder import Workspace

Progress = Callable[[int], None]

TRACED_IMAGES = 100
"""Images whose membrane potentials and spikes are kept, for ranges and firing rates."""


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """Golden values of one layer of the integer graph, for N images.

    vm: int32 (N, H, W, C). spikes: uint8 (N, H, W, K * C) before pooling, None for the scores; pooled: after
    it.
    """

    name: str
    vm: NDArray[np.int32]
    spikes: NDArray[np.uint8] | None
    pooled: NDArray[np.uint8] | None


@dataclass(frozen=True, eq=False)
class Golden:
    """Golden vectors of N images: uint8 (N, H, W, C), int64 labels (N,) if known, int32 scores (N, classes).

    traces: the layers' values for the first images.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    scores: NDArray[np.int32]
    traces: tuple[LayerTrace, ...]


def load(path: Path) -> Golden:
    """Read golden vectors.

    Raises:
        ConfigurationError: the file is missing, damaged or something else.
    """
    try:
        with archives.opened(path) as file:
            layers = tuple(
                LayerTrace(
                    name, file[f"{name}/vm"], *(file.get(f"{name}/{part}") for part in ("spikes", "pooled"))
                )
                for name in map(str, file["layers"].reshape(-1).tolist())
            )
            return Golden(file["images"], file.get("labels"), file["scores"], layers)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{error}; golden vectors are needed: delete the file and run again"
        ) from error


def is_current(
    path: Path,
    model: Path,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None = None,
    traced: int = 16,
) -> bool:
    """Say whether `path` holds what `write` would write for this model and these images."""
    try:
        with archives.opened(path) as file:
            return str(file["key"]) == content_key(model, images, labels, traced)
    except ConfigurationError:
        return False


def golden_vectors(
    workspace: Workspace,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    progress: Progress = lambda done: None,
) -> Golden:
    """Return the golden vectors of `images`, computed unless `golden.npz` is current."""
    if is_current(workspace.golden, workspace.model, images, labels, TRACED_IMAGES):
        return load(workspace.golden)
    from hls_project.parity.golden import (
        write,  # with onnx, which takes a third of a run that finds all current
    )

    return write(workspace.golden, workspace.model, images, labels, TRACED_IMAGES, progress)


def content_key(model: Path, images: NDArray[np.uint8], labels: NDArray[np.int64] | None, traced: int) -> str:
    """Return a digest of what golden vectors are made from."""
    parts = [
        sha256(Path(model)),
        str(images.shape),
        sha256(np.ascontiguousarray(images).tobytes()),
        str(traced),
    ]
    parts.append("" if labels is None else sha256(np.ascontiguousarray(labels).tobytes()))
    return sha256("\n".join(parts).encode())
