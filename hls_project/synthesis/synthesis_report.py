"""Reports of synthesis and routing: JSON for programs, tables for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from hls_project.reports.console import new_table, say, show
from hls_project.reports.figure import Kind, figure
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.ecp5 import DEVICE, TimingReport
from hls_project.synthesis.parts import Part
from hls_project.synthesis.resources import GLUE, ModuleResources, ResourceReport
from hls_project.synthesis.timing import Clock

STAND_IN_FOR = "xc7z020"
_NOTE = (
    f"Routed on an {DEVICE}, a stand-in for {STAND_IN_FOR}: no tool on PyPI routes 7-series parts. "
    "Not the frequency of the part on the board."
)
_LABELS = {
    "lut": "LUT",
    "lut_memory": "LUTRAM",
    "ff": "FF",
    "carry": "carry",
    "bram18": "BRAM18",
    "bram36": "BRAM36",
    "uram": "URAM",
    "dsp": "DSP",
}


@dataclass(frozen=True)
class Use:
    """How much of one resource the core takes, and how much the part has."""

    resource: str
    used: int
    available: int

    @property
    def is_over(self) -> bool:
        """Whether it does not fit."""
        return self.used > self.available

    @property
    def share(self) -> float:
        """Used share; more than 1 does not fit."""
        return self.used / self.available if self.available else float(self.is_over)


def budget(total: Resources, part: Part) -> tuple[Use, ...]:
    """Return the use of each resource of `part`; block RAM in units of 36 kbit."""
    return (
        Use("lut", total.lut, part.lut),
        Use("ff", total.ff, part.ff),
        Use("bram36", total.bram36_used, part.bram36),
        Use("uram", total.uram, part.uram),
        Use("dsp", total.dsp, part.dsp),
    )


def resources_json(
    report: ResourceReport, part: Part, model: Mapping[str, Resources] | None = None
) -> dict[str, Any]:
    """Return the report; each figure says where it comes from. model: what `model.estimate` says of each module."""
    uses = budget(report.total, part)
    return {
        "tool": report.tool,
        "part": part.name,
        "board": part.board,
        "fits": not any(use.is_over for use in uses),
        "over_budget": [use.resource for use in uses if use.is_over],
        "budget": {
            use.resource: {
                "used": figure(use.used, report.kind),
                "available": use.available,
                "share": figure(use.share, report.kind),
            }
            for use in uses
        },
        "total": _resources_json(report.total, report.kind) | _model_json(report.total, _sum(model)),
        "modules": [
            {
                "name": module.name,
                "instances": module.instances,
                "reused": module.reused,
                **_resources_json(module.resources, report.kind),
                "of_which_kernel": module.kernel and _resources_json(module.kernel, report.kind),
                **_model_json(module.resources, (model or {}).get(module.name)),
            }
            for module in report.modules
        ],
        "cells_not_counted": report.others,
        "seconds": figure(round(report.seconds, 3), "measured", "s"),
    }


def print_resources(
    console: Console, report: ResourceReport, part: Part, model: Mapping[str, Resources] | None = None
) -> None:
    """Print a row for each layer, the total and the part's budget, on 80 columns. model: see `resources_json`."""
    uses = {use.resource: use for use in budget(report.total, part)}
    shown = (key for key in _LABELS if key != "carry")  # nine columns do not fit
    columns = [key for key in shown if getattr(report.total, key) or key in ("lut", "ff", "bram36", "dsp")]
    beside = ("LUT by model",) if model is not None else ()
    table = new_table("module", *(_LABELS[column] for column in columns), *beside)
    for module in report.modules:
        expected = _beside(module.resources, (model or {}).get(module.name))
        table.add_row(_name(module), *_numbers(module.resources, columns), *expected)
        if module.kernel is not None:
            table.add_row("  kernel", *_numbers(module.kernel, columns), style="dim")
    table.add_section()
    table.add_row(
        "total", *_numbers(report.total, columns), *_beside(report.total, _sum(model)), style="bold"
    )
    table.add_row("part", *(_of_part(uses.get(column), "available") for column in columns))
    table.add_row("share", *(_of_part(uses.get(column), "share") for column in columns))
    show(console, table, f"resources of {part.name} ({part.board}): {report.tool}")
    for use in uses.values():
        if use.is_over:
            text = f"does not fit: {use.used:,} {_LABELS[use.resource]}, {part.name} has {use.available:,}"
            say(console, text, style="bold red")
    if report.others:
        listed = ", ".join(f"{number} {cell}" for cell, number in report.others.items())
        say(console, f"not counted: {listed}")


