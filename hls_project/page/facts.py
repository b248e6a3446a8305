"""Everything that the page of a model is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hls_project.graph.integer import IntegerGraph
from hls_project.page.cards import Trained
from hls_project.page.computed import Watched
from hls_project.page.parts import Command, Part
from hls_project.page.planned import Planned
from hls_project.page.rungs import Rung
from hls_project.workspace.folder import Workspace


@dataclass(frozen=True, eq=False)
class Facts:
    """workspace: of the model. watched: the network on images, None if there are none; no_images says why.

    baseline: the conventional network beside it, None where the model is one itself. command: of a verb, for this model.
    """

    workspace: Workspace
    graph: IntegerGraph
    dataset: str
    planned: Planned
    trained: Trained
    baseline: Trained | None
    watched: Watched | None
    no_images: str
    parts: dict[str, Part]
    ladder: tuple[Rung, ...]
    command: Command

    def content(self, file: str) -> Any:
        """Return the content of a report, None unless it may be shown."""
        return self.parts[file].content

    @property
    def n_thresholds(self) -> int:
        """Return 2 for a dual-threshold network, 1 for a conventional one, 0 if none of its layers fires."""
        return max(
            (0 if one.thresholds is None else len(one.thresholds) for one in self.graph.layers), default=0
        )

    @property
    def is_interval_simulated(self) -> bool:
        """Whether `interval` is a co-simulation's: of one image alone it has none."""
        simulated = self.content("cosim")
        return bool(simulated and simulated.cycles_per_image)

    @property
    def interval(self) -> float | None:
        """Return the cycles from one image to the next: as simulated, else by the plan's model, None without a plan."""
        if self.is_interval_simulated:
            return float(self.content("cosim").cycles_per_image.value)
        return float(self.planned.choice.cycles) if self.planned.choice else None
