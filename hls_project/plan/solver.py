"""The search for a plan: one option for each layer, by OR-tools' CP-SAT, which proves that none is better.

All amounts are integers and so are all sums: what the solver answers is exact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any, Literal

from dt_scnn.errors import FlowError
from hls_project.plan.budget import RESOURCES, used
from hls_project.plan.options import LayerOptions, Option, weigh
from hls_project.synthesis.cells import Resources

TIMEOUT = 60.0
"""Seconds for one search; those of the zoo's networks take a fraction of one."""

Objective = Literal["cycles", "over", "lut", "bram", "ff", "dsp"]
"""What is made least: cycles of the slowest layer; the largest excess over a limit, as a share of it; a resource."""

_SHARES = 10_000  # units of the excess in one limit
_MOST = 1 << 40


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
    return Choice(search.chosen(), problem.fixed, problem.bus_cycles)


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
    """A model of CP-SAT: a Boolean for each option of each layer."""

    def __init__(
        self, layers: Sequence[LayerOptions], problem: Problem, limits: Mapping[str, int], may_exceed: bool
    ) -> None:
        from ortools.sat.python import cp_model

        self._layers = layers
        self._model = model = cp_model.CpModel()
        self._solver = cp_model.CpSolver()
        self._solver.parameters.num_workers = 1  # the same answer every time
        self._solver.parameters.max_time_in_seconds = TIMEOUT
        # Its own handler would leave the default one behind: Ctrl-C would then end the program on the spot.
        self._solver.parameters.catch_sigint_signal = False
        self._ends = (cp_model.OPTIMAL, cp_model.INFEASIBLE)
        self._taken = [[model.new_bool_var("") for _ in layer.options] for layer in layers]
        for flags in self._taken:
            model.add_exactly_one(flags)
        self._amounts: dict[str, Any] = {
            name: self._sum([[weigh(option.cost)[index] for option in layer.options] for layer in layers])
            + fixed
            for index, (name, fixed) in enumerate(zip(RESOURCES, weigh(problem.fixed), strict=True))
        }
        over = model.new_int_var(0, _MOST, "over") if may_exceed else 0
        for name in RESOURCES:
            bound = limits[name] * (2 if name == "bram" else 1)
            model.add(_SHARES * self._amounts[name] <= _SHARES * bound + max(bound, 1) * over)
        self._amounts["over"] = over
        cycles = model.new_int_var(problem.bus_cycles, _MOST, "cycles")
        for layer, flags in zip(layers, self._taken, strict=True):
            model.add(
                cycles >= sum(f * option.cycles for f, option in zip(flags, layer.options, strict=True))
            )
        self._amounts["cycles"] = cycles

    def run(self, objectives: Sequence[Objective]) -> bool:
        """Make the objectives least, one after the other; say whether there is a solution.

        Raises:
            FlowError: a search took too long.
        """
        for name in objectives:
            self._model.minimize(self._amounts[name])
            status = self._solver.solve(self._model)
            if status not in self._ends:
                raise FlowError(
                    f"the search for a plan did not end within {TIMEOUT:g} s ({self._solver.status_name(status)})"
                )
            if status == self._ends[1]:
                return False
            self._model.add(self._amounts[name] <= round(self._solver.objective_value))
        return True

    def chosen(self) -> dict[str, Option]:
        """Return the option of each layer in the last solution."""
        return {
            layer.name: next(
                option for flag, option in zip(flags, layer.options, strict=True) if self._solver.value(flag)
            )
            for layer, flags in zip(self._layers, self._taken, strict=True)
        }

    def _sum(self, values: Sequence[Sequence[int]]) -> Any:
        pairs = [
            (flag, value)
            for flags, row in zip(self._taken, values, strict=True)
            for flag, value in zip(flags, row, strict=True)
        ]
        return sum(flag * value for flag, value in pairs)
