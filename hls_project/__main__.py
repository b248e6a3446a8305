"""Command line: `python -m hls_project {csim,cosim,explore,estimate,timing,compare,simulate-board,bitstream,package,...}`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from dt_scnn.exit_statuses import exit_statuses

if TYPE_CHECKING:
    from hls_project.plan.saved import Request

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Turn a trained dual-threshold spiking CNN into hardware, and check it bit for bit.",
)


_Model = Annotated[
    str, typer.Argument(help="A model of the zoo or of `make train`, or the path of a QONNX file.")
]
_Build = Annotated[Path, typer.Option(help="Folder of all results; trainings are in `work` beside it.")]
_Data = Annotated[
    Optional[str],
    typer.Option(
        "--data",
        help="Data set whose test images are taken: a name, or the path of a folder or .npz file (docs/own-data.md).",
    ),
]
_Board = Annotated[
    Optional[str],
    typer.Option(
        help="pynq-z1, pynq-z2, zcu104, kv260, or the path of a board's JSON file. Without it, the saved plan's, else pynq-z2."
    ),
]
_Part = Annotated[Optional[str], typer.Option(help="An FPGA part in place of a board.")]
_Clock = Annotated[
    Optional[float],
    typer.Option(min=1.0, max=1000.0, help="Clock in MHz. Without it, the saved plan's, else the board's."),
]
_Rate = Annotated[
    Optional[str],
    typer.Option("--fps", help="Images/s to reach with the least LUTs, or max, the highest rate that fits."),
]
_Budget = Annotated[
    Optional[str],
    typer.Option(
        help="Percent of the part, such as 70% or lut=70%,bram=90%. Without it, lut=80%,ff=90%,bram=90%,dsp=90%."
    ),
]
_Plan = Annotated[
    Optional[Path],
    typer.Option(help="File with engine and fold of every layer. Without it, build/MODEL/plan.json."),
]


def _request(
    board: str | None,
    part: str | None,
    clock: float | None,
    fps: str | None,
    budget: str | None,
    plan: Path | None,
) -> Request:
    from hls_project.plan.saved import Request

    return Request(board, part, clock, fps, budget, plan)


@app.command()
@exit_statuses("finished stages are kept")
def csim(
    model: _Model,
    images: Annotated[
        Optional[int],
        typer.Option(
            "-n",
            "--images",
            min=1,
            help="Test images of the model's data set; without it, its sample of 200.",
        ),
    ] = None,
    jobs: Annotated[
        Optional[int], typer.Option(min=1, help="Processes; without it, one for each core.")
    ] = None,
    board: _Board = None,
    part: _Part = None,
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    dataflow: Annotated[
        bool,
        typer.Option(
            "--dataflow", help="Also run each process as a thread with bounded streams, and size them."
        ),
    ] = False,
    build: Annotated[
        Path, typer.Option(help="Folder of all results; trainings are in `work` beside it.")
    ] = Path("build"),
    data: _Data = None,
    data_root: Annotated[
        Optional[Path],
        typer.Option(help="Folder of the data sets. Without it, DTSCNN_DATA, ./data or ../shared/data."),
    ] = None,
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
            _request(board, part, clock, fps, budget, plan),
            dataflow,
            build,
            data_root,
            data,
        )
    )


@app.command()
@exit_statuses("finished stages are kept")
def cosim(
    model: _Model,
    images: Annotated[
        Optional[int],
        typer.Option("-n", "--images", min=1, help="Test images; without it, the model's sample of 200."),
    ] = None,
    target: Annotated[
        Optional[str],
        typer.Option(help="rtl (Verilator) or hls (Vitis HLS). Without it, hls where Vitis HLS is found."),
    ] = None,
    board: _Board = None,
    part: _Part = None,
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random gaps and back-pressure.")] = 1,
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
    build: _Build = Path("build"),
    data: _Data = None,
    data_root: Annotated[Optional[Path], typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Simulate the hardware clock by clock and compare every score of every image with onnxruntime.

    Target rtl needs no vendor tool. Exit status 0: all scores are equal; 1: one differs, or a stage failed.
    """
    from hls_project.command.cosim import run

    request = _request(board, part, clock, fps, budget, plan)
    sys.exit(run(model, images, target, request, seed, waves, build, data_root, saif, data))


@app.command()
@exit_statuses("finished syntheses are kept; the same command goes on after them")
def explore(
    model: _Model,
    board: _Board = None,
    part: _Part = None,
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    synthesize: Annotated[
        int, typer.Option(min=0, help="Points, the plan among them, that yosys synthesizes too.")
    ] = 0,
    scheduler: Annotated[
        Optional[str],
        typer.Option(
            help="Dask scheduler whose workers synthesize, tcp://host:port; without it, processes of this machine."
        ),
    ] = None,
    jobs: Annotated[
        Optional[int], typer.Option(min=1, help="Processes of this machine; without it, one for each core.")
    ] = None,
    build: _Build = Path("build"),
) -> None:
    """Choose engine and fold of every layer, save the plan, and draw what each rate costs of the part.

    Writes plan.json, which the other verbs take, and reports/explore.{json,png,svg}.
    """
    from hls_project.command.explore import run

    request = _request(board, part, clock, fps, budget, plan)
    sys.exit(run(model, request, synthesize, scheduler, jobs, build))


