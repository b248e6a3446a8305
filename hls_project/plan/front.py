"""The Pareto front of a network: what each rate costs at the least."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hls_project.plan.budget import used
from hls_project.plan.solver import Choice, Objective, Problem, nearest

POINTS = 32
"""Limits of the cycles that are tried: more give a finer front."""

Thrift = Literal["lut", "bram"]
_ORDER: dict[Thrift, tuple[Objective, ...]] = {
    "lut": ("lut", "bram", "ff", "cycles"),
    "bram": ("bram", "lut", "ff", "cycles"),
}


@dataclass(frozen=True)
class Point:
    """A choice on the front. thrift: what it takes least of at its rate. fits: the limits that the front is drawn for."""

    choice: Choice
    thrift: Thrift
    fits: bool


def pareto(
    problem: Problem,
    limits: Mapping[str, int],
    thrift: Thrift,
    points: int = POINTS,
    progress: Callable[[int], None] = lambda done: None,
) -> tuple[Point, ...]:
    """Return the points of least `thrift` from the fastest fold to the one that costs least, the fastest first.

    Within `limits` where that is possible; what is faster has the least excess. No point is beaten by another in cycles
    and `thrift`, of those that fit and of those that don't.

    Raises:
        FlowError: a search took too long.
    """
    slowest = nearest(problem, limits, _ORDER[thrift])
    tried = np.geomspace(problem.least_cycles, max(problem.least_cycles, slowest.cycles), points)
    found = [slowest]
    for done, cycles in enumerate(np.unique(np.ceil(tried).astype(np.int64))):
        found.append(nearest(problem, limits, _ORDER[thrift], int(cycles)))
        progress(done + 1)
    fitting = _front([choice for choice in found if not choice.excess(limits)], thrift)
    faster = [
        choice
        for choice in found
        if choice.excess(limits) and (not fitting or choice.cycles < fitting[0].cycles)
    ]
    return tuple(
        [Point(choice, thrift, False) for choice in _front(faster, thrift)]
        + [Point(choice, thrift, True) for choice in fitting]
    )


def _front(found: list[Choice], thrift: Thrift) -> list[Choice]:
    """Return those that are not slower than one that costs no more, the fastest first."""
    kept: list[Choice] = []
    for choice in sorted(found, key=lambda choice: (choice.cycles, used(choice.total)[thrift])):
        if not kept or used(choice.total)[thrift] < used(kept[-1].total)[thrift]:
            kept.append(choice)
    return kept
