"""The verbs that simulate what is generated: `csim`, `cosim`, `gatesim`."""

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
    Data,
    DataRoot,
    Images,
    Jobs,
    Model,
    Part,
    Plan,
    Rate,
    Seed,
    plan_words,
)


@exit_statuses("finished stages are kept")
def csim(
    model: Model,
    images: Images = None,
    jobs: Jobs = None,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    dataflow: Annotated[
        bool,
        typer.Option(
            "--dataflow", help="Also run each process as a thread with bounded streams, and size them."
        ),
    ] = False,
    build: Build = Path("build"),
    data: Data = None,
    data_root: DataRoot = None,
) -> None:
    """Simulate the generated C++ and compare every score of every image with onnxruntime on the QONNX file.

    Needs g++ and no vendor tool. Exit status 0: all scores are equal; 1: one differs, and its first place is printed, or
    a stage failed.
    """
    from hls_project.command.csim import run

    end(
        run(
            model,
            images,
            jobs,
            plan_words(board, part, clock, fps, budget, plan),
            dataflow,
            build,
            data_root,
            data,
        ),
        "csim",
        model,
        build,
        data=data,
    )


@exit_statuses("finished stages are kept")
def cosim(
    model: Model,
    images: Images = None,
    target: Annotated[
        Optional[str],
        typer.Option(help="rtl (Verilator) or hls (Vitis HLS). Without it, hls where Vitis HLS is found."),
    ] = None,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    seed: Seed = 1,
    waves: Annotated[
        bool, typer.Option("--waves", help="Also write the first images' waveforms, as FST.")
    ] = False,
    saif: Annotated[
        bool,
        typer.Option(
            "--saif",
            help="Also write how often signals switch, which `bitstream` gives Vivado's power model.",
        ),
    ] = False,
    build: Build = Path("build"),
    data: Data = None,
    data_root: DataRoot = None,
) -> None:
    """Simulate the hardware clock by clock and compare every score of every image with onnxruntime.

    Target rtl needs no vendor tool. Exit status 0: all scores are equal; 1: one differs, or a stage failed.
    """
    from hls_project.command.cosim import run

    request = plan_words(board, part, clock, fps, budget, plan)
    end(
        run(model, images, target, request, seed, waves, build, data_root, saif, data),
        "cosim",
        model,
        build,
        data=data,
    )


@exit_statuses("finished syntheses are kept")
def gatesim(
    model: Model,
    images: Annotated[
        int, typer.Option("-n", "--images", min=1, help="Test images; a netlist is simulated slowly.")
    ] = 20,
    board: Board = None,
    part: Part = None,
    clock: Clock = None,
    fps: Rate = None,
    budget: Budget = None,
    plan: Plan = None,
    seed: Seed = 1,
    build: Build = Path("build"),
    data: Data = None,
    data_root: DataRoot = None,
) -> None:
    """Synthesize the RTL core for 7 series with yosys, simulate its netlist and compare every score.

    Exit status 0: all scores are equal; 1: one differs, or a stage failed.
    """
    from hls_project.command.gatesim import run

    words = plan_words(board, part, clock, fps, budget, plan)
    end(run(model, images, words, seed, build, data, data_root), "gatesim", model, build, data=data)
