"""Progress of the stages: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from hls_project.reports.console import say

PLAIN_INTERVAL = 10.0
"""Seconds between two plain lines of one stage."""


class StageProgress:
    """Context manager whose `update(stage, done, total)` shows how far each stage is.

    Bars need a terminal, not merely colour: a notebook and FORCE_COLOR have that without one.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        columns = (
            TextColumn("{task.description:>14}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
        )
        self._bars = Progress(*columns, console=console) if console.file.isatty() else None
        self._tasks: dict[str, TaskID] = {}
        self._started: dict[str, float] = {}
        self._printed: dict[str, float] = {}

    def update(self, stage: str, done: int, total: int) -> None:
        """Show that `done` of `total` units of `stage` are done."""
        if self._bars is not None:
            if stage not in self._tasks:
                self._tasks[stage] = self._bars.add_task(stage, total=total)
            self._bars.update(self._tasks[stage], completed=done, total=total)
            return
        now = time.monotonic()
        started = self._started.setdefault(stage, now)
        last = self._printed.get(stage, started)
        finished = done == total and last != float("inf")
        if finished or now - last >= PLAIN_INTERVAL:
            self._printed[stage] = float("inf") if finished else now
            count = "" if total == 1 else f" {done:,} of {total:,}"
            say(self._console, f"{stage}:{count} {now - started:.1f} s")

    def __enter__(self) -> StageProgress:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()
