"""The verbs `estimate` and `timing`: tables, places of reports and exit statuses."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hls_project.reports.console import open_console, say
from hls_project.reports.progress import StageProgress
from hls_project.synthesis import synthesis_report
from hls_project.verbs.estimate import Estimate, Timing, estimate, timing
from hls_project.verbs.given import PlanWords


def run_estimate(model: str, by_model: bool, plan: PlanWords, build: Path) -> int:
    """Run the verb; return the exit status, 1 if the core does not fit. Parameters: see its `--help`."""
    console = open_console()
    with StageProgress(console) as progress:
        result = estimate(
            model,
            by_model=by_model,
            build=build,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    return print_estimate(console, result)


def print_estimate(console: Console, result: Estimate) -> int:
    """Print what each layer takes; return 1 if the core does not fit, else 0."""
    synthesis_report.print_resources(console, result.resources, result.part, result.expected)
    say(console, f"report: {result.path}")
    return 0 if result.fits else 1


def run_timing(model: str, seed: int, plan: PlanWords, build: Path) -> int:
    """Run the verb; return 0. Parameters: see its `--help`."""
    console = open_console()
    with StageProgress(console) as progress:
        result = timing(
            model,
            seed=seed,
            build=build,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    return print_timing(console, result)


def print_timing(console: Console, result: Timing) -> int:
    """Print the frequency and its critical path; return 0: a frequency that is missed is a result."""
    synthesis_report.print_timing(console, result.report)
    say(console, f"report: {result.path}")
    return 0
