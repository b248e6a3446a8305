"""Command line: `python -m hls_project {csim,cosim,estimate,timing,compare,simulate-board,bitstream,package,...}`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Optional

import typer

from dt_scnn.exit_statuses import exit_statuses

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Turn a trained dual-threshold spiking CNN into hardware, and check it bit for bit.",
)


@app.command()
@exit_statuses("finished stages are kept")
def csim(
    model: Annotated[
        str, typer.Argument(help="A model of the zoo or of `make train`, or the path of a QONNX file.")
    ],
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
    part: Annotated[str, typer.Option(help="FPGA part of the HLS project.")] = "xc7z020clg400-1",
    clock: Annotated[
        float, typer.Option(min=0.1, help="Target clock period of the HLS project, in ns.")
    ] = 10.0,
    dataflow: Annotated[
        bool,
        typer.Option(
            "--dataflow", help="Also run each process as a thread with bounded streams, and size them."
        ),
    ] = False,
    build: Annotated[Path, typer.Option(help="Folder of all results.")] = Path("build"),
    data_root: Annotated[
        Optional[Path],
        typer.Option(help="Folder of the data sets. [default: DTSCNN_DATA, ./data or ../shared/data]"),
    ] = None,
) -> None:
    """Simulate the generated C++ and compare every score of every image with onnxruntime on the QONNX file.

    Needs g++ and no vendor tool. Exit status 0: all scores are equal; 1: one differs, and its first place is printed, or
    a stage failed.
    """
    from hls_project.command.csim import run

    sys.exit(run(model, images, jobs, part, clock, dataflow, build, data_root))


_Model = Annotated[
    str, typer.Argument(help="A model of the zoo or of `make train`, or the path of a QONNX file.")
]
_Reuse = Annotated[
    Optional[list[str]],
    typer.Option(
        help="Cycles for each window: a number for all layers, or LAYER=NUMBER, repeatable. [default: auto]"
    ),
]
_Build = Annotated[Path, typer.Option(help="Folder of all results.")]


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
        typer.Option(help="rtl (Verilator) or hls (Vitis HLS). [default: hls where Vitis HLS is found]"),
    ] = None,
    reuse: _Reuse = None,
    clock: Annotated[float, typer.Option(min=0.1, help="Target clock period, in ns.")] = 10.0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the random gaps and back-pressure.")] = 1,
    waves: Annotated[
        bool, typer.Option("--waves", help="Also write the first images' waveforms, as FST.")
    ] = False,
    build: _Build = Path("build"),
    data_root: Annotated[Optional[Path], typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Simulate the hardware clock by clock and compare every score of every image with onnxruntime.

    Target rtl needs no vendor tool. Exit status 0: all scores are equal; 1: one differs, or a stage failed.
    """
    from hls_project.command.cosim import run

    sys.exit(run(model, images, target, reuse or [], clock, seed, waves, build, data_root))


@app.command()
@exit_statuses("finished stages are kept")
def estimate(
    model: _Model,
    part: Annotated[str, typer.Option(help="FPGA part whose budget is compared.")] = "xc7z020clg400-1",
    by_model: Annotated[
        bool,
        typer.Option("--by-model", help="From the layers' shapes alone, in milliseconds, without yosys."),
    ] = False,
    reuse: _Reuse = None,
    build: _Build = Path("build"),
) -> None:
    """Say what each layer of the RTL core takes of a part. Exit status 1: it does not fit, or a stage failed."""
    from hls_project.command.cosim import write_core
    from hls_project.command.synthesis import run_estimate

    workspace = write_core(model, reuse or [], build)
    sys.exit(run_estimate(workspace.rtl, workspace.reports, part, None, by_model))


@app.command()
@exit_statuses("finished stages are kept")
def timing(
    model: _Model,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the placement.")] = 1,
    reuse: _Reuse = None,
    build: _Build = Path("build"),
) -> None:
    """Place and route the RTL core on an ECP5, a stand-in for 7-series parts, and name the critical path."""
    from hls_project.command.cosim import write_core
    from hls_project.command.synthesis import run_timing

    workspace = write_core(model, reuse or [], build)
    sys.exit(run_timing(workspace.rtl, workspace.reports, seed))


@app.command("simulate-board")
@exit_statuses("finished stages are kept")
def simulate_board(
    model: _Model,
    clock: Annotated[float, typer.Option(min=0.1, help="Clock period of the pretended board, in ns.")] = 10.0,
    reuse: _Reuse = None,
    build: _Build = Path("build"),
) -> None:
    """Build the overlay of the simulated board, load it with pynq and check every golden score through the driver."""
    from hls_project.command.overlay import run_simulated

    sys.exit(run_simulated(model, reuse or [], clock, build))


@app.command()
@exit_statuses("finished stages are kept")
def bitstream(
    model: _Model,
    board: Annotated[
        str, typer.Option(help="pynq-z1, pynq-z2, zcu104, kv260, or the path of a board's JSON file.")
    ] = "pynq-z2",
    target: Annotated[str, typer.Option(help="rtl needs Vivado alone, hls needs Vitis HLS too.")] = "rtl",
    clock: Annotated[
        Optional[float], typer.Option(help="Clock in MHz. [default: the board's]", min=1.0)
    ] = None,
    reuse: _Reuse = None,
    accept: Annotated[
        str, typer.Option(help="IDs of critical warnings that are no error, with commas between them.")
    ] = "",
    build: _Build = Path("build"),
) -> None:
    """Make bitstream and hardware handoff for a board with Vivado, and put the overlay together."""
    from hls_project.command.overlay import run_bitstream

    sys.exit(run_bitstream(model, board, target, clock, reuse or [], accept, build))


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
        str, typer.Option(help="Folder on the board, below the user's home.")
    ] = "jupyter_notebooks",
    simulated: _Simulated = False,
    build: _Build = Path("build"),
) -> None:
    """Package the model, copy it to the board over ssh and unpack it there."""
    from hls_project.command.overlay import run_deploy

    sys.exit(run_deploy(model, host, folder, simulated, build))


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
        Optional[str], typer.Option(help="The conventional network beside it. [default: <model>-scnn]")
    ] = None,
    train: Annotated[
        bool, typer.Option("--train", help="First train both by their recipes, instead of taking the zoo's.")
    ] = False,
    images: Annotated[
        int, typer.Option("-n", "--images", min=1, help="Test images whose spikes are counted.")
    ] = 500,
    build: _Build = Path("build"),
    data_root: Annotated[Optional[Path], typer.Option(help="Folder of the data sets.")] = None,
) -> None:
    """Show a dual-threshold network beside the conventional one with the same spike maps: table, JSON and plots.

    Accuracy is of all test images. LUT and cycles are listed where `estimate` and `cosim` have left their reports.
    """
    from hls_project.command.compare import run

    sys.exit(run(model, baseline, train, images, build, data_root))


@app.command()
@exit_statuses("finished stages are kept")
def doctor() -> None:
    """Say what is installed: compilers, packages, data sets and vendor tools. Exit status 1: csim cannot run."""
    from hls_project.command.doctor import main

    sys.exit(main())


if __name__ == "__main__":
    app()
