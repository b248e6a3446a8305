"""What is had cheaply from the model's file and its images: exact counts, firing, membrane potentials, scores."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from board.reference import Reference
from dt_scnn import archives
from hls_project.compare.activity import LayerActivity, watch
from hls_project.graph.integer import IntegerGraph
from hls_project.graph.layer import Layer
from hls_project.graph.validate import load
from hls_project.overlay.manifest import write_network
from hls_project.parity import golden
from hls_project.workspace.folder import Workspace

WATCHED = 50
"""Images whose spikes are counted."""

BY_NUMPY = 10
"""Images that the integer network computes in numpy, which is slow."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Watched:
    """The network on images. scores: int32 (N, classes) by onnxruntime. correct: right labels, None without labels.

    recorded: how many of the scores that came with the sample are equal, None if none came. numpy_exact, numpy_images: of the
    integer network. activity: of the first images, a layer each.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.int64] | None
    scores: NDArray[np.int32]
    correct: int | None
    recorded: int | None
    numpy_exact: int
    numpy_images: int
    activity: tuple[LayerActivity, ...]


def watch_network(
    workspace: Workspace,
    graph: IntegerGraph,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    progress: Progress,
) -> Watched:
    """Run the network on images (N, H, W, C).

    Raises:
        ConfigurationError: the sample is damaged, or as `golden.scores`. FlowError: as `golden.scores`.
    """
    total = len(images)
    scores = golden.scores(workspace.model, images, lambda done: progress("scores", done, total))
    few = images[:BY_NUMPY]
    with tempfile.TemporaryDirectory() as folder:
        reference = Reference(write_network(Path(folder) / "network.npz", workspace.model))
    found = np.stack([reference.scores(image) for image in few])
    watched = images[:WATCHED]
    activity = watch(
        load(workspace.model), graph.layers, watched, lambda done: progress("spikes", done, len(watched))
    )
    return Watched(
        images,
        labels,
        scores,
        None if labels is None else int((scores.argmax(axis=1) == labels).sum()),
        _recorded(workspace.sample, images, scores),
        int((found == scores[: len(few)]).all(axis=1).sum()),
        len(few),
        activity,
    )


def _recorded(sample: Path | None, images: NDArray[np.uint8], scores: NDArray[np.int32]) -> int | None:
    """Return on how many images the scores are those of the sample, None if it has no scores or other images."""
    if sample is None:
        return None
    with archives.opened(sample) as arrays:
        noted = arrays.get("scores")
        if noted is None or noted.shape != scores.shape or not np.array_equal(arrays["images"], images):
            return None
    return int((noted == scores).all(axis=1).sum())


def totals(layers: tuple[Layer, ...], conventional: bool = False) -> dict[str, int]:
    """Return the counts of one image: additions if every input spiked, weights, and bits of `Vm`.

    conventional: of the network with the same spike maps, which has a kernel and a `Vm` map for each of them.
    """
    counts = {"synaptic_operations": 0, "weights": 0, "vm_bits": 0}
    for layer in layers:
        kernels = len(layer.thresholds) if conventional and layer.thresholds is not None else 1
        counts["synaptic_operations"] += kernels * layer.synaptic_operations
        counts["weights"] += kernels * int(layer.weights.size)
        counts["vm_bits"] += kernels * prod(layer.vm_shape) * layer.vm_width
    return counts
