"""What a plan is made for: a network, the engines that can compute its layers, and a part with its clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from hls_project.plan.engine import Described, Engine
from hls_project.plan.fold import Fold
from hls_project.plan.options import list_options, option_of
from hls_project.plan.solver import Choice, Problem
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.parts import Part


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to plan. model: SHA-256 of its QONNX file. engines: by name.

    fixed: what the core takes beside its layers. bus_cycles: of an image on the bus.
    """

    name: str
    model: str
    layers: tuple[Described, ...]
    engines: Mapping[str, Engine]
    fixed: Resources = Resources()
    bus_cycles: int = 1

    @cached_property
    def problem(self) -> Problem:
        """Return what there is to choose.

        Raises:
            ConfigurationError: no engine computes a layer.
        """
        return Problem(list_options(self.layers, self.engines), self.fixed, self.bus_cycles)

    def choice(self, folds: Mapping[str, Fold]) -> Choice:
        """Return what `folds`, of every layer, make.

        Raises:
            ConfigurationError: an engine refuses its fold.
        """
        options = {layer.name: option_of(layer, folds[layer.name], self.engines) for layer in self.layers}
        return Choice(options, self.fixed, self.bus_cycles)


@dataclass(frozen=True)
class Site:
    """Where the core goes. board: its name or file, None for a bare part. clock_mhz: MHz."""

    part: Part
    clock_mhz: float
    board: str | None = None

    @property
    def label(self) -> str:
        """Part and board, as tables say it."""
        return f"{self.part.name} ({self.board or self.part.board})"
