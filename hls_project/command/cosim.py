"""The verb `cosim`: command-line values in, progress and tables out."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hls_project.cosimulation.vitis import VitisReport
from hls_project.reports.console import open_console, say
from hls_project.reports.progress import StageProgress
from hls_project.verbs.cosim import cosim
from hls_project.verbs.given import PlanWords


def run(
    model: str,
    images: int | None,
    target: str | None,
    plan: PlanWords,
    seed: int,
    waves: bool,
    build: Path,
    data_root: Path | None,
    saif: bool = False,
    data: str | None = None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project cosim --help`.

    Raises:
        ConfigurationError: an unknown target.
    """
    console = open_console()
    with StageProgress(console) as progress:
        report = cosim(
            model,
            images,
            target=target,  # type: ignore[arg-type]  # another text is refused with a message
            seed=seed,
            waves=waves,
            saif=saif,
            build=build,
            data=data,
            data_root=data_root,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    if isinstance(report, VitisReport):
        return _print_vitis(console, report)
    report.print(console)
    say(console, f"report: {report.path}")
    folder = report.path.parents[1] / "cosim"
    if saif:
        say(console, f"switching activity: {folder / 'activity.saif'}")
    if waves:
        say(console, f"waves: {folder / 'waves.fst'}")
    if report.difference is not None:
        say(console, str(report.difference), style="bold red")
        return 1
    return 0


def _print_vitis(console: Console, report: VitisReport) -> int:
    measured = report.cosimulation
    say(
        console,
        f"exact: {len(report.scores):,} images, every score; latency {measured.latency.least:,} to "
        f"{measured.latency.most:,} cycles",
    )
    say(console, f"report: {report.path}")
    return 0
