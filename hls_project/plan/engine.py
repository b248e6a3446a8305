"""What the solver knows of an engine: its name, folds, cycles and cost."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources


class Described(Protocol):
    """A layer of the hardware. Engines know what else it is; the solver knows its name."""

    @property
    def name(self) -> str:
        """Unique in the network."""
        ...


class Engine(Protocol):
    """A way to compute a layer. `layer` is what the engine's target describes a layer by."""

    @property
    def name(self) -> str:
        """What a fold calls it."""
        ...

    def candidates(self, layer: Any) -> Iterable[Fold]:
        """Return the folds worth a look; none if the engine cannot compute the layer."""
        ...

    def cycles(self, layer: Any, fold: Fold) -> int:
        """Return the cycles of one image in steady state, when no neighbour makes the layer wait."""
        ...

    def cost(self, layer: Any, fold: Fold) -> Resources:
        """Return what the layer takes of a part, its FIFO included."""
        ...

    def check(self, layer: Any, fold: Fold) -> None:
        """Accept a fold that the engine can build.

        Raises:
            ConfigurationError: it cannot; the message names the nearest fold that it can.
        """
        ...
