"""The verbs that say how large and how fast: `explore`, `estimate`, `timing`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from dt_scnn.exit_statuses import exit_statuses
from hls_project.command.line.end import end
from hls_project.command.options import (
    Board,
    Budget,
    Build,
    Clock,
    Jobs,
    Model,
    Part,
    Plan,
    Rate,
    plan_words,
)


@exit_statuses("finished syntheses are kept; the same command goes on after them")
def explore(
    model: Model,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    synthesize: Annotated[
        int, typer.Option(min=0, help="Points, the plan among them, that yosys synthesizes too.")
    ] = 0,
    scheduler: Annotated[
        Optional[str],
        typer.Option(
            help="Dask scheduler whose workers synthesize, tcp://host:port; without it, processes of this machine."
        ),
    ] = None,
    jobs: Jobs = None,
    build: Build = Path("build"),
) -> None:
    """Choose engine and fold of every layer, save the plan, and draw what each rate costs of the part.

    Writes plan.json, which the other verbs take, and reports/explore.{json,png,svg}.
    """
    from hls_project.command.explore import run

    request = plan_words(board, part, clock, fps, budget, plan)
    end(run(model, request, synthesize, scheduler, jobs, build), "explore", model, build)


@exit_statuses("finished stages are kept")
def estimate(
    model: Model,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    by_model: Annotated[
        bool,
        typer.Option("--by-model", help="From the layers' shapes alone, in milliseconds, without yosys."),
    ] = False,
    build: Build = Path("build"),
) -> None:
    """Say what each layer of the RTL core takes of a part. Exit status 1: it does not fit, or a stage failed."""
    from hls_project.command.synthesis import run_estimate

    end(
        run_estimate(model, by_model, plan_words(board, part, clock, fps, budget, plan), build),
        "estimate",
        model,
        build,
    )


@exit_statuses("finished stages are kept")
def timing(
    model: Model,
    seed: Annotated[int, typer.Option(min=0, max=2**31 - 1, help="Seed of the placement.")] = 1,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    build: Build = Path("build"),
) -> None:
    """Place and route the RTL core on an ECP5, a stand-in for 7-series parts, and name the critical path."""
    from hls_project.command.synthesis import run_timing

    end(
        run_timing(model, seed, plan_words(board, part, clock, fps, budget, plan), build),
        "timing",
        model,
        build,
    )
