"""The verb `csim`: command-line values in, progress and tables out."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dt_scnn.files import write_json
from hls_project.command.planned import hls_options, taken_plan
from hls_project.csim.csim_verdict import csim
from hls_project.plan.saved import Request
from hls_project.programs.compiler import Compiler
from hls_project.reports.progress import StageProgress
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import load_images


def run(
    model: str,
    images: int | None,
    jobs: int | None,
    request: Request,
    dataflow: bool,
    build: Path,
    data_root: Path | None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project csim --help`."""
    console = Console() if sys.stdout.isatty() else Console(width=110)
    workspace = open_workspace(model, build)
    compiler = Compiler.from_environment()
    pictures, labels = load_images(workspace, images, data_root)
    console.print(f"{workspace.name}: {workspace.model}, {len(pictures):,} images", highlight=False)
    options = hls_options(taken_plan(workspace, request, console))
    with StageProgress(console) as progress:
        report, difference = csim(workspace, pictures, labels, options, compiler, jobs, progress.update)
    report.print(console)
    console.print(f"report: {workspace.reports / 'csim.json'}", highlight=False)
    if difference is not None:
        console.print(str(difference), style="bold red", highlight=False)
        return 1
    if dataflow:
        return run_dataflow(workspace, len(pictures), compiler, console)
    return 0


def run_dataflow(workspace: Workspace, images: int, compiler: Compiler, console: Console) -> int:
    """Run each process as a thread on bounded streams, print the streams' depths; return the exit status.

    Raises:
        FlowError: a deadlock; the message says who waits for what.
    """
    from hls_project.csim import dataflow

    vectors = workspace.folder / "csim" / "golden.bin"
    report = dataflow.run(workspace.project, vectors, images, workspace.folder / "dataflow", compiler)
    write_json(workspace.reports / "dataflow.json", report.to_json())
    table = Table(
        title="streams, in beats; a smallest depth avoids deadlock, but may stall the pipeline",
        title_justify="left",
    )
    for column in ("stream", "depth", "highest fill", "smallest depth"):
        table.add_column(column, justify="left" if column == "stream" else "right")
    for stream in report.streams:
        table.add_row(stream.name, str(stream.depth), str(stream.highest_fill), str(stream.smallest_depth))
    console.print(table)
    console.print(
        f"dataflow: {report.frames:,} frames without a deadlock, {report.exact:,} exact; smallest depths verified on all",
        highlight=False,
    )
    return 0 if report.exact == report.frames else 1
