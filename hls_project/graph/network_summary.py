"""What a converted network consists of, layer by layer, beside the conventional network with the same spike maps."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hls_project.plan.fold import Fold

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph

    from hls_project.graph.integer import IntegerGraph

FILE = "network.json"


@dataclass(frozen=True)
class LayerSummary:
    """One layer. Shapes are (H, W, C).

    index: its number in the generated code. n_thresholds: spike maps of each kernel, 0 for the layer of scores.
    vm_min, vm_max: exact bounds of the membrane potentials; vm_bits: their width. synaptic_operations: additions of one
    frame if every input spiked. fold: how the hardware shares itself out.
    """

    name: str
    index: int
    kind: str
    n_thresholds: int
    input_shape: tuple[int, ...]
    kernel: tuple[int, ...]
    vm_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    pool: int
    weight_bits: int
    weights: int
    vm_min: int
    vm_max: int
    vm_bits: int
    synaptic_operations: int
    fold: Fold

    @property
    def vm_storage_bits(self) -> int:
        """Bits of the layer's membrane-potential map."""
        return prod(self.vm_shape) * self.vm_bits

    @property
    def kernels_ratio(self) -> int:
        """How many kernels the conventional network has for each one of this layer."""
        return max(self.n_thresholds, 1)


@dataclass(frozen=True)
class NetworkSummary:
    """A converted network. score_scale: what an integer score counts for in the QONNX file's units."""

    classes: tuple[str, ...]
    input_shape: tuple[int, ...]
    score_scale: float
    layers: tuple[LayerSummary, ...]

    def totals(self, conventional: bool = False) -> dict[str, int]:
        """Return synaptic operations, weights and `Vm` bits of the whole network.

        conventional: of the single-threshold network with the same spike maps, which needs one kernel and one
        membrane-potential map for each of them.
        """
        counts = {"synaptic_operations": 0, "weights": 0, "vm_bits": 0}
        for layer in self.layers:
            factor = layer.kernels_ratio if conventional else 1
            counts["synaptic_operations"] += factor * layer.synaptic_operations
            counts["weights"] += factor * layer.weights
            counts["vm_bits"] += factor * layer.vm_storage_bits
        return counts

    def save(self, path: Path) -> None:
        """Write JSON."""
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @staticmethod
    def load(path: Path) -> NetworkSummary:
        """Read what `save` wrote."""
        content: dict[str, Any] = json.loads(path.read_text())
        layers = tuple(
            LayerSummary(**{k: _tuple(v) for k, v in layer.items()} | {"fold": Fold(**layer["fold"])})
            for layer in content.pop("layers")
        )
        return NetworkSummary(**{k: _tuple(v) for k, v in content.items()}, layers=layers)


def summarize(graph: IntegerGraph, hls: ModelGraph) -> NetworkSummary:
    """Return the summary of a network and the hls4ml graph made from it."""
    nodes = {node.name: node for node in hls.get_layers()}
    layers = []
    for layer in graph.layers:
        node = nodes[layer.name]
        layers.append(
            LayerSummary(
                name=layer.name,
                index=int(node.index),
                kind=layer.kind,
                n_thresholds=0 if layer.thresholds is None else len(layer.thresholds),
                input_shape=tuple(map(int, layer.input_shape)),
                kernel=tuple(map(int, layer.weights.shape)),
                vm_shape=tuple(map(int, layer.vm_shape)),
                output_shape=tuple(map(int, layer.spikes_shape)),
                pool=int(layer.pool),
                weight_bits=int(node.get_weights("weight").type.precision.width),
                weights=int(layer.weights.size),
                vm_min=layer.vm_range[0],
                vm_max=layer.vm_range[1],
                vm_bits=int(node.get_attr("vm_t").precision.width),
                synaptic_operations=layer.synaptic_operations,
                fold=Fold(
                    str(node.get_attr("engine", "unfolded")),
                    *(int(node.get_attr(count, 1)) for count in ("pe", "simd", "mmv")),
                ),
            )
        )
    return NetworkSummary(
        tuple(graph.classes), tuple(map(int, graph.input_shape)), float(graph.score_scale), tuple(layers)
    )


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
