"""The verb `csim`: command-line values in, progress and tables out."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hls_project.c_simulation.dataflow import DataflowReport
from hls_project.reports.console import new_table, open_console, say, show
from hls_project.reports.progress import StageProgress
from hls_project.verbs.csim import csim
from hls_project.verbs.given import PlanWords


def run(
    model: str,
    images: int | None,
    jobs: int | None,
    plan: PlanWords,
    dataflow: bool,
    build: Path,
    data_root: Path | None,
    data: str | None = None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project csim --help`."""
    console = open_console()
    with StageProgress(console) as progress:
        report = csim(
            model,
            images,
            jobs=jobs,
            dataflow=dataflow,
            build=build,
            data=data,
            data_root=data_root,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    report.print(console)
    say(console, f"report: {report.path}")
    if report.difference is not None:
        say(console, str(report.difference), style="bold red")
    if report.dataflow is not None:
        return _print_dataflow(console, report.dataflow)
    return 0 if report.is_exact else 1


def _print_dataflow(console: Console, report: DataflowReport) -> int:
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
