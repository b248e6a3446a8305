"""The verbs `estimate` and `timing`: a generated `rtl/` folder in, tables and JSON reports out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console

from dt_scnn.files import write_json
from hls_project.reports.console import open_console, say
from hls_project.reports.progress import StageProgress
from hls_project.synthesis import ecp5, parts, resources, sources, synthesis_report
from hls_project.synthesis.cells import Resources


def run_estimate(
    rtl: Path,
    reports: Path,
    part: str = parts.DEFAULT_PART,
    jobs: int | None = None,
    expected: Mapping[str, Resources] | None = None,
) -> int:
    """Print what each layer takes of `part`, as yosys synthesizes it, and write `estimate.json` into `reports`.

    jobs: processes, two by default: each takes some hundred MB. expected: what the plan's model says of the layers, whose
    error is reported. Logs and results are kept in `synthesis` beside `rtl`. Return the exit status, 1 if the core does
    not fit.

    Raises:
        ConfigurationError, ToolNotFoundError, FlowError: see `hls_project.synthesis.resources.estimate`.
    """
    console, found = open_console(), parts.find(part)
    with StageProgress(console) as progress:
        result = resources.estimate(
            rtl,
            sources.read(rtl).layers(),
            found.family,
            rtl.parent / "synthesis",
            jobs or min(2, len(os.sched_getaffinity(0))),
            progress.update,
        )
    return _report(console, result, found, expected, reports / "estimate.json")


def run_model(costs: Mapping[str, Resources], reports: Path, part: str = parts.DEFAULT_PART) -> int:
    """Print what the plan's model says that each layer takes of `part`, and write `estimate-model.json` into `reports`.

    Return the exit status, 1 if the core does not fit.
    """
    modules = tuple(resources.ModuleResources(name, 1, cost, None, {}, False) for name, cost in costs.items())
    result = resources.ResourceReport("a model of the layers, no synthesis", "model", modules, 0.0)
    return _report(open_console(), result, parts.find(part), None, reports / "estimate-model.json")


def _report(
    console: Console,
    result: resources.ResourceReport,
    part: parts.Part,
    expected: Mapping[str, Resources] | None,
    path: Path,
) -> int:
    write_json(path, synthesis_report.resources_json(result, part, expected))
    synthesis_report.print_resources(console, result, part, expected)
    say(console, f"report: {path}")
    return 1 if any(use.is_over for use in synthesis_report.budget(result.total, part)) else 0


def run_timing(
    rtl: Path, reports: Path, seed: int = 1, frequency_mhz: float = 100.0, out_of_context: bool = False
) -> int:
    """Place and route, print the frequency and its critical path, write `timing.json` into `reports`; return 0.

    A frequency that is missed is a result, not a failure. Logs and results are kept in `synthesis` beside `rtl`.

    Raises:
        ConfigurationError, ToolNotFoundError, FlowError: see `hls_project.synthesis.ecp5.place_and_route`.
    """
    console = open_console()
    with StageProgress(console) as progress:
        result = ecp5.place_and_route(
            rtl,
            rtl.parent / "synthesis" / "ecp5",
            seed=seed,
            frequency_mhz=frequency_mhz,
            out_of_context=out_of_context,
            progress=progress.update,
        )
    write_json(
        reports / "timing.json", synthesis_report.timing_json(result) | {"core": sources.read(rtl).digest}
    )
    synthesis_report.print_timing(console, result)
    say(console, f"report: {reports / 'timing.json'}")
    return 0
