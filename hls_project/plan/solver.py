"""The search for a plan: one option for each layer, the best by several objectives in their order."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Literal

import numpy as np

from hls_project.plan.budget import RESOURCES, used
from hls_project.plan.options import LayerOptions, Option, weigh
from hls_project.plan.search import Amounts, Columns, Search
from hls_project.synthesis.cells import Resources

Objective = Literal["cycles", "lut", "bram", "ff", "dsp"]
"""What is made least: cycles of the slowest layer, or a resource."""

_MILLION = 1_000_000


@dataclass(frozen=True)
class Problem:
    """What there is to choose. fixed: what the core takes beside its layers. bus_cycles: of an image on the bus."""

    layers: tuple[LayerOptions, ...]
    fixed: Resources = Resources()
    bus_cycles: int = 1

    @property
    def least_cycles(self) -> int:
        """Cycles of an image when every layer is at its fastest."""
        return max(self.bus_cycles, *(layer.least_cycles for layer in self.layers))


@dataclass(frozen=True)
class Choice:
    """An option for each layer, by name in the order of the network."""

    options: Mapping[str, Option]
    fixed: Resources
    bus_cycles: int

    @property
    def cycles(self) -> int:
        """Cycles of an image: those of the slowest layer, or of the bus."""
        return max(self.bus_cycles, *(option.cycles for option in self.options.values()))

    @property
    def slowest(self) -> tuple[str, ...]:
        """The layers that limit the rate; none if the bus does."""
        return tuple(name for name, option in self.options.items() if option.cycles == self.cycles)

    @property
    def total(self) -> Resources:
        """What the core takes."""
        return reduce(add, (option.cost for option in self.options.values()), self.fixed)

    @property
    def costs(self) -> dict[str, Resources]:
        """What each layer takes."""
        return {name: option.cost for name, option in self.options.items()}

    def excess(self, limits: Mapping[str, int]) -> dict[str, int]:
        """Return by how much the core exceeds the limits that it exceeds."""
        taken = used(self.total)
        return {name: taken[name] - limits[name] for name in RESOURCES if taken[name] > limits[name]}


def cycles_limit(clock_mhz: float, images_per_second: float) -> int:
    """Return the most cycles that an image may take."""
    return int(Fraction(clock_mhz) * 1_000_000 / Fraction(images_per_second))


def solve(
    problem: Problem,
    limits: Mapping[str, int],
    objectives: Sequence[Objective],
    cycles: int | None = None,
) -> Choice | None:
    """Return the best choice, None if there is none: least in the first objective, of those least in the second, ...

    limits: of each resource. cycles: the most for an image.

    Raises:
        FlowError: a search took too long, or HiGHS contradicts itself.
    """
    if cycles is not None and cycles < problem.least_cycles:
        return None
    space = _Space(problem, limits, cycles)
    return space.best(objectives, space.most, known=False)


def nearest(
    problem: Problem,
    limits: Mapping[str, int],
    objectives: Sequence[Objective],
    cycles: int | None = None,
) -> Choice:
    """Return the best choice within the limits; if there is none, the best of those that exceed them the least.

    The excess is the largest share of a limit, rounded up to millionths. cycles: the most for an image, no fewer than
    `problem.least_cycles`.

    Raises:
        FlowError: a search took too long, or HiGHS contradicts itself.
    """
    space = _Space(problem, limits, cycles)
    found = space.best(objectives, space.most, known=False)
    if found is None:
        found = space.best(objectives, space.least_exceeded(), known=True)
    assert found is not None  # a search that misses what is known raises
    return found


class _Space:
    """The choices of a problem that take at most `cycles` for an image. most: what the layers may take within the limits."""

    def __init__(self, problem: Problem, limits: Mapping[str, int], cycles: int | None) -> None:
        self._problem = problem
        self._search = Search(problem.layers)
        levels = np.unique(np.maximum(problem.least_cycles, self._search.cycles))
        self._levels = levels if cycles is None else levels[levels <= cycles]
        self._limits = np.array([limits[name] * (2 if name == "bram" else 1) for name in RESOURCES])
        self.most: Amounts = self._limits - weigh(problem.fixed)

    def best(self, objectives: Sequence[Objective], most: Amounts, known: bool) -> Choice | None:
        """Return the best choice within `most`, None if there is none. known: that there is one."""
        most, cycles = most.copy(), int(self._levels[-1])
        found: Columns | None = None
        for name in objectives:
            if name == "cycles":
                found = self._fastest(most, cycles, found)
            else:
                resource = RESOURCES.index(name)
                found = self._search.least(resource, most, cycles, known or found is not None)
            if found is None:
                return None
            if name == "cycles":
                cycles = self._cycles(found)
            else:
                most[resource] = self._search.costs[found, resource].sum()
        assert found is not None  # there is an objective
        names = [layer.name for layer in self._problem.layers]
        options = dict(zip(names, self._search.options(found), strict=True))
        return Choice(options, self._problem.fixed, self._problem.bus_cycles)

    def least_exceeded(self) -> Amounts:
        """Return what layers may take where all limits are exceeded by the least share at which there is a choice."""
        scale = np.maximum(self._limits, 1)
        cycles = int(self._levels[-1])
        taken = self._search.costs[self._search.slowest(cycles)].sum(axis=0)
        share = int((-(-_MILLION * (taken - self.most) // scale)).max())
        share = bisect_left(
            range(share), True, key=lambda one: self._fits(self.most + scale * one // _MILLION, cycles)
        )
        return self.most + scale * share // _MILLION

    def _fastest(self, most: Amounts, cycles: int, known: Columns | None) -> Columns | None:
        """Return a choice of the fewest cycles, None if there is none. known: a choice within the bounds, which is seldom beaten.

        By bisection, as what fits at some cycles also fits at more of them: many small searches take less time than one
        over all options.
        """
        levels = self._levels[self._levels <= cycles]
        if known is not None:
            levels = levels[levels < self._cycles(known)]
        if not len(levels) or not self._fits(most, int(levels[-1])):
            return known
        at = bisect_left(levels[:-1], True, key=lambda level: self._fits(most, int(level)))
        return self._search.least(None, most, int(levels[at]), known=True)

    def _fits(self, most: Amounts, cycles: int) -> bool:
        return self._search.least(None, most, cycles, known=False) is not None

    def _cycles(self, choice: Columns) -> int:
        return max(self._problem.least_cycles, int(self._search.cycles[choice].max()))
