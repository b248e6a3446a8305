"""The verb `csim`: command-line values in, progress and tables out."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from dt_scnn.files import write_json
from hls_project.c_simulation.csim_verdict import csim
from hls_project.command.opened import opened
from hls_project.command.planned import hls_options, taken_plan
from hls_project.plan.saved import Request
from hls_project.programs.compiler import Compiler
from hls_project.reports.console import new_table, open_console, say, show
from hls_project.reports.progress import StageProgress
from hls_project.workspace.folder import Workspace
from hls_project.workspace.images import load_images


def run(
    model: str,
    images: int | None,
    jobs: int | None,
    request: Request,
    dataflow: bool,
    build: Path,
    data_root: Path | None,
    dataset: str | None = None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project csim --help`."""
    console = open_console()
    workspace = opened(model, build, console, dataset, images, data_root)
    compiler = Compiler.from_environment()
    pictures, labels = load_images(workspace, images, data_root)
    say(console, f"{len(pictures):,} images")
    options = hls_options(taken_plan(workspace, request, console))
    with StageProgress(console) as progress:
        report, difference = csim(workspace, pictures, labels, options, compiler, jobs, progress.update)
    report.print(console)
    say(console, f"report: {workspace.reports / 'csim.json'}")
    if difference is not None:
        say(console, str(difference), style="bold red")
        return 1
    if dataflow:
        return run_dataflow(workspace, len(pictures), compiler, console)
    return 0


def run_dataflow(workspace: Workspace, images: int, compiler: Compiler, console: Console) -> int:
    """Run each process as a thread on bounded streams, print the streams' depths; return the exit status.

    Raises:
        FlowError: a deadlock; the message says who waits for what.
    """
    from hls_project.c_simulation import dataflow

    vectors = workspace.folder / "csim" / "golden.bin"
    report = dataflow.run(workspace.project, vectors, images, workspace.folder / "dataflow", compiler)
    write_json(workspace.reports / "dataflow.json", report.to_json())
    table = new_table("behind layer", "depth", "highest fill", "smallest depth")
    for stream in report.streams:
        table.add_row(stream.name, str(stream.depth), str(stream.highest_fill), str(stream.smallest_depth))
    title = "streams, in beats; a smallest depth avoids deadlock, but may stall the pipeline"
    show(console, table, title)
    say(
        console,
        f"dataflow: {report.frames:,} frames without a deadlock, {report.exact:,} exact; smallest depths verified on all",
    )
    return 0 if report.exact == report.frames else 1
