"""What is asked of a plan, and where its core goes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import Budget, Goal, parse_budget, parse_rate
from hls_project.plan.plan import MOST_MHZ, Plan
from hls_project.synthesis import parts

if TYPE_CHECKING:
    from hls_project.plan.subject import Site

DEFAULT_BOARD = "pynq-z2"
DEFAULT_CLOCK_MHZ = 100.0
"""Of a bare part."""


@dataclass(frozen=True)
class Request:
    """What the command line says of the plan, None for what it leaves open.

    board: name or JSON file. part: in place of a board. clock_mhz: MHz. rate: images/s or "max". budget: as
    `parse_budget`. plan: a file.
    """

    board: str | None = None
    part: str | None = None
    clock_mhz: float | None = None
    rate: str | None = None
    budget: str | None = None
    plan: Path | None = None

    @property
    def goal(self) -> Goal | None:
        """Return the goal, None if neither a rate nor a budget is given.

        Raises:
            ConfigurationError: one of them is no rate or no budget.
        """
        if self.rate is None and self.budget is None:
            return None
        rate = None if self.rate is None else parse_rate(self.rate)
        return Goal(rate, Budget() if self.budget is None else parse_budget(self.budget))

    def site(self, saved: Plan | None) -> Site:
        """Return where the core goes: what is asked for, else where the `saved` plan is for, else the default board.

        Raises:
            ConfigurationError: an unknown board or part, or both; a clock that none is.
        """
        from hls_project.overlay import boards
        from hls_project.plan.subject import Site

        if self.board is not None and self.part is not None:
            raise ConfigurationError(
                f"a board has its part: give BOARD={self.board} or the part {self.part}, not both"
            )
        if self.clock_mhz is not None and not 0 < self.clock_mhz <= MOST_MHZ:
            raise ConfigurationError(
                f"CLOCK is in MHz, above 0 and at most {MOST_MHZ:,.0f}, not {self.clock_mhz:g}; such as CLOCK={DEFAULT_CLOCK_MHZ:g}"
            )
        board, part = self.board, self.part or ""
        if board is None and not part:
            board, part = (DEFAULT_BOARD, "") if saved is None else (saved.board, saved.part)
        found = None if board is None else boards.find(board)
        chosen = parts.find(part if found is None else found.part)
        clock = self.clock_mhz
        if clock is None and saved is not None and saved.part == chosen.name:
            clock = saved.clock_mhz
        return Site(chosen, clock or (found.clock_mhz if found else DEFAULT_CLOCK_MHZ), board)
