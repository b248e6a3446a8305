"""The report of nextpnr: highest clock frequencies, use of the part, critical path."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dt_scnn.errors import FlowError
from dt_scnn.files import read_json

# What synthesis and packing append to the name of the signal that a cell drives.
_CELL_SUFFIX = re.compile(r"(_(TRELLIS_|LUT4|CCU2C|PFUMX|L6MUX21|DP16KD|MULT18X18D).*|\$.*|(\.\d+)+)$")
_CLOCK_DECORATION = re.compile(r"^\$glbnet\$|\$TRELLIS_IO_IN$")
_ROUTING = ("routing", "clk-skew")


@dataclass(frozen=True)
class Clock:
    """A clock. fmax, target: MHz."""

    name: str
    fmax: float
    target: float


@dataclass(frozen=True)
class Stretch:
    """The part of a path whose cells are named after one instance. instance: its path in the core, empty for the core.

    module: what it is an instance of. logic, routing: ns. levels: cells of logic on the way.
    Registers are named after a signal that they drive, maybe at the port of the instance below; what is between takes
    the names of signals nearby. So the borders are rough.
    """

    instance: str
    module: str
    logic: float
    routing: float
    levels: int

    @property
    def layer(self) -> str:
        """The instance in the core that it is in or below."""
        return self.instance.split(".")[0] or self.module


@dataclass(frozen=True)
class CriticalPath:
    """The longest path between registers. start, end: the registers, with the instances that they are in."""

    clock: str
    start: str
    end: str
    stretches: tuple[Stretch, ...]

    @property
    def logic(self) -> float:
        """Delay of its cells, ns, from the clock edge to the set-up time."""
        return sum(stretch.logic for stretch in self.stretches)

    @property
    def routing(self) -> float:
        """Delay of the wires, ns."""
        return sum(stretch.routing for stretch in self.stretches)

    @property
    def levels(self) -> int:
        """Cells of logic between the registers."""
        return sum(stretch.levels for stretch in self.stretches)

    @property
    def layers(self) -> dict[str, float]:
        """Delay by layer, ns, the largest first."""
        delays: dict[str, float] = {}
        for stretch in self.stretches:
            delays[stretch.layer] = delays.get(stretch.layer, 0.0) + stretch.logic + stretch.routing
        return dict(sorted(delays.items(), key=lambda item: -item[1]))

    @property
    def slowest(self) -> Stretch:
        """The instance that takes most of it, of the layer that does.

        The core itself only where there is nothing else: cells named after its signals belong to either layer beside.
        """
        layers = {stretch.layer for stretch in self.stretches if stretch.instance} or set(self.layers)
        layer = next(layer for layer in self.layers if layer in layers)
        inside = (stretch for stretch in self.stretches if stretch.layer == layer)
        return max(inside, key=lambda stretch: stretch.logic + stretch.routing)


@dataclass(frozen=True)
class Routed:
    """A placed and routed design. used: (used, available) of each kind of cell that it uses."""

    clocks: tuple[Clock, ...]
    critical: CriticalPath
    used: dict[str, tuple[int, int]]

    @property
    def slowest(self) -> Clock:
        """The clock that is furthest from its target."""
        return min(self.clocks, key=lambda clock: clock.fmax / clock.target)


def read_scopes(path: Path, top: str) -> dict[str, str]:
    """Return the module of each instance in `top`, by its path in the core, from a netlist with its `$scopeinfo` cells.

    Raises:
        FlowError: it is missing or damaged.
    """
    try:
        cells = read_json(path)["modules"][top]["cells"]
        return {
            name: cell["attributes"].get("module_hdlname") or cell["attributes"]["module"]
            for name, cell in cells.items()
            if cell["type"] == "$scopeinfo" and "module" in cell["attributes"]
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FlowError(f"yosys left no usable list of instances in {path}: {error!r}") from error


def read_report(path: Path, top: str, scopes: Mapping[str, str], log: Path | None = None) -> Routed:
    """Return what nextpnr reports. scopes: see `read_scopes`.

    Raises:
        FlowError: the report is missing, damaged, or contradicts itself.
    """
    try:
        report = read_json(path)
        clocks = tuple(_clock(name, figures) for name, figures in report["fmax"].items())
        if not clocks:
            raise ValueError("no clock, so no path between registers")
        used = {kind: (cells["used"], cells["available"]) for kind, cells in report["utilization"].items()}
        for kind, (number, available) in used.items():
            if not 0 <= number <= available:
                raise ValueError(f"{number} of {available} {kind} used")
        between = [path for path in report["critical_paths"] if "<async>" not in path["from"] + path["to"]]
        longest = max(between, key=lambda path: sum(_delays(path)))
        critical = _critical_path(longest, top, scopes)
        _check_consistent(longest, critical, clocks)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FlowError(f"nextpnr left no usable report in {path}: {error!r}", log) from error
    return Routed(clocks, critical, {kind: use for kind, use in used.items() if use[0]})


def _clock(name: str, figures: Mapping[str, Any]) -> Clock:
    fmax, target = float(figures["achieved"]), float(figures["constraint"])
    if not (math.isfinite(fmax) and fmax > 0 and math.isfinite(target) and target > 0):
        raise ValueError(f"clock {name} at {fmax} of {target} MHz")
    return Clock(_plain(name), fmax, target)


def _plain(clock: str) -> str:
    """Return the name that the clock has in the source."""
    return _CLOCK_DECORATION.sub("", clock.split()[-1])


def _delays(path: Mapping[str, Any]) -> list[float]:
    delays = [float(segment["delay"]) for segment in path["path"]]
    if not delays or not all(math.isfinite(delay) for delay in delays):
        raise ValueError("a path without delays")
    return delays


def _critical_path(path: Mapping[str, Any], top: str, scopes: Mapping[str, str]) -> CriticalPath:
    stretches: list[Stretch] = []
    for segment in path["path"]:
        cell, delay = segment["to"]["cell"], float(segment["delay"])
        # What the packer adds has no name of its own: it goes with what drives it.
        instance = stretches[-1].instance if stretches and cell.startswith("$") else _instance(cell, scopes)
        routing = segment["type"] in _ROUTING
        if not stretches or stretches[-1].instance != instance:
            stretches.append(Stretch(instance, scopes.get(instance, top), 0.0, 0.0, 0))
        last = stretches[-1]
        stretches[-1] = Stretch(
            instance,
            last.module,
            last.logic + (0.0 if routing else delay),
            last.routing + (delay if routing else 0.0),
            last.levels + (segment["type"] == "logic" and delay > 0),
        )
    first, last_cell = path["path"][0]["from"]["cell"], path["path"][-1]["to"]["cell"]
    return CriticalPath(_plain(path["to"]), _register(first), _register(last_cell), tuple(stretches))


def _instance(cell: str, scopes: Mapping[str, str]) -> str:
    """Return the path of the innermost instance that the cell is named after."""
    parts = cell.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))
    return next((prefix for prefix in prefixes if prefix in scopes), "")


def _register(cell: str) -> str:
    return _CELL_SUFFIX.sub("", cell)


def _check_consistent(path: Mapping[str, Any], critical: CriticalPath, clocks: tuple[Clock, ...]) -> None:
    """Compare the critical path of one clock, from edge to same edge, with the clock's frequency."""
    fmax = {clock.name: clock.fmax for clock in clocks}
    if path["from"] == path["to"]:
        period, total = 1000 / fmax[critical.clock], critical.logic + critical.routing
        if not math.isclose(period, total, rel_tol=0.005, abs_tol=0.01):
            raise ValueError(
                f"{fmax[critical.clock]:.2f} MHz, but a critical path of {total:.2f} ns, not {period:.2f} ns"
            )
