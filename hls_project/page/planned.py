"""The saved plan, with what its model says of it; none is made for the page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import Budget, used, whole
from hls_project.plan.plan import FILE, Plan, load
from hls_project.plan.solver import Choice
from hls_project.plan.subject import Subject
from hls_project.synthesis import parts
from hls_project.synthesis.parts import Part


@dataclass(frozen=True)
class Planned:
    """A plan and what it makes of the network, both None where there is none that is this model's; why says so."""

    plan: Plan | None = None
    choice: Choice | None = None
    part: Part | None = None
    why: str = ""

    @property
    def available(self) -> dict[str, int]:
        """What the part has: lut, ff, bram of 36 kbit, dsp."""
        return whole(self.part) if self.part else {}

    @property
    def taken(self) -> dict[str, int]:
        """What the core takes by the plan's model."""
        return used(self.choice.total) if self.choice else {}

    @property
    def limits(self) -> dict[str, int]:
        """What the core may take."""
        goal = self.plan.goal if self.plan else None
        return (goal.budget if goal else Budget()).limits(self.part) if self.part else {}


def read_plan(folder: Path, subject: Subject) -> Planned:
    """Return the plan that is saved in `folder`."""
    path = folder / FILE
    if not path.exists():
        return Planned(why="no plan of engines and folds was chosen yet")
    try:
        plan = load(path)
        plan.check_network(subject.name, subject.model, (layer.name for layer in subject.layers), path)
        return Planned(plan, subject.choice(plan.folds), parts.find(plan.part))
    except ConfigurationError as error:
        return Planned(why=str(error))