@app.command()
@exit_statuses("finished stages are kept")
def estimate(
    model: _Model,
    board: _Board = None,
    part: _Part = None,
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    by_model: Annotated[
        bool,
        typer.Option("--by-model", help="From the layers' shapes alone, in milliseconds, without yosys."),
    ] = False,
    build: _Build = Path("build"),
) -> None:
    """Say what each layer of the RTL core takes of a part. Exit status 1: it does not fit, or a stage failed."""
    from hls_project.command.cosim import write_core
    from hls_project.command.planned import planned
    from hls_project.command.synthesis import run_estimate, run_model

    request = _request(board, part, clock, fps, budget, plan)
    if by_model:
        workspace, taken = planned(model, request, build)
        sys.exit(run_model(taken.choice.costs, workspace.reports, taken.plan.part))
    workspace, taken = write_core(model, request, build)
    sys.exit(run_estimate(workspace.rtl, workspace.reports, taken.plan.part, expected=taken.choice.costs))


@app.command()
@exit_statuses("finished stages are kept")
def timing(
    model: _Model,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the placement.")] = 1,
    board: _Board = None,
    part: _Part = None,
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    build: _Build = Path("build"),
) -> None:
    """Place and route the RTL core on an ECP5, a stand-in for 7-series parts, and name the critical path."""
    from hls_project.command.cosim import write_core
    from hls_project.command.synthesis import run_timing

    workspace, taken = write_core(model, _request(board, part, clock, fps, budget, plan), build)
    sys.exit(run_timing(workspace.rtl, workspace.reports, seed, taken.plan.clock_mhz))


@app.command("simulate-board")
@exit_statuses("finished stages are kept")
def simulate_board(
    model: _Model,
    board: _Board = None,
    part: _Part = None,
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    build: _Build = Path("build"),
    data: _Data = None,
) -> None:
    """Build the overlay of the simulated board, load it with pynq and check every golden score through the driver."""
    from hls_project.command.overlay import run_simulated

    sys.exit(run_simulated(model, _request(board, part, clock, fps, budget, plan), build, data))


@app.command()
@exit_statuses("finished stages are kept")
def bitstream(
    model: _Model,
    board: _Board = None,
    target: Annotated[str, typer.Option(help="rtl needs Vivado alone, hls needs Vitis HLS too.")] = "rtl",
    clock: _Clock = None,
    fps: _Rate = None,
    budget: _Budget = None,
    plan: _Plan = None,
    accept: Annotated[
        str, typer.Option(help="IDs of critical warnings that are no error, with commas between them.")
    ] = "",
    build: _Build = Path("build"),
    data: _Data = None,
) -> None:
    """Make bitstream and hardware handoff for a board with Vivado, and put the overlay together."""
    from hls_project.command.overlay import run_bitstream

    request = _request(board, None, clock, fps, budget, plan)
    sys.exit(run_bitstream(model, target, request, accept, build, data))


_Simulated = Annotated[
    bool,
    typer.Option(
        "--simulated", help="Take the simulated board's overlay, to try the package without a board."
    ),
]


@app.command()
@exit_statuses("nothing was written")
def package(model: _Model, simulated: _Simulated = False, build: _Build = Path("build")) -> None:
    """Pack driver, overlay, golden vectors and notebook into one archive for the board."""
    from hls_project.command.overlay import run_package

    sys.exit(run_package(model, simulated, build))


@app.command()
@exit_statuses("the board has its old files or all new ones")
def deploy(
    model: _Model,
    host: Annotated[str, typer.Option(help="[user@]address of the board, such as xilinx@192.168.2.99.")],
    folder: Annotated[
        str,
        typer.Option(
            help="Folder on the board, absolute or below the login's home; else what Jupyter shows there."
        ),
    ] = "",
    simulated: _Simulated = False,
    build: _Build = Path("build"),
) -> None:
    """Package the model, copy it to the board over ssh and unpack it there."""
    from hls_project.command.overlay import run_deploy

    sys.exit(run_deploy(model, host, folder, simulated, build))


@app.command()
@exit_statuses("every check on the board passed")
def board_report(
    model: _Model,
    host: Annotated[str, typer.Option(help="[user@]address of the board, such as xilinx@192.168.2.99.")],
    folder: Annotated[
        str, typer.Option(help="Folder on the board that `deploy` filled, if it was told one.")
    ] = "",
    build: _Build = Path("build"),
) -> None:
    """Run the driver's checks on the board over ssh, and bring back one file that says how it does."""
    from hls_project.command.overlay import run_board_report

    sys.exit(run_board_report(model, host, folder, build))


@app.command()
@exit_statuses("finished stages are kept")
def notebook(
    model: _Model,
    name: Annotated[str, typer.Option(help="train, simulate or classify.")] = "classify",
    execute: Annotated[
        bool, typer.Option("--run", help="Run it here and keep the result, instead of opening Jupyter.")
    ] = False,
    build: _Build = Path("build"),
) -> None:
    """Open a notebook on the simulated board, or run it from top to bottom."""
    from hls_project.command.notebook import main

    sys.exit(main(model, name, execute, build))


@app.command()
@exit_statuses("the same command goes on after the last whole epoch")
def compare(
    model: _Model,
    baseline: Annotated[
        Optional[str], typer.Option(help="The conventional network beside it. Without it, <model>-scnn.")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="First train both by their recipes, instead of taking the zoo's.")
    ] = False,
    images: Annotated[
        int, typer.Option("-n", "--images", min=1, help="Test images whose spikes are counted.")
    ] = 500,
    build: _Build = Path("build"),
    data: _Data = None,
    data_root: Annotated[Optional[Path], typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Show a dual-threshold network beside the conventional one with the same spike maps: table, JSON and plots.

    Accuracy is of all test images. LUT and cycles are listed where `estimate` and `cosim` have left their reports.
    """
    from hls_project.command.compare import run

    sys.exit(run(model, baseline, train, images, build, data_root, data))


@app.command()
@exit_statuses("finished stages are kept")
def doctor() -> None:
    """Say what is installed: compilers, packages, data sets and vendor tools. Exit status 1: csim cannot run."""
    from hls_project.command.doctor import main

    sys.exit(main())


if __name__ == "__main__":
    app()
