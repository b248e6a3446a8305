"""The verb `explore`: a model and a board in; a plan, its table, the Pareto front as picture and JSON out."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from hls_project.plan.explain import print_plan
from hls_project.reports.console import new_table, open_console, say, show
from hls_project.reports.progress import StageProgress
from hls_project.verbs.explore import Exploration, explore
from hls_project.verbs.given import PlanWords


def run(
    model: str, plan: PlanWords, synthesize: int, scheduler: str | None, jobs: int | None, build: Path
) -> int:
    """Run the verb; return 0. Parameters: see `python -m hls_project explore --help`.

    Raises:
        ConfigurationError, ToolNotFoundError, FlowError: see `hls_project.verbs.explore.explore`.
    """
    console = open_console()
    with StageProgress(console) as progress:
        found = explore(
            model,
            synthesize=synthesize,
            scheduler=scheduler,
            jobs=jobs,
            pictures=True,
            build=build,
            progress=progress.update,
            tell=lambda line: say(console, line),
            **plan,
        )
    print_plan(console, found.taken.plan, found.taken.choice, found.taken.site)
    if found.synthesized:
        _print_syntheses(console, found)
    for what, path in (("report", found.path), *(("plot", picture) for picture in found.pictures)):
        say(console, f"{what}: {path}")
    return 0


def _print_syntheses(console: Console, found: Exploration) -> None:
    columns = ("images/s", "LUT", "yosys", "off", "FF", "yosys", "off", "BRAM", "yosys")
    table = new_table(*columns, left=0)
    for one in found.synthesized:
        ours, theirs = one.choice.total, one.report.total
        row = [f"{found.taken.plan.images_per_second(one.choice.cycles):,.0f}"]
        for name in ("lut", "ff"):
            model, real = getattr(ours, name), getattr(theirs, name)
            row += [f"{model:,}", f"{real:,}", f"{100 * (model / real - 1):+.1f} %" if real else ""]
        table.add_row(*row, str(ours.bram36_used), str(theirs.bram36_used))
    show(console, table)
