"""One side of the comparison: a network's accuracy, counts and activity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

from dt_scnn.files import read_json
from hls_project.compare.activity import LayerActivity, watch
from hls_project.graph.integer import integerize
from hls_project.graph.layer import Layer
from hls_project.graph.validate import load
from hls_project.parity import golden
from hls_project.reports.figure import figure
from hls_project.reports.made_from import KEY, made_from, other_inputs
from hls_project.workspace.folder import Workspace
from quant_train.data import Dataset

PARTS = ("first", "convolutions", "dense")
"""The first layer, which adds pixels, and the dense ones, the last of which keeps its weights, are listed apart."""

_RESOURCES: dict[str, tuple[str, ...]] = {
    "lut": ("total", "lut"),
    "ff": ("total", "ff"),
    "bram18": ("total", "bram18"),
}
_HARDWARE: dict[str, dict[str, tuple[str, ...]]] = {
    "estimate-model.json": _RESOURCES,
    "estimate.json": _RESOURCES,  # by synthesis, which is better than the model's
    "cosim.json": {"cycles_per_image": ("cycles_per_image",), "first_result_cycles": ("first_result",)},
}

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, eq=False)
class Side:
    """A network. correct: right labels among `images` test images. hardware: figures of its RTL core that are there."""

    name: str
    layers: tuple[Layer, ...]
    activity: tuple[LayerActivity, ...]
    correct: int
    images: int
    hardware: dict[str, Any]

    @property
    def n_thresholds(self) -> int:
        """Return 2 for a dual-threshold network, 1 for a conventional one."""
        return max(
            (len(layer.thresholds) for layer in self.layers if layer.thresholds is not None), default=1
        )

    @property
    def accuracy(self) -> float:
        """Return the share of right labels."""
        return self.correct / self.images

    def totals(self, part: str | None = None) -> dict[str, float]:
        """Return the counts of one image, over all layers or those of one of `PARTS`."""
        chosen = [
            (layer, activity)
            for index, (layer, activity) in enumerate(zip(self.layers, self.activity, strict=True))
            if part in (None, part_of(index, layer))
        ]
        return {
            "synaptic_operations": sum(layer.synaptic_operations for layer, _ in chosen),
            "spike_operations": sum(activity.additions for _, activity in chosen),
            "weights": sum(int(layer.weights.size) for layer, _ in chosen),
            "weight_storage_bits": sum(int(layer.weights.size) * layer.weight_bits for layer, _ in chosen),
            "vm_bits": sum(prod(layer.vm_shape) * layer.vm_width for layer, _ in chosen),
        }

    def to_json(self) -> dict[str, Any]:
        """Return everything, each figure tagged with where it comes from."""
        watched = f"mean of {self.activity[0].images:,} test images"

        def counted(part: str | None) -> dict[str, Any]:
            return {
                key: figure(value, "measured", watched)
                if key == "spike_operations"
                else figure(value, "model")
                for key, value in self.totals(part).items()
            }

        return {
            "name": self.name,
            "n_thresholds": self.n_thresholds,
            "images": self.images,
            "correct": figure(self.correct, "measured", "images"),
            "accuracy": figure(self.accuracy, "measured", "share"),
            "totals": counted(None),
            "parts": {part: counted(part) for part in PARTS},
            "layers": [
                {
                    "name": layer.name,
                    "part": part_of(index, layer),
                    "vm_shape": layer.vm_shape,
                    "weights": figure(int(layer.weights.size), "model"),
                    "weight_bits": figure(layer.weight_bits, "model"),
                    "vm_width": figure(layer.vm_width, "model", "bits, exact over all inputs"),
                    "synaptic_operations": figure(layer.synaptic_operations, "model"),
                    "spike_operations": figure(activity.additions, "measured", watched),
                    "firing_rates": figure(list(activity.firing_rates), "measured", watched),
                    "maps_overlap": figure(activity.overlap, "measured", "Jaccard similarity of both maps"),
                    "maps_agreement": figure(activity.agreement, "measured", "share of equal places"),
                }
                for index, (layer, activity) in enumerate(zip(self.layers, self.activity, strict=True))
            ],
            "hardware": self.hardware,
        }


def part_of(index: int, layer: Layer) -> str:
    """Return which of `PARTS` a layer belongs to."""
    return "dense" if layer.kind == "dense" else "convolutions" if index else "first"


def examine(workspace: Workspace, test: Dataset, watched: int, progress: Progress) -> Side:
    """Return one side: accuracy on all test images, activity on the first `watched`.

    Raises:
        ConfigurationError, FlowError: the model is refused, or its test images do not fit it.
    """
    proto, name = load(workspace.model), workspace.name
    layers = integerize(workspace.model).layers
    total = len(test.images)
    scores = golden.scores(
        workspace.model, test.images, lambda done: progress(f"{name}: labels", done, total)
    )
    images = test.images[:watched]
    activity = watch(proto, layers, images, lambda done: progress(f"{name}: spikes", done, len(images)))
    correct = int((scores.argmax(axis=1) == test.labels).sum())
    return Side(name, layers, activity, correct, total, hardware_of(workspace))


def hardware_of(workspace: Workspace) -> dict[str, Any]:
    """Return the figures of the workspace's reports on target rtl; those of another model or plan are left out."""
    found: dict[str, Any] = {}
    now = made_from(workspace.folder)
    for file, wanted in _HARDWARE.items():
        report = _read(workspace.reports / file, now)
        for key, path in wanted.items():
            value: Any = report
            for step in path:
                value = value.get(step) if isinstance(value, dict) else None
            if isinstance(value, dict) and "kind" in value:
                found[key] = value
    return found


def _read(path: Path, now: dict[str, Any]) -> Any:
    try:
        report = read_json(path)
    except (OSError, ValueError):
        return None
    made = report.get(KEY) if isinstance(report, dict) else None
    return report if isinstance(made, dict) and not other_inputs(made, now) else None
