"""The report of a C-simulation: JSON for programs, a table for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from hls_project.c_simulation.dataflow import DataflowReport
from hls_project.c_simulation.simulate import Simulation
from hls_project.graph.network_summary import LayerSummary, NetworkSummary
from hls_project.parity.difference import Difference
from hls_project.parity.verdict import Verdict
from hls_project.reports.console import new_table, say, say_verdict, show
from hls_project.reports.figure import figure


@dataclass(frozen=True)
class Activity:
    """What a layer did on the traced images.

    vm_low, vm_high: range of the membrane potentials. firing_rates: fired share of each threshold's spike map.
    """

    vm_low: int
    vm_high: int
    firing_rates: tuple[float, ...]


@dataclass(frozen=True)
class CsimReport(Verdict):
    """Everything that a C-simulation showed.

    difference: the first value that differs, None if none does. traced: images behind `activity`, which is by layer name.
    dataflow: the run of its processes as threads, if one was asked for.
    """

    simulation: Simulation
    network: NetworkSummary
    activity: dict[str, Activity]
    traced: int
    difference: Difference | None
    dataflow: DataflowReport | None = None

    @property
    def images_per_second(self) -> float:
        """Speed of the simulation, measured, all processes together."""
        return self.images / self.simulation.seconds

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""
        network = self.network
        return {
            "model": self.model,
            "images": self.images,
            "exact_images": figure(self.exact, "simulated", "images with every score equal"),
            "accuracy": None if self.accuracy is None else figure(self.accuracy, "simulated", "share"),
            "correct": None if self.correct is None else figure(self.correct, "simulated", "images"),
            "images_per_second": figure(self.images_per_second, "measured", "C-simulation, all cores"),
            "processes": self.simulation.jobs,
            "traced_images": self.traced,
            "score_scale": network.score_scale,
            "layers": [self._layer_json(layer) for layer in network.layers],
            "totals": {
                "dual_threshold": {key: figure(value, "model") for key, value in network.totals().items()},
                "conventional": {
                    key: figure(value, "model") for key, value in network.totals(conventional=True).items()
                },
            },
            "first_difference": None if self.difference is None else asdict(self.difference),
        }

    def _layer_json(self, layer: LayerSummary) -> dict[str, Any]:
        activity = self.activity.get(layer.name)
        return {
            "name": layer.name,
            "kind": layer.kind,
            "kernel": layer.kernel,
            "vm_shape": layer.vm_shape,
            "output_shape": layer.output_shape,
            "fold": asdict(layer.fold),
            "vm_bits": figure(layer.vm_bits, "model", "exact width"),
            "vm_bounds": figure([layer.vm_min, layer.vm_max], "model", "exact over all inputs"),
            "weight_bits": figure(layer.weight_bits, "model"),
            "weights": figure(layer.weights, "model"),
            "synaptic_operations": figure(layer.synaptic_operations, "model"),
            "vm_range": figure([activity.vm_low, activity.vm_high], "simulated") if activity else None,
            "firing_rates": figure(list(activity.firing_rates), "simulated") if activity else None,
        }

    def print(self, console: Console) -> None:
        """Print the tables."""
        show(console, self._layers_table(), f"{self.model}: layers")
        say(console, "fold: kernels x inputs x pixels at once; see docs/plans.md", style="dim")
        show(console, self._activity_table(), f"membrane potentials and firing, on {self.traced:,} images")
        title = "beside the conventional SCNN with the same spike maps"
        show(console, self._comparison_table(), title)
        accuracy = (
            ""
            if self.accuracy is None
            else f"; accuracy {100 * self.accuracy:.2f} % ({self.correct:,} of {self.images:,})"
        )
        say_verdict(
            console,
            self.is_exact,
            f"{self.exact:,} of {self.images:,} images, every score{accuracy}; "
            f"{self.images_per_second:,.0f} images/s in {self.simulation.jobs} processes",
        )

    def _layers_table(self) -> Table:
        table = new_table("layer", "Vm map", "spikes out", "weights", "bits", "engine and fold")
        for layer in self.network.layers:
            table.add_row(
                layer.name,
                "x".join(map(str, layer.vm_shape)),
                "x".join(map(str, layer.output_shape)) if layer.n_thresholds else "scores",
                f"{layer.weights:,}",
                str(layer.weight_bits),
                str(layer.fold),
            )
        return table

    def _activity_table(self) -> Table:
        table = new_table("layer", "Vm bits", "Vm bounds", "Vm seen", "fired, Vth1 and Vth2")
        for layer in self.network.layers:
            activity = self.activity.get(layer.name)
            table.add_row(
                layer.name,
                str(layer.vm_bits),
                f"{layer.vm_min} .. {layer.vm_max}",
                f"{activity.vm_low} .. {activity.vm_high}" if activity else "",
                " ".join(f"{100 * rate:.1f} %" for rate in activity.firing_rates) if activity else "",
            )
        return table

    def _comparison_table(self) -> Table:
        ours, conventional = self.network.totals(), self.network.totals(conventional=True)
        table = new_table("one frame", "this network", "conventional", "saved")
        for key, value in ours.items():
            saved = 1 - value / conventional[key]
            table.add_row(
                key.replace("_", " "), f"{value:,}", f"{conventional[key]:,}", f"{100 * saved:.1f} %"
            )
        return table


def activity_of(vm: NDArray[np.integer], spikes: NDArray[np.integer] | None, n_thresholds: int) -> Activity:
    """Return what a layer did: vm (N, H, W, C) or (N, C); spikes with K * C channels before pooling, or None."""
    rates: tuple[float, ...] = ()
    if spikes is not None:
        maps = spikes.reshape(-1, n_thresholds, spikes.shape[-1] // n_thresholds)
        rates = tuple(float(rate) for rate in maps.mean(axis=(0, 2)))
    return Activity(int(vm.min()), int(vm.max()), rates)
