"""Every loop of the synthesized kernels, held to the plan: an iteration a cycle, a frame in its steps, the clock's period.

`<module>_csynth.xml` has an element for each loop below `PerformanceEstimates/SummaryOfLoopLatency`, named as the loop, with
`TripCount` (a number or a range), `Latency`, `PipelineII` and `PipelineDepth`, and nested loops within. Public reports of
Vivado HLS 2019.2 and Vitis HLS 2021.2 have that form (the test names them); of releases 2022.2 to 2024.1 it is what the public
scripts llm4hls (`report.py`), allo (`backend/vitis/report.py`) and waveflow (`csynthparse.py`) read. The log has the same interval in lines such as `Pipelining result : Target II = 1, Final II = 2, Depth = 4, loop 'L'`,
which public logs of these releases show.
"""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dt_scnn.errors import FlowError
from hls_project.targets.hls import STEPS

if TYPE_CHECKING:
    from hls_project.cosimulation.vitis.parse import Synthesis

_SUMMARY = "PerformanceEstimates/SummaryOfLoopLatency"
_RESULT = re.compile(
    r"Pipelining result\s*:\s*Target II = \w+, Final II = (\d{1,18}), Depth = \d+(?:, (?:loop|function) '([^']+)')?"
)
_PLANNED_INTERVAL = 1
"""All loops of the kernels say `PIPELINE II = 1`, or are unrolled."""


@dataclass(frozen=True)
class Loop:
    """A loop as it was synthesized. interval: cycles from one iteration to the next, None if it is not pipelined.

    latency: cycles at most, None where it depends on the data. depth: of the pipeline, in cycles.
    """

    name: str
    interval: int | None
    latency: int | None
    depth: int


def read(root: ElementTree.Element) -> tuple[Loop, ...]:
    """Return the loops of a module's report, those within others too."""
    return tuple(_loops(root.find(_SUMMARY)))


def check(synthesis: Synthesis, project: Path, log: Path) -> None:
    """Hold the loops and the clock to the plan of `project`.

    Raises:
        FlowError: a loop takes more than planned, or the clock cannot be as fast; each is named.
    """
    most = max(json.loads((project / STEPS).read_text()).values())
    wrong = [
        f"loop {loop.name} of {module.name} {found}"
        for module in (synthesis.top, *synthesis.modules)
        for loop in module.loops
        for found in _beyond(loop, most)
    ]
    wrong += [
        f"{module.name} is estimated at a clock of {module.clock:g} ns; planned: {synthesis.target_clock:g} ns"
        for module in (synthesis.top, *synthesis.modules)
        if module.clock > synthesis.target_clock
    ]
    for interval, name in _RESULT.findall(log.read_text(errors="replace")):
        if int(interval) > _PLANNED_INTERVAL and not any(
            name and f"loop {name} of" in text for text in wrong
        ):
            wrong.append(
                f"loop {name or '(without a name)'} begins an iteration every {interval} cycles, says the log; planned: 1"
            )
    if wrong:
        advice = "fewer kernels or inputs at once (FPS=), or a slower clock (CLOCK=), may help"
        raise FlowError(
            f"Vitis HLS made other hardware than planned: {wrong[0]}; {advice}", log, "\n".join(wrong[:20])
        )


def _beyond(loop: Loop, most: int) -> Iterator[str]:
    """Yield what of a loop is more than planned. most: steps of the slowest layer."""
    if loop.interval is None:
        yield "is not pipelined; planned: an iteration a cycle"
    elif loop.interval > _PLANNED_INTERVAL:
        yield f"begins an iteration every {loop.interval} cycles; planned: {_PLANNED_INTERVAL}"
    if loop.latency is None:
        yield f"takes as many cycles as its data wants; planned: at most {most:,} and its depth"
    elif loop.latency > most + loop.depth:
        yield f"takes {loop.latency:,} cycles; planned: at most {most:,} and its depth, {loop.depth}"


def _loops(parent: ElementTree.Element | None) -> Iterator[Loop]:
    for element in () if parent is None else parent:
        if element.find("TripCount") is None and element.find("Latency") is None:
            continue
        name = (element.findtext("Name") or element.tag).strip()
        depth = _most(element, "PipelineDepth") or _most(element, "IterationLatency") or 0
        yield Loop(name, _most(element, "PipelineII"), _most(element, "Latency"), depth)
        yield from _loops(element)


def _most(element: ElementTree.Element, name: str) -> int | None:
    """Return a number of cycles, of a range the most; None for what is missing, `undef` or `?`."""
    found = element.find(name)
    numbers = re.findall(r"\d{1,18}", " ".join(found.itertext())) if found is not None else []
    return max(map(int, numbers)) if numbers else None
