"""The verb `explore`: a plan for a part, and what each rate costs there."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from dt_scnn.errors import ConfigurationError
from dt_scnn.executor import executor
from hls_project.plan.budget import Budget, used, whole
from hls_project.plan.explain import plan_json, resources_json
from hls_project.plan.front import POINTS, Point, Thrift, pareto
from hls_project.plan.picture import draw
from hls_project.plan.saved import Taken, take
from hls_project.plan.solver import Choice
from hls_project.plan.syntheses import Synthesized, synthesize_all
from hls_project.reports.drawing import pyplot
from hls_project.reports.figure import figure
from hls_project.reports.made_from import write_report
from hls_project.verbs.given import BUILD, Model, PlanWords, Progress, Tell, mute, opened, request_of, silent
from hls_project.verbs.planned import subject_of, write_core_with
from hls_project.workspace.folder import Workspace

_THRIFTS: tuple[Thrift, ...] = ("lut", "bram")
STORE = "explore"
"""Folder of finished syntheses, beside the plan."""


@dataclass(frozen=True)
class Exploration:
    """taken: the plan, which the other verbs take from now on. fronts: the least LUT and the least BRAM of each rate.

    limits: what the plan may take of the part. synthesized: points as yosys finds them. seconds: that the solver took.
    path: the same as JSON. pictures: of the fronts, as PNG and SVG, if they were asked for.
    """

    taken: Taken
    fronts: dict[Thrift, tuple[Point, ...]]
    limits: dict[str, int]
    synthesized: tuple[Synthesized, ...]
    seconds: float
    path: Path
    pictures: tuple[Path, ...] = ()

    @property
    def cycles(self) -> int:
        """Clock cycles of an image, by the plan."""
        return self.taken.choice.cycles

    @property
    def images_per_second(self) -> float:
        """The plan's rate at its clock."""
        return self.taken.plan.images_per_second(self.cycles)

    @property
    def resources(self) -> dict[str, int]:
        """What the plan takes by its model: lut, ff, bram (of 36 kbit) and dsp."""
        return used(self.taken.choice.total)

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""
        taken = self.taken
        return {
            **plan_json(taken.plan, taken.choice, taken.site),
            "part": {"name": taken.site.part.name, **whole(taken.site.part)},
            "front": {
                thrift: [self._point(one.choice) | {"fits": one.fits} for one in points]
                for thrift, points in self.fronts.items()
            },
            "synthesized": [
                self._point(one.choice)
                | {
                    "tool": one.report.tool,
                    "yosys": {
                        name: figure(amount, "synthesis-estimate")
                        for name, amount in used(one.report.total).items()
                    },
                }
                for one in self.synthesized
            ],
            "solver_seconds": figure(round(self.seconds, 3), "measured", "s, candidates included"),
        }

    def _point(self, choice: Choice) -> dict[str, Any]:
        return {
            "images_per_second": figure(self.taken.plan.images_per_second(choice.cycles), "model"),
            "cycles_per_image": figure(choice.cycles, "model"),
            "limited_by": list(choice.slowest) or ["bus"],
            **resources_json(choice.total),
            "folds": {name: vars(option.fold) for name, option in choice.options.items()},
        }


def explore(
    model: Model,
    *,
    synthesize: int = 0,
    scheduler: str | None = None,
    jobs: int | None = None,
    pictures: bool = False,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> Exploration:
    """Choose engine and fold of every layer, save the plan, and find what each rate costs of the part.

    model, build, plan: as for `csim`. synthesize: points, the plan among them, that yosys synthesizes too; scheduler: a Dask
    scheduler whose workers do it, `tcp://host:port`, in place of `jobs` processes of this machine. pictures: also draw the
    fronts, by matplotlib. Also writes `plan.json`, which the other verbs take, and `reports/explore.json`.

    Raises:
        ConfigurationError: what is asked for contradicts itself or is out of reach, no scheduler answers, or matplotlib is missing.
            ToolNotFoundError: pyosys is missing. FlowError: a synthesis failed.
    """
    if synthesize < 0:
        raise ConfigurationError(f"synthesize is a number of points from 0 up, not {synthesize}")
    if scheduler is not None and not synthesize:
        raise ConfigurationError(f"SCHEDULER={scheduler} runs syntheses; say how many points: SYNTHESIZE=3")
    if pictures:
        pyplot()  # what is missing is said before the search
    with opened(model, build, tell) as workspace:
        subject = subject_of(workspace)
        started = time.monotonic()
        taken = take(subject, workspace.folder, request_of(plan), afresh=True)
        seconds = time.monotonic() - started
        limits = (taken.plan.goal.budget if taken.plan.goal else Budget()).limits(taken.site.part)
        fronts: dict[Thrift, tuple[Point, ...]] = {
            thrift: pareto(subject.problem, limits, thrift, POINTS, lambda n: progress("front", n, POINTS))
            for thrift in _THRIFTS
        }
        tell(taken.origin)
        found = _synthesize(workspace, taken, fronts["lut"], synthesize, scheduler, jobs, progress)
        report = workspace.reports / "explore.json"
        drawn = _draw(workspace.name, taken, fronts, found, limits, report) if pictures else ()
        result = Exploration(taken, fronts, dict(limits), found, seconds, report, drawn)
        write_report(report, result.to_json())
        return result


def _draw(
    name: str,
    taken: Taken,
    fronts: dict[Thrift, tuple[Point, ...]],
    found: Sequence[Synthesized],
    limits: dict[str, int],
    report: Path,
) -> tuple[Path, ...]:
    marks = {
        resource: [
            (taken.plan.images_per_second(one.choice.cycles), used(one.report.total)[resource])
            for one in found
        ]
        for resource in ("lut", "bram")
    }
    return draw(name, fronts, taken.choice, marks, limits, taken.site, report.with_suffix(""))


def _synthesize(
    workspace: Workspace,
    taken: Taken,
    front: Sequence[Point],
    number: int,
    scheduler: str | None,
    jobs: int | None,
    progress: Progress,
) -> tuple[Synthesized, ...]:
    """Let yosys synthesize the plan and points of the front that fit, `number` in all."""
    if not number:
        return ()
    choices = _spread(taken.choice, [point.choice for point in front if point.fits], number)
    store = workspace.folder / STORE
    with executor(scheduler, jobs or len(os.sched_getaffinity(0))) as pool:
        return synthesize_all(
            choices,
            lambda folds: write_core_with(workspace, folds, store / "points"),
            taken.site.part.family,
            store / "cells",
            pool,
            progress,
        )


def _spread(chosen: Choice, front: Sequence[Choice], number: int) -> list[Choice]:
    """Return `chosen` and points spread evenly over the front, the fastest first."""
    others = [choice for choice in front if choice.options != chosen.options]
    wanted = min(number - 1, len(others))
    picked = [others[round(index * (len(others) - 1) / max(1, wanted - 1))] for index in range(wanted)]
    return sorted([chosen, *picked], key=lambda choice: choice.cycles)
