"""Vivado's text reports after routing, as figures; a report that is missing, cut off or another part's is an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dt_scnn.errors import FlowError
from hls_project.reports.figure import figure

_ROWS = {
    "lut": ("Slice LUTs", "CLB LUTs"),
    "ff": ("Slice Registers", "CLB Registers"),
    "bram36": ("Block RAM Tile",),
    "uram": ("URAM",),
    "dsp": ("DSPs",),
}
_SLACKS = ("WNS", "TNS", "WHS", "THS", "WPWS", "TPWS")
_TIMING_HEAD = re.compile(r"^[ \t]*WNS\(ns\)\s+TNS\(ns\)", re.MULTILINE)


def implementation(folder: Path) -> dict[str, Any]:
    """Return utilisation, timing and power from the reports in `folder`, each figure with its kind.

    Raises:
        FlowError: a report is missing or damaged, or the timing is not met.
    """
    return {
        "utilisation": _read(folder / "utilization.rpt", utilisation),
        "timing": _read(folder / "timing.rpt", timing),
        "power": _read(folder / "power.rpt", power),
    }


def utilisation(text: str) -> dict[str, Any]:
    """Return what is used and what the part has of each resource that the part has at all."""
    result = {}
    for name, labels in _ROWS.items():
        row = re.search(rf"^\|\s*(?:{'|'.join(labels)})\*?\s*\|(.*)\|\s*$", text, re.MULTILINE)
        if row is None:
            if name == "uram":
                continue
            raise ValueError(f"no row {labels[0]!r}")
        # Used, fixed, (prohibited, since 2021.1,) available, per cent.
        used, *_, available, _ = (float(cell.strip().lstrip("<")) for cell in row[1].split("|"))
        result[name] = figure(used, "synthesis-estimate", "after routing") | {"available": available}
    return result


def timing(text: str) -> dict[str, Any]:
    """Return the worst and total negative slacks of setup, hold and pulse width, in ns.

    Raises:
        FlowError: one of them is negative.
    """
    head = _TIMING_HEAD.search(text)
    if head is None:
        raise ValueError("no table of slacks")
    names = re.findall(r"(\w+)\(ns\)", text[head.start() : text.index("\n", head.start())])
    cells = text[head.start() :].splitlines()[2].split()
    # Behind each pair of slacks come two numbers of end points.
    values = [cell for index, cell in enumerate(cells) if index % 4 < 2]
    if tuple(names) != _SLACKS or len(cells) != 12:
        raise ValueError("the table of slacks is not as expected")
    slacks = {name.lower(): float(value) for name, value in zip(names, values, strict=True)}
    if missed := {name: value for name, value in slacks.items() if value < 0}:
        listed = ", ".join(f"{name.upper()} {value:g} ns" for name, value in missed.items())
        raise FlowError(f"timing is not met: {listed}; a lower clock helps: CLOCK=<MHz>")
    return {name: figure(value, "synthesis-estimate", "ns") for name, value in slacks.items()}


def power(text: str) -> dict[str, Any]:
    """Return the estimated power on the chip in W, processing system included, and what the estimate rests on."""
    result: dict[str, Any] = {}
    for name, label in (
        ("total", "Total On-Chip Power"),
        ("dynamic", "Dynamic"),
        ("static", "Device Static"),
    ):
        row = re.search(rf"^\|\s*{label} \(W\)\s*\|\s*([\d.]+)", text, re.MULTILINE)
        if row is None:
            raise ValueError(f"no row {label!r}")
        result[name] = figure(float(row[1]), "model", "W")
    if not re.search(r"^\|\s*Device Static.*?^\+-", text, re.MULTILINE | re.DOTALL):
        raise ValueError("the table of power has no end")
    for name, label in (
        ("confidence", "Confidence Level"),
        ("activity_file", "Simulation Activity File"),
        ("nets_matched", "Design Nets Matched"),
    ):
        # Older releases leave some of these out; without activity they are dashes or NA.
        row = re.search(rf"^\|\s*{label}\s*\|([^|]*)\|", text, re.MULTILINE)
        value = row[1].strip() if row else ""
        result[name] = None if value.strip("-") in ("", "NA") else value
    return result


def energy(power: dict[str, Any], cycles: int, clock_mhz: float) -> dict[str, Any]:
    """Return millijoules an image, at full rate, of the power report's figures. cycles: an image takes, in steady state."""
    return {
        name: figure(power[name]["value"] * cycles / (clock_mhz * 1e3), "model", "mJ an image at full rate")
        for name in ("total", "dynamic")
    }


def _read(path: Path, parse: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return parse(path.read_text(errors="replace"))
    except FileNotFoundError:
        raise FlowError(f"Vivado wrote no {path.name}, though it reports success") from None
    except (ValueError, IndexError) as error:
        raise FlowError(f"{path} is cut off or no report of Vivado: {error}") from error