def timing_json(report: TimingReport) -> dict[str, Any]:
    """Return the report; each figure says where it comes from, and the routed ones what they stand in for."""
    routed, path = report.routed, report.routed.critical
    return {
        "device": DEVICE,
        "stand_in_for": STAND_IN_FOR,
        "note": _NOTE,
        "tools": report.tools,
        "seed": report.seed,
        "out_of_context": report.out_of_context,
        "fmax": _stand_in(round(routed.slowest.fmax, 2), "MHz"),
        "target": {"value": routed.slowest.target, "unit": "MHz"},
        "target_met": is_met(routed.slowest),
        "clocks": {clock.name: _stand_in(round(clock.fmax, 2), "MHz") for clock in routed.clocks},
        "critical_path": {
            "layer": path.slowest.layer,
            "module": path.slowest.module,
            "from": path.start,
            "to": path.end,
            "layers": {layer: _stand_in(round(delay, 3), "ns") for layer, delay in path.layers.items()},
            "delay": _stand_in(round(path.logic + path.routing, 3), "ns"),
            "logic": _stand_in(round(path.logic, 3), "ns"),
            "routing": _stand_in(round(path.routing, 3), "ns"),
            "levels": _stand_in(path.levels),
            "stretches": [
                {
                    "instance": stretch.instance,
                    "layer": stretch.layer,
                    "module": stretch.module,
                    "logic": _stand_in(round(stretch.logic, 3), "ns"),
                    "routing": _stand_in(round(stretch.routing, 3), "ns"),
                    "levels": _stand_in(stretch.levels),
                }
                for stretch in path.stretches
            ],
        },
        "utilisation": {
            kind: {"used": _stand_in(used), "available": available}
            for kind, (used, available) in routed.used.items()
        },
        "reused": report.reused,
        "seconds": figure(round(report.seconds, 2), "measured", "s"),
    }


def print_timing(console: Console, report: TimingReport) -> None:
    """Print the frequency, the critical path by instance, and the use of the part."""
    routed, path = report.routed, report.routed.critical
    clock = routed.slowest
    title = f"critical path on ECP5 as a stand-in for {STAND_IN_FOR}, {path.start} to {path.end}"
    table = new_table("layer", "instance", "module", "levels", "logic ns", "routing ns", left=3)
    for stretch in path.stretches:
        table.add_row(
            stretch.layer,
            stretch.instance,
            stretch.module,
            str(stretch.levels),
            f"{stretch.logic:.2f}",
            f"{stretch.routing:.2f}",
        )
    table.add_section()
    table.add_row("total", "", "", str(path.levels), f"{path.logic:.2f}", f"{path.routing:.2f}", style="bold")
    show(console, table, title)
    used = ", ".join(f"{used:,} of {available:,} {kind}" for kind, (used, available) in routed.used.items())
    say(console, f"used: {used}")
    verdict = "met" if is_met(clock) else "missed"
    say(
        console,
        f"{clock.fmax:.1f} MHz routed, {clock.target:g} MHz {verdict}; limited by {path.slowest.layer} "
        f"({path.slowest.module}); seed {report.seed}",
        style="bold green" if is_met(clock) else "bold red",
    )
    say(console, _NOTE, style="dim")


def is_met(clock: Clock) -> bool:
    """Say whether the clock reaches its target."""
    return clock.fmax >= clock.target


def _stand_in(value: float, unit: str | None = None) -> dict[str, Any]:
    return figure(value, "synthesis-estimate", unit) | {"device": "ECP5", "stand_in_for": STAND_IN_FOR}


def _resources_json(resources: Resources, kind: Kind) -> dict[str, Any]:
    return {key: figure(getattr(resources, key), kind) for key in _LABELS}


def _sum(model: Mapping[str, Resources] | None) -> Resources | None:
    return sum(model.values(), Resources()) if model is not None else None


def _model_json(resources: Resources, model: Resources | None) -> dict[str, Any]:
    """Return what the model says, and by which share it is off."""
    if model is None:
        return {}
    return {
        "model": {
            key: figure(getattr(model, key), "model")
            | (
                {"error": getattr(model, key) / getattr(resources, key) - 1}
                if getattr(resources, key)
                else {}
            )
            for key in ("lut", "ff")
        }
    }


def _beside(resources: Resources, model: Resources | None) -> list[str]:
    if model is None:
        return []
    error = f" ({100 * (model.lut / resources.lut - 1):+.0f} %)" if resources.lut else ""
    return [f"{model.lut:,}{error}"]


def _name(module: ModuleResources) -> str:
    name = "between" if module.name == GLUE else module.name
    return name if module.instances == 1 else f"{name} x {module.instances}"


def _numbers(resources: Resources, columns: list[str]) -> list[str]:
    return [f"{getattr(resources, column):,}" for column in columns]


def _of_part(use: Use | None, row: str) -> Text | str:
    if use is None:
        return ""
    if row == "available":
        return f"{use.available:,}"
    text = f"{100 * use.share:.1f} %"
    return Text(text, "bold red") if use.is_over else text
