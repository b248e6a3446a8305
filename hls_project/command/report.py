"""The verb `report`: a model in, a page out."""

from __future__ import annotations

from pathlib import Path

from hls_project.reports.console import new_table, open_console, say, show
from hls_project.reports.progress import StageProgress
from hls_project.verbs.report import report


def run(model: str, build: Path, data_root: Path | None, data: str | None) -> int:
    """Run the verb; return the exit status: 1 if a rung of the parity ladder differs. Parameters: see its `--help`."""
    console = open_console()
    with StageProgress(console) as progress:
        found = report(
            model,
            data=data,
            data_root=data_root,
            build=build,
            progress=progress.update,
            tell=lambda line: say(console, line),
        )
    table = new_table("computes the scores", "verdict", left=2)
    for rung in found.ladder:
        table.add_row(rung.who, rung.verdict)
    show(console, table)
    for part in found.parts.values():
        if part.state in ("damaged", "of other inputs"):
            say(console, f"not shown: {part.why}; make it again: {part.command}", style="yellow")
    say(console, f"pictures: {found.path.with_suffix('')}{'/*.svg'}")
    say(console, f"report: {found.path}")
    return 0 if found.is_exact else 1
