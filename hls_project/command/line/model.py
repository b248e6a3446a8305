"""The verbs on a model and on this machine: `compare`, `report`, `doctor`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from dt_scnn.exit_statuses import exit_statuses
from hls_project.command.line.end import end
from hls_project.command.options import Build, Data, DataRoot, Model


@exit_statuses("the same command goes on after the last whole epoch")
def compare(
    model: Model,
    baseline: Annotated[
        Optional[str], typer.Option(help="The conventional network beside it. Without it, MODEL-scnn.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="First train both by their recipes, instead of taking the zoo's.")
    ] = False,
    images: Annotated[
        int, typer.Option("-n", "--images", min=1, help="Test images whose spikes are counted.")
    ] = 500,
    build: Build = Path("build"),
    data: Data = None,
    data_root: DataRoot = None,
) -> None:
    """Show a dual-threshold network beside the conventional one with the same spike maps: table, JSON and plots.

    Accuracy is of all test images. LUT and cycles are listed where `estimate` and `cosim` have left their reports.
    """
    from hls_project.command.compare import run

    end(run(model, baseline, train, images, build, data_root, data), "compare", model, build, data=data)


@exit_statuses("the page of before, or none, is there")
def report(
    model: Model,
    build: Build = Path("build"),
    data: Data = None,
    data_root: DataRoot = None,
) -> None:
    """Write one HTML page of all that is known of a model, build/MODEL/report.html, with pictures.

    It holds what other verbs left of this very model and plan, and says what is missing with the command that makes it.
    Exit status 1: a stage that was run differs.
    """
    from hls_project.command.report import run

    sys.exit(run(model, build, data_root, data))


@exit_statuses("nothing was written")
def doctor(
    verb: Annotated[
        Optional[str], typer.Argument(help="A verb of dt-scnn or make, such as cosim. Without it, all.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    board: Annotated[
        Optional[str], typer.Option(help="Board that a bitstream is for. Without it, pynq-z2.")
    ] = None,
) -> None:
    """Say what a verb needs and what of it there is: programs, packages, data sets by checksum, disk, memory, vendor tools.

    Exit status 0: the verb can run, without one csim; 1: something is missing.
    """
    from hls_project.command.doctor import main

    end(main(verb, as_json, board), "doctor", "mnist" if verb is None and not as_json else "")
