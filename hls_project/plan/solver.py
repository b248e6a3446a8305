"""The search for a plan: one option for each layer, by HiGHS through SciPy, which proves that none is better.

All amounts are integers: bounds are half of one wider, so that no rounding decides, and a choice is counted again exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import FlowError
from hls_project.plan.budget import RESOURCES, used
from hls_project.plan.options import LayerOptions, Option, weigh
from hls_project.synthesis.cells import Resources

TIMEOUT = 60.0
"""Seconds for one search; those of the zoo's networks take a fraction of one."""

Objective = Literal["cycles", "over", "lut", "bram", "ff", "dsp"]
"""What is made least: cycles of the slowest layer; the largest excess over a limit, as a share of it; a resource."""

_MOST = 1e9
_HALF = 0.5
_EXCESS = 1e-6
"""Of the excess, a share of a limit: less than one unit of any."""
_OPTIMAL, _INFEASIBLE = 0, 2
"""Statuses of `scipy.optimize.milp`."""


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

    limits: of each resource; where "over" is an objective they may be exceeded. cycles: the most for an image.

    Raises:
        FlowError: the search took too long.
    """
    if objectives[0] == "cycles" and "over" not in objectives and cycles is None:
        cycles = _least_cycles(problem, limits)
        if cycles is None:
            return None
    layers = problem.layers
    if cycles is not None:
        layers = tuple(layer.within(cycles) for layer in layers)
        if cycles < problem.bus_cycles or not all(layer.options for layer in layers):
            return None
    search = _Search(layers, problem, limits, "over" in objectives)
    if not search.run(objectives):
        return None
    choice = Choice(search.chosen(), problem.fixed, problem.bus_cycles)
    assert "over" in objectives or not choice.excess(limits)
    return choice


def _least_cycles(problem: Problem, limits: Mapping[str, int]) -> int | None:
    """Return the fewest cycles within the limits, by bisection: what fits at some cycles also fits at more of them.

    Many small searches take less time than one over all options.
    """
    cycles = {option.cycles for layer in problem.layers for option in layer.options}
    tried = sorted(max(problem.least_cycles, one) for one in cycles)
    if solve(problem, limits, ("lut",), tried[-1]) is None:
        return None
    low, high = -1, len(tried) - 1  # the last that does not fit, the first that is known to
    while high - low > 1:
        middle = (low + high) // 2
        if solve(problem, limits, ("lut",), tried[middle]) is None:
            low = middle
        else:
            high = middle
    return tried[high]


class _Search:
    """A mixed-integer program: of each layer's options one is 1, the others 0.

    Columns: the options of all layers, then the cycles of an image, then the excess as a share of a limit.
    """

    def __init__(
        self, layers: Sequence[LayerOptions], problem: Problem, limits: Mapping[str, int], may_exceed: bool
    ) -> None:
        from scipy import optimize  # it takes longer than all else of a verb that has a saved plan

        self._optimize = optimize
        self._layers = layers
        self._options = [option for layer in layers for option in layer.options]
        columns = len(self._options) + 2
        self._bounds = self._optimize.Bounds(
            np.r_[np.zeros(len(self._options)), problem.bus_cycles, 0],
            np.r_[np.ones(len(self._options)), _MOST, _MOST if may_exceed else 0],
        )
        self._integrality = np.r_[np.ones(len(self._options)), 0, 0]
        costs = np.array([weigh(option.cost) for option in self._options], float)
        fixed = weigh(problem.fixed)
        self._rows: dict[str, NDArray[np.float64]] = {
            "cycles": np.eye(columns)[-2],
            "over": np.eye(columns)[-1],
        }
        for index, name in enumerate(RESOURCES):
            self._rows[name] = np.r_[costs[:, index], 0, 0]
        self._fixed = dict(zip(RESOURCES, fixed, strict=True))

        self._constraints = []
        first = 0
        for layer in layers:
            own = np.zeros(columns)
            own[first : first + len(layer.options)] = 1
            self._constraints.append(self._optimize.LinearConstraint(own, 1, 1))
            slow = np.zeros(columns)
            slow[first : first + len(layer.options)] = [option.cycles for option in layer.options]
            slow[-2] = -1
            self._constraints.append(self._optimize.LinearConstraint(slow, -np.inf, 0))
            first += len(layer.options)
        self._limits = {name: limits[name] * (2 if name == "bram" else 1) for name in RESOURCES}
        for name, limit in self._limits.items():
            row = self._rows[name].copy()
            row[-1] = -max(limit, 1)  # half of a unit would be a share of its own of a small limit
            self._constraints.append(
                self._optimize.LinearConstraint(
                    row, -np.inf, limit - self._fixed[name] + (0 if may_exceed else _HALF)
                )
            )

    def run(self, objectives: Sequence[Objective]) -> bool:
        """Make the objectives least, one after the other; say whether there is a solution.

        Raises:
            FlowError: a search took too long.
        """
        for name in objectives:
            found = self._optimize.milp(
                self._rows[name],
                integrality=self._integrality,
                bounds=self._bounds,
                constraints=self._constraints,
                options={"time_limit": TIMEOUT, "mip_rel_gap": 0.0},
            )
            if found.status == _INFEASIBLE:
                return False
            if found.status != _OPTIMAL:
                raise FlowError(f"the search for a plan did not end within {TIMEOUT:g} s ({found.message})")
            self._solution = found.x
            # All amounts but the excess are integers: half of one keeps what is equal and nothing that is more.
            slack = _EXCESS if name == "over" else _HALF
            self._constraints.append(
                self._optimize.LinearConstraint(self._rows[name], -np.inf, found.fun + slack)
            )
        return True

    def chosen(self) -> dict[str, Option]:
        """Return the option of each layer in the last solution."""
        result, first = {}, 0
        for layer in self._layers:
            shares = self._solution[first : first + len(layer.options)]
            result[layer.name] = layer.options[int(np.argmax(shares))]
            first += len(layer.options)
        return result
