"""Command line: `python -m hls_project {csim,cosim,explore,estimate,timing,gatesim,compare,simulate-board,bitstream,package,...}`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from dt_scnn.exit_statuses import exit_statuses
from hls_project.command.options import (
    Board,
    Budget,
    Build,
    Clock,
    Data,
    DataRoot,
    Host,
    Images,
    Jobs,
    Model,
    Part,
    Plan,
    Rate,
    Seed,
    Simulated,
    plan_words,
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Turn a trained dual-threshold spiking CNN into hardware, and check it bit for bit.",
)


@app.command()
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

    sys.exit(
        run(
            model,
            images,
            jobs,
            plan_words(board, part, clock, fps, budget, plan),
            dataflow,
            build,
            data_root,
            data,
        )
    )


@app.command()
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
    sys.exit(run(model, images, target, request, seed, waves, build, data_root, saif, data))


@app.command()
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
    sys.exit(run(model, request, synthesize, scheduler, jobs, build))


@app.command()
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

    sys.exit(run_estimate(model, by_model, plan_words(board, part, clock, fps, budget, plan), build))


@app.command()
@exit_statuses("finished stages are kept")
def timing(
    model: Model,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the placement.")] = 1,
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

    sys.exit(run_timing(model, seed, plan_words(board, part, clock, fps, budget, plan), build))


@app.command()
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
    sys.exit(run(model, images, words, seed, build, data, data_root))


@app.command("simulate-board")
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

    sys.exit(run_simulated(model, plan_words(board, part, clock, fps, budget, plan), build, data))


@app.command()
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
    sys.exit(run_bitstream(model, target, request, accept, build, data))


@app.command()
@exit_statuses("nothing was written")
def package(model: Model, simulated: Simulated = False, build: Build = Path("build")) -> None:
    """Pack driver, overlay, golden vectors and notebook into one archive for the board."""
    from hls_project.command.overlay import run_package

    sys.exit(run_package(model, simulated, build))


@app.command()
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

    sys.exit(run_deploy(model, host, folder, simulated, build))


@app.command()
@exit_statuses("every check on the board passed")
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

    sys.exit(run_board_report(model, host, folder, build))


@app.command()
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

    sys.exit(main(model, name, execute, build, data))


@app.command()
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

    sys.exit(run(model, baseline, train, images, build, data_root, data))


@app.command()
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


@app.command()
@exit_statuses("finished stages are kept")
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

    sys.exit(main(verb, as_json, board))


if __name__ == "__main__":
    app()
