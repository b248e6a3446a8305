"""What every simulation is held against, and what its report begins with: every score of every image."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from hls_project.graph.network_summary import NetworkSummary
from hls_project.parity import golden_file
from hls_project.parity.vectors import Golden, golden_vectors
from hls_project.workspace.folder import Workspace

Progress = Callable[[str, int, int], None]


class Answers(Protocol):
    """What a simulation answered: scores (N, classes) int32, labels (N,) int32."""

    @property
    def scores(self) -> NDArray[np.int32]: ...
    @property
    def labels(self) -> NDArray[np.int32]: ...


@dataclass(frozen=True)
class Verdict:
    """What a simulation of `images` images showed. correct: labels right, None without labels.

    exact: images with every score, and the label, equal to onnxruntime's. path: the report as JSON.
    """

    model: str
    images: int
    exact: int
    correct: int | None
    simulation: Answers
    path: Path

    @property
    def is_exact(self) -> bool:
        """Whether every score of every image is equal."""
        return self.exact == self.images

    @property
    def scores(self) -> NDArray[np.int32]:
        """What was computed: (images, classes) int32."""
        return self.simulation.scores

    @property
    def labels(self) -> NDArray[np.int32]:
        """The classes that were chosen, each the first highest score: (images,) int32."""
        return self.simulation.labels

    @property
    def accuracy(self) -> float | None:
        """Share of right labels, 0 to 1, None without labels."""
        return None if self.correct is None else self.correct / self.images


def expected(
    workspace: Workspace,
    network: NetworkSummary,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    file: Path,
    progress: Progress,
) -> Golden:
    """Return the golden vectors of images (N, H, W, C), which `file` gets in the form that simulators read.

    Raises:
        ConfigurationError: the network takes other images, or as `golden_vectors`.
    """
    if images.shape[1:] != network.input_shape:
        raise ConfigurationError(f"the network takes images of {network.input_shape}, not {images.shape[1:]}")
    total = len(images)
    progress("golden scores", 0, total)
    vectors = golden_vectors(workspace, images, labels, lambda done: progress("golden scores", done, total))
    progress("golden scores", total, total)
    golden_file.write(file, vectors.images, vectors.scores)
    return vectors


def equal(answers: Answers, vectors: Golden) -> NDArray[np.bool_]:
    """Return for each image whether every score, and the label, is the golden one: (N,)."""
    labels = answers.labels == vectors.scores.argmax(axis=1)
    return (answers.scores == vectors.scores).all(axis=1) & labels  # type: ignore[no-any-return]


def right(answers: Answers, labels: NDArray[np.int64] | None) -> int | None:
    """Return how many labels are right, None without labels."""
    return None if labels is None else int((answers.labels == labels).sum())
