"""The comparison as JSON for programs and as tables for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from hls_project.compare.side import PARTS, Side
from hls_project.reports.console import new_table, show
from hls_project.reports.figure import figure

_TITLES = {
    "synaptic_operations": "operations",
    "spike_operations": "by spikes",
    "weights": "weights",
    "weight_storage_bits": "weight bits",
    "vm_bits": "Vm bits",
}
_PART_TITLES = {"first": "first layer", "convolutions": "other convs", "dense": "dense layers"}
_HARDWARE = {
    "lut": "LUT",
    "ff": "FF",
    "bram18": "block RAMs of 18 kbit",
    "cycles_per_image": "cycles an image",
    "first_result_cycles": "cycles to the first result",
}


@dataclass(frozen=True, eq=False)
class Comparison:
    """A dual-threshold network beside the conventional one. title: of the data set."""

    dual: Side
    conventional: Side
    title: str

    @property
    def loss(self) -> float:
        """Return by how much the dual-threshold network is less accurate, as a share of the test images."""
        return self.conventional.accuracy - self.dual.accuracy

    def saved(self, part: str | None = None) -> dict[str, float]:
        """Return the saved share of each count, over all layers or those of one of `PARTS`."""
        ours, theirs = self.dual.totals(part), self.conventional.totals(part)
        return {key: 1 - ours[key] / theirs[key] if theirs[key] else 0.0 for key in ours}

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""

        def tagged(part: str | None) -> dict[str, Any]:
            return {
                key: figure(value, "measured" if key == "spike_operations" else "model", "saved share")
                for key, value in self.saved(part).items()
            }

        return {
            "dataset": self.title,
            "dual_threshold": self.dual.to_json(),
            "conventional": self.conventional.to_json(),
            "accuracy_loss": figure(self.loss, "measured", "share of the test images"),
            "saved": tagged(None),
            "saved_by_part": {part: tagged(part) for part in PARTS},
        }

    def print(self, console: Console) -> None:
        """Print the tables."""
        title = f"{self.title}: {self.dual.name} beside {self.conventional.name}, with the same spike maps"
        show(console, self._table(), title)
        show(console, self._rates(), f"firing, mean of {self.dual.activity[0].images:,} test images")

    def _table(self) -> Table:
        table = new_table("one image", "dual threshold", "conventional", "saved")
        sides = (self.dual, self.conventional)
        table.add_row(
            f"right of {self.dual.images:,}",
            *(f"{side.correct:,} ({100 * side.accuracy:.2f} %)" for side in sides),
            f"{100 * abs(self.loss):.2f} points {'gained' if self.loss < 0 else 'lost'}",
        )
        for part in (None, *PARTS):
            saved = self.saved(part)
            ours, theirs = (side.totals(part) for side in sides)
            table.add_section()
            for key, title in _TITLES.items():
                if theirs[key]:
                    table.add_row(
                        f"{_PART_TITLES[part] if part else 'all layers'}: {title}",
                        f"{ours[key]:,.0f}",
                        f"{theirs[key]:,.0f}",
                        f"{100 * saved[key]:.1f} %",
                    )
        table.add_section()
        for key, title in _HARDWARE.items():
            values = [side.hardware.get(key, {}).get("value") for side in sides]
            if any(value is not None for value in values):
                share = f"{100 * (1 - values[0] / values[1]):.1f} %" if all(values) else ""
                shown = ("not there" if value is None else f"{value:,.0f}" for value in values)
                table.add_row(f"RTL core: {title}", *shown, share)
        return table

    def _rates(self) -> Table:
        table = new_table("layer", "Vth1 and Vth2", "similarity of both maps", "conventional")
        for layer, ours, theirs in zip(
            self.dual.layers, self.dual.activity, self.conventional.activity, strict=True
        ):
            if ours.firing_rates:
                table.add_row(
                    layer.name,
                    " ".join(f"{100 * rate:.1f} %" for rate in ours.firing_rates),
                    ""
                    if ours.overlap is None
                    else f"{ours.overlap:.2f} (agree {100 * (ours.agreement or 0):.1f} %)",
                    " ".join(f"{100 * rate:.1f} %" for rate in theirs.firing_rates),
                )
        return table
