"""The ways to compute each layer that are worth choosing from: every engine's folds, without those that another beats."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from hls_project.plan.engine import Described, Engine
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources


@dataclass(frozen=True)
class Option:
    """A fold of one layer, its cycles for an image and its cost."""

    fold: Fold
    cycles: int
    cost: Resources

    @property
    def amounts(self) -> tuple[int, ...]:
        """Cycles and what `weigh` says of the cost."""
        return self.cycles, *weigh(self.cost)


@dataclass(frozen=True)
class LayerOptions:
    """The options of one layer, the fastest first."""

    name: str
    options: tuple[Option, ...]

    @property
    def least_cycles(self) -> int:
        """Cycles of its fastest fold."""
        return self.options[0].cycles


def weigh(cost: Resources) -> tuple[int, int, int, int]:
    """Return LUT, FF, halves of a 36 kbit block RAM, DSP: sums of them are exact, and in the order of `RESOURCES`."""
    return cost.lut, cost.ff, cost.bram18 + 2 * cost.bram36, cost.dsp


def list_options(layers: Iterable[Described], engines: Mapping[str, Engine]) -> tuple[LayerOptions, ...]:
    """Return the options of every layer. engines: by name.

    Raises:
        ConfigurationError: no engine computes a layer.
    """
    return tuple(_of_layer(layer, engines) for layer in layers)


def option_of(layer: Described, fold: Fold, engines: Mapping[str, Engine]) -> Option:
    """Return the option that `fold` is.

    Raises:
        ConfigurationError: there is no such engine, or it refuses the fold.
    """
    if fold.engine not in engines:
        raise ConfigurationError(
            f"layer {layer.name!r}: there is no engine {fold.engine!r}; there are {', '.join(sorted(engines))}"
        )
    engine = engines[fold.engine]
    engine.check(layer, fold)
    return Option(fold, engine.cycles(layer, fold), engine.cost(layer, fold))


def _of_layer(layer: Described, engines: Mapping[str, Engine]) -> LayerOptions:
    options = [
        Option(fold, engine.cycles(layer, fold), engine.cost(layer, fold))
        for engine in engines.values()
        for fold in engine.candidates(layer)
    ]
    if not options:
        raise ConfigurationError(
            f"layer {layer.name!r}: none of the engines {', '.join(sorted(engines))} computes it"
        )
    options.sort(key=attrgetter("amounts", "fold"))
    kept = undominated(np.array([option.amounts for option in options], np.int64))
    return LayerOptions(layer.name, tuple(options[index] for index in kept))


def undominated(amounts: NDArray[np.int64]) -> NDArray[np.intp]:
    """Return the rows that no other equals or beats in all columns, in their order; of equal ones the first."""
    kept: list[int] = []
    front = np.empty_like(amounts)
    for index in np.lexsort(amounts.T[::-1]):  # one that beats another comes before it
        if not (front[: len(kept)] <= amounts[index]).all(axis=1).any():
            front[len(kept)] = amounts[index]
            kept.append(index)
    return np.sort(np.array(kept, np.intp))
