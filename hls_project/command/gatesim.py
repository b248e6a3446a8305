"""The verb `gatesim`: progress and a verdict out."""

from __future__ import annotations

from pathlib import Path

from hls_project.reports.console import open_console, say, say_verdict
from hls_project.reports.progress import StageProgress
from hls_project.verbs.gatesim import gatesim
from hls_project.verbs.given import PlanWords


def run(
    model: str,
    images: int,
    plan: PlanWords,
    seed: int,
    build: Path,
    data: str | None,
    data_root: Path | None,
) -> int:
    """Run the verb; return the exit status, 1 if a score differs. Parameters: see its `--help`."""
    console = open_console()
    with StageProgress(console) as progress:
        report = gatesim(
            model,
            images,
            seed=seed,
            build=build,
            data=data,
            data_root=data_root,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    cells = ", ".join(f"{number:,} {cell}" for cell, number in sorted(report.cells.items()))
    say(console, f"simulated as cells: {', '.join(report.layers)} and what is between them: {cells}")
    say_verdict(
        console,
        report.is_exact,
        f"{report.exact:,} of {report.images:,} images, every score, with random gaps and back-pressure; "
        f"{report.images / report.simulation.seconds:,.1f} images/s simulated",
    )
    if not report.is_exact:
        say(console, f"image {report.image}: synthesis changed {report.changed}", style="bold red")
    say(console, f"report: {report.path}")
    return 0 if report.is_exact else 1
