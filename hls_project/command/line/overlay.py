"""The verbs on the way to a board: `simulate-board`, `notebook`, `bitstream`, `package`, `deploy`, `board-report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dt_scnn.exit_statuses import exit_statuses
from hls_project.command.line.end import end
from hls_project.command.options import (
    Board,
    Budget,
    Build,
    Clock,
    Data,
    Host,
    Model,
    Part,
    Plan,
    Rate,
    Simulated,
    plan_words,
)


@exit_statuses("finished stages are kept")
def simulate_board(
    model: Model,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    build: Build = Path("build"),
    data: Data = None,
) -> None:
    """Build the overlay of the simulated board, load it with pynq and check every golden score through the driver."""
    from hls_project.command.overlay import run_simulated

    end(
        run_simulated(model, plan_words(board, part, clock, fps, budget, plan), build, data),
        "simulate-board",
        model,
        build,
        data=data,
    )


@exit_statuses("finished stages are kept")
def notebook(
    model: Model,
    name: Annotated[str, typer.Option(help="train, simulate, classify or demo.")] = "classify",
    execute: Annotated[
        bool, typer.Option("--run", help="Run it here and keep the result, instead of opening Jupyter.")
    ] = False,
    build: Build = Path("build"),
    data: Data = None,
) -> None:
    """Open a notebook on the simulated board, or run it from top to bottom."""
    from hls_project.command.notebook import main

    end(main(model, name, execute, build, data), "notebook", model, build, data=data)


@exit_statuses("finished stages are kept")
def bitstream(
    model: Model,
    board: Board = None,
    target: Annotated[str, typer.Option(help="rtl needs Vivado alone, hls needs Vitis HLS too.")] = "rtl",
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    accept: Annotated[
        str, typer.Option(help="IDs of critical warnings that are no error, with commas between them.")
    ] = "",
    build: Build = Path("build"),
    data: Data = None,
) -> None:
    """Make bitstream and hardware handoff for a board with Vivado, and put the overlay together."""
    from hls_project.command.overlay import run_bitstream

    request = plan_words(board, None, clock, fps, budget, plan)
    end(run_bitstream(model, target, request, accept, build, data), "bitstream", model, build, data=data)


@exit_statuses("nothing was written")
def package(model: Model, simulated: Simulated = False, build: Build = Path("build")) -> None:
    """Pack driver, overlay, golden vectors and notebook into one archive for the board."""
    from hls_project.command.overlay import run_package

    end(run_package(model, simulated, build), "package", model, build)


@exit_statuses("the board has its old files or all new ones")
def deploy(
    model: Model,
    host: Host,
    folder: Annotated[
        str,
        typer.Option(
            help="Folder on the board, absolute or below the login's home; else what Jupyter shows there."
        ),
    ] = "",
    simulated: Simulated = False,
    build: Build = Path("build"),
) -> None:
    """Package the model, copy it to the board over ssh and unpack it there."""
    from hls_project.command.overlay import run_deploy

    end(run_deploy(model, host, folder, simulated, build), "deploy", model, build, host=host)


@exit_statuses("the report of before, or none, is there")
def board_report(
    model: Model,
    host: Host,
    folder: Annotated[
        str, typer.Option(help="Folder on the board that `deploy` filled, if it was told one.")
    ] = "",
    build: Build = Path("build"),
) -> None:
    """Run the driver's checks on the board over ssh, and bring back one file that says how it does."""
    from hls_project.command.overlay import run_board_report

    end(run_board_report(model, host, folder, build), "board-report", model, build, host=host)
