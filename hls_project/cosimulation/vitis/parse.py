"""What Vitis HLS reports, read with suspicion: a file that is missing, stale, cut off or another's is an error.

Every module has its own `<module>_csynth.xml`. The summary `csynth.xml` is not read: its intervals are ranges as text for
some modules, and those of an inner loop for others.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError
from hls_project.cosimulation.vitis import loops
from hls_project.cosimulation.vitis.loops import Loop
from hls_project.vendor.run import NOTABLE

RESOURCES = ("LUT", "FF", "BRAM_18K", "DSP")

_PASS = "C/RTL co-simulation finished: PASS"
_FAIL = "C/RTL co-simulation finished: FAIL"
_POST_CHECK = "Starting C post checking"
_CYCLES = re.compile(r"\d{1,18}")
_BENCH_VERDICT = re.compile(r"exact (\d{1,9}) of (\d{1,9})\s*$")


@dataclass(frozen=True)
class Range:
    """Clock cycles: the least, the mean (None where it is not reported) and the most."""

    least: int
    mean: float | None
    most: int


@dataclass(frozen=True)
class Module:
    """Estimates of synthesis. latency, interval: None where they depend on the data. clock: ns. loops: its own."""

    name: str
    latency: Range | None
    interval: Range | None
    clock: float
    resources: dict[str, int]
    loops: tuple[Loop, ...] = ()


@dataclass(frozen=True)
class Synthesis:
    """The synthesis report. target_clock: ns. version: of the tool. modules: all below the top."""

    top: Module
    modules: tuple[Module, ...]
    target_clock: float
    part: str
    version: str


@dataclass(frozen=True)
class Cosimulation:
    """The co-simulation report, which counts the simulated clock. interval: None for a single image."""

    latency: Range
    interval: Range | None


def synthesis(solution: Path, top: str, not_before_ns: int) -> Synthesis:
    """Read the reports of synthesis; none may be older than `not_before_ns` (as `st_mtime_ns` has it).

    Raises:
        FlowError: a report is missing, stale, malformed or another design's.
    """
    folder = solution / "syn" / "report"
    path = folder / f"{top}_csynth.xml"
    root = _xml(path, not_before_ns)
    name = _text(root, "UserAssignments/TopModelName", path)
    if name != top:
        raise FlowError(f"{path} reports on {name}, not on {top}")
    others = (other for other in sorted(folder.glob("*_csynth.xml")) if other != path)
    return Synthesis(
        _module(root, top, path),
        tuple(
            _module(_xml(other, not_before_ns), other.stem.removesuffix("_csynth"), other) for other in others
        ),
        _number(root, "UserAssignments/TargetClockPeriod", path),
        _text(root, "UserAssignments/Part", path),
        _text(root, "ReportVersion/Version", path),
    )


def cosimulation(solution: Path, top: str, not_before_ns: int) -> Cosimulation:
    """Read the report of co-simulation.

    Raises:
        FlowError: it is missing, stale or malformed, or says anything but that the Verilog passed.
    """
    path = solution / "sim" / "report" / f"{top}_cosim.rpt"
    content = _fresh(path, not_before_ns)
    rows = [
        [cell.strip() for cell in line.strip().strip("|").split("|")]
        for line in content.splitlines()
        if re.match(r"\s*\|\s*Verilog\s*\|", line)
    ]
    if len(rows) != 1 or len(rows[0]) < 8:
        raise FlowError(f"{path} is cut off or of an unknown format: it has no complete row for Verilog")
    status, cells = rows[0][1], rows[0][2:8]
    if status.lower() != "pass":
        raise FlowError(f"{path} says that the co-simulation ended with {status!r}, not with 'Pass'")
    latency, interval = _row_range(cells[:3]), _row_range(cells[3:])
    if latency is None:
        raise FlowError(f"{path} has no latency: {' '.join(cells[:3])}")
    return Cosimulation(latency, interval)


def check_log(log: Path, images: int) -> None:
    """Hold the log to what a passed run of `images` images prints, the bench's own verdict on the hardware included.

    The bench runs on the C++ code first; only what it says after that, in the check of the hardware's answers, counts.

    Raises:
        FlowError: an error was printed, or one of the verdicts is missing or bad.
    """
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines if re.match(r"\s*ERROR\s*:", line) or _FAIL in line]
    if errors:
        mismatches = [line for line in lines if line.startswith(NOTABLE[1:])]
        raise FlowError("Vitis HLS printed errors", log, "\n".join((errors + mismatches)[:20]))
    passed = next((index for index, line in enumerate(lines) if _PASS in line), None)
    if passed is None:
        raise FlowError(f"the co-simulation did not end with {_PASS!r}", log, "\n".join(lines[-15:]))
    checks = [index for index, line in enumerate(lines[:passed]) if _POST_CHECK in line]
    verdicts = [
        found
        for line in (lines[checks[-1] : passed] if checks else [])
        if (found := _BENCH_VERDICT.search(line))
    ]
    if not verdicts:
        raise FlowError(
            "the test bench gave no verdict on the hardware's answers", log, "\n".join(lines[-15:])
        )
    exact, total = (int(number) for number in verdicts[-1].groups())
    if (exact, total) != (images, images):
        raise FlowError(
            f"the test bench found {exact} of {total} images exact, not {images} of {images}, yet Vitis HLS passed it",
            log,
        )


def _fresh(path: Path, not_before_ns: int) -> str:
    """Return the text of a file that this run wrote."""
    try:
        if path.stat().st_mtime_ns < not_before_ns:
            raise FlowError(f"{path} is stale: it was written before this run, which wrote none")
        return path.read_text(errors="replace")
    except FileNotFoundError:
        others = sorted(other.name for other in path.parent.glob(f"*{path.name[path.name.rindex('_') :]}"))
        found = f"; its folder has {', '.join(others)}" if others else ""
        raise FlowError(f"Vitis HLS did not write {path}{found}") from None


def _xml(path: Path, not_before_ns: int) -> ElementTree.Element:
    content = _fresh(path, not_before_ns)
    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise FlowError(f"{path} declares a document type or entities, which no report of Vitis HLS does")
    try:
        return ElementTree.fromstring(content)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise FlowError(f"{path} is cut off or malformed: {error}") from error


def _text(root: ElementTree.Element, name: str, path: Path) -> str:
    text = (root.findtext(name) or "").strip()
    if not text:
        raise FlowError(f"{path} has no {name}")
    return text


def _number(root: ElementTree.Element, name: str, path: Path) -> float:
    text = _text(root, name, path)
    if not re.fullmatch(r"\d{1,18}(\.\d+)?", text):
        raise FlowError(f"{path}: {name} is {text!r}, not a number")
    return float(text)


def _module(root: ElementTree.Element, name: str, path: Path) -> Module:
    performance = "PerformanceEstimates/SummaryOfOverallLatency/"
    area = "AreaEstimates/Resources/"
    return Module(
        name,
        _xml_range(
            root, [performance + f"{case}-caseLatency" for case in ("Best", "Average", "Worst")], path
        ),
        _xml_range(root, [performance + f"Interval-{end}" for end in ("min", "mean", "max")], path),
        _number(root, "PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod", path),
        {resource: int(_number(root, area + resource, path)) for resource in RESOURCES},
        loops.read(root),
    )


def _xml_range(root: ElementTree.Element, names: list[str], path: Path) -> Range | None:
    """Return least, mean and most; the mean may be missing, the others not. None if the tool leaves them undefined."""
    least, most = _text(root, names[0], path), _text(root, names[2], path)
    return _row_range([least, (root.findtext(names[1]) or "").strip(), most])


def _row_range(cells: list[str]) -> Range | None:
    least, mean, most = cells
    if not (_CYCLES.fullmatch(least) and _CYCLES.fullmatch(most)):
        return None  # 'undef', '-', '?', 'NA'
    return Range(int(least), float(mean) if re.fullmatch(r"\d{1,18}(\.\d+)?", mean) else None, int(most))
