"""One search: an option of each layer, sums within bounds, one sum least; by HiGHS through SciPy, which proves that none is less.

All columns are 0 or 1, all amounts integers, and bounds are half of one wider, so that no rounding decides. Beside a column of
another kind, such as the cycles of an image, HiGHS calls problems infeasible that are not.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import FlowError
from hls_project.plan.options import LayerOptions, Option, undominated

TIMEOUT = 60.0
"""Seconds for one search; those of the zoo's networks take a fraction of one."""

Columns = NDArray[np.intp]
"""Options by their place among those of all layers, in the order of the layers; one of each layer is a choice."""
Amounts = NDArray[np.int64]
"""(4,): of each resource what `weigh` counts."""

_HALF = 0.5
_OPTIMAL, _TIMED_OUT, _INFEASIBLE = 0, 1, 2
"""Statuses of `scipy.optimize.milp`."""
_ADVICE = (
    "another rate (FPS) or budget (BUDGET) is another search, and PLAN takes folds that were set by hand"
)


class Search:
    """The options of a network's layers as arrays. cycles: (options,). costs: (options, 4), what `weigh` counts."""

    def __init__(self, layers: Sequence[LayerOptions]) -> None:
        self._options = [option for layer in layers for option in layer.options]
        amounts = np.array([option.amounts for option in self._options], np.int64)
        self.cycles, self.costs = amounts[:, 0], amounts[:, 1:]
        self._layer = np.repeat(np.arange(len(layers)), [len(layer.options) for layer in layers])
        self._layers = len(layers)

    def options(self, choice: Columns) -> list[Option]:
        """Return the option of each layer."""
        return [self._options[column] for column in choice]

    def slowest(self, cycles: int) -> Columns:
        """Return the slowest option of each layer of at most `cycles`, which each has."""
        columns = np.flatnonzero(self.cycles <= cycles)
        return columns[np.append(self._starts(columns)[1:], len(columns)) - 1]

    def least(self, resource: int | None, most: Amounts, cycles: int, known: bool) -> Columns | None:
        """Return a choice of the least of a resource, within `most` of each and `cycles`; None if there is none.

        resource: its place in `RESOURCES`; None: any choice within the bounds. known: that there is a choice.

        Raises:
            FlowError: the search took too long, or HiGHS contradicts what is known or asked for.
        """
        columns = self._possible(most, cycles)
        if columns is None or len(columns) == self._layers:
            return columns
        floor = self._floor(columns)
        costs = self.costs[columns] - floor[self._layer[columns]]
        objective = np.zeros(len(columns)) if resource is None else costs[:, resource]
        one_each = self._layer[columns] == np.arange(self._layers)[:, None]
        shares = _solve(objective, one_each, costs.T, most - floor.sum(axis=0))
        if shares is None:
            if known:
                raise FlowError(
                    f"the search for a plan failed: HiGHS finds none where there is one; {_ADVICE}"
                )
            return None
        choice = columns[shares > _HALF]
        one_of_each = np.array_equal(self._layer[choice], np.arange(self._layers))
        if not one_of_each or (self.costs[choice].sum(axis=0) > most).any():
            raise FlowError(f"the search for a plan failed: what HiGHS finds is none; {_ADVICE}")
        return choice

    def _possible(self, most: Amounts, cycles: int) -> Columns | None:
        """Return the options that a choice within the bounds may have, without those that another beats; None if a layer has none."""
        columns = np.flatnonzero(self.cycles <= cycles)
        while len(np.unique(self._layer[columns])) == self._layers:
            floor = self._floor(columns)
            room = most - floor.sum(axis=0)
            fits = (self.costs[columns] - floor[self._layer[columns]] <= room).all(axis=1)
            if fits.all():
                layers = np.split(columns, self._starts(columns)[1:])
                return np.concatenate([layer[undominated(self.costs[layer])] for layer in layers])
            columns = columns[fits]
        return None

    def _floor(self, columns: Columns) -> NDArray[np.int64]:
        """Return the least of each resource among the options of each layer: (layers, 4)."""
        return np.minimum.reduceat(self.costs[columns], self._starts(columns))

    def _starts(self, columns: Columns) -> Columns:
        return np.flatnonzero(np.diff(self._layer[columns], prepend=-1))


def _solve(
    objective: NDArray[np.generic], one_each: NDArray[np.bool_], costs: NDArray[np.int64], room: Amounts
) -> NDArray[np.float64] | None:
    """Return the columns' values, None if it is infeasible. one_each: rows that are 1. costs: rows that are at most `room`."""
    from scipy import optimize  # it takes longer than all else of a verb that has a saved plan

    found = optimize.milp(
        objective,
        integrality=np.ones(len(objective)),
        bounds=optimize.Bounds(0, 1),
        constraints=[
            optimize.LinearConstraint(one_each.astype(float), 1, 1),
            optimize.LinearConstraint(costs.astype(float), -np.inf, room + _HALF),
        ],
        options={"time_limit": TIMEOUT, "mip_rel_gap": 0.0},
    )
    if found.status == _INFEASIBLE:
        return None
    if found.status != _OPTIMAL:
        ended = f"did not end within {TIMEOUT:g} s" if found.status == _TIMED_OUT else "failed"
        raise FlowError(f"the search for a plan {ended} ({found.message}); {_ADVICE}")
    values: NDArray[np.float64] = found.x
    return values
