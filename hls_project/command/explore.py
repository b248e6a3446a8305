"""The verb `explore`: a model and a board in; a plan, its table, the Pareto front as picture and JSON out."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import write_json
from hls_project.command.opened import opened
from hls_project.command.planned import subject_of, write_core_with
from hls_project.plan.budget import Budget, used, whole
from hls_project.plan.explain import plan_json, print_plan, resources_json
from hls_project.plan.front import POINTS, Point, Thrift, pareto
from hls_project.plan.picture import draw
from hls_project.plan.saved import Request, Taken, take
from hls_project.plan.solver import Choice
from hls_project.plan.syntheses import Synthesized, synthesize_all
from hls_project.reports.console import new_table, open_console, say, show
from hls_project.reports.figure import figure
from hls_project.reports.progress import StageProgress
from hls_project.synthesis.executor import executor
from hls_project.workspace.folder import Workspace

_THRIFTS: tuple[Thrift, ...] = ("lut", "bram")
STORE = "explore"
"""Folder of finished syntheses, beside the plan."""


def run(
    model: str, request: Request, synthesize: int, scheduler: str | None, jobs: int | None, build: Path
) -> int:
    """Run the verb; return 0. Parameters: see `python -m hls_project explore --help`.

    Raises:
        ConfigurationError: what is asked for is out of reach, or no scheduler answers. FlowError: a synthesis failed.
    """
    if scheduler is not None and not synthesize:
        raise ConfigurationError(f"SCHEDULER={scheduler} runs syntheses; say how many points: SYNTHESIZE=3")
    console = open_console()
    workspace = opened(model, build, console)
    subject = subject_of(workspace)
    started = time.monotonic()
    taken = take(subject, workspace.folder, request, afresh=True)
    solved = time.monotonic() - started
    limits = (taken.plan.goal.budget if taken.plan.goal else Budget()).limits(taken.site.part)
    with StageProgress(console) as progress:
        fronts: dict[Thrift, tuple[Point, ...]] = {
            thrift: pareto(
                subject.problem, limits, thrift, POINTS, lambda n: progress.update("front", n, POINTS)
            )
            for thrift in _THRIFTS
        }
    say(console, taken.origin)
    print_plan(console, taken.plan, taken.choice, taken.site)
    found = _synthesize(workspace, taken, fronts["lut"], synthesize, scheduler, jobs, console)
    report = workspace.reports / "explore.json"
    write_json(report, _json(taken, fronts, found, solved))
    marks = {
        name: [
            (taken.plan.images_per_second(one.choice.cycles), used(one.report.total)[name]) for one in found
        ]
        for name in ("lut", "bram")
    }
    pictures = draw(workspace.name, fronts, taken.choice, marks, limits, taken.site, report.with_suffix(""))
    for what, path in (("report", report), *(("plot", picture) for picture in pictures)):
        say(console, f"{what}: {path}")
    return 0


def _synthesize(
    workspace: Workspace,
    taken: Taken,
    front: Sequence[Point],
    number: int,
    scheduler: str | None,
    jobs: int | None,
    console: Console,
) -> tuple[Synthesized, ...]:
    """Let yosys synthesize the plan and points of the front that fit, `number` in all, and print what it says."""
    if not number:
        return ()
    choices = _spread(taken.choice, [point.choice for point in front if point.fits], number)
    store = workspace.folder / STORE
    with (
        executor(scheduler, jobs or len(os.sched_getaffinity(0))) as pool,
        StageProgress(console) as progress,
    ):
        found = synthesize_all(
            choices,
            lambda folds: write_core_with(workspace, folds, store / "points"),
            taken.site.part.family,
            store / "cells",
            pool,
            progress.update,
        )
    _print_syntheses(console, taken, found)
    return found


def _spread(chosen: Choice, front: Sequence[Choice], number: int) -> list[Choice]:
    """Return `chosen` and points spread evenly over the front, the fastest first."""
    others = [choice for choice in front if choice.options != chosen.options]
    wanted = min(number - 1, len(others))
    picked = [others[round(index * (len(others) - 1) / max(1, wanted - 1))] for index in range(wanted)]
    return sorted([chosen, *picked], key=lambda choice: choice.cycles)


def _print_syntheses(console: Console, taken: Taken, found: Sequence[Synthesized]) -> None:
    columns = ("images/s", "LUT", "yosys", "off", "FF", "yosys", "off", "BRAM", "yosys")
    table = new_table(*columns, left=0)
    for one in found:
        ours, theirs = one.choice.total, one.report.total
        row = [f"{taken.plan.images_per_second(one.choice.cycles):,.0f}"]
        for name in ("lut", "ff"):
            model, real = getattr(ours, name), getattr(theirs, name)
            row += [f"{model:,}", f"{real:,}", f"{100 * (model / real - 1):+.1f} %" if real else ""]
        table.add_row(*row, str(ours.bram36_used), str(theirs.bram36_used))
    show(console, table)


def _json(
    taken: Taken,
    fronts: dict[Thrift, tuple[Point, ...]],
    found: Sequence[Synthesized],
    solved: float,
) -> dict[str, Any]:
    plan = taken.plan

    def point(choice: Choice) -> dict[str, Any]:
        return {
            "images_per_second": figure(plan.images_per_second(choice.cycles), "model"),
            "cycles_per_image": figure(choice.cycles, "model"),
            "limited_by": list(choice.slowest) or ["bus"],
            **resources_json(choice.total),
            "folds": {name: vars(option.fold) for name, option in choice.options.items()},
        }

    return {
        **plan_json(plan, taken.choice, taken.site),
        "part": {"name": taken.site.part.name, **whole(taken.site.part)},
        "front": {
            thrift: [point(one.choice) | {"fits": one.fits} for one in points]
            for thrift, points in fronts.items()
        },
        "synthesized": [
            point(one.choice)
            | {
                "tool": one.report.tool,
                "yosys": {
                    name: figure(amount, "synthesis-estimate")
                    for name, amount in used(one.report.total).items()
                },
            }
            for one in found
        ],
        "solver_seconds": figure(round(solved, 3), "measured", "s, candidates included"),
    }
