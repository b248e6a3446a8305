"""The verbs `estimate` and `timing`: what the RTL core takes of a part, and how fast it is when it is routed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

from hls_project.reports.made_from import write_report
from hls_project.synthesis import ecp5, parts, resources, sources, synthesis_report
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.ecp5 import TimingReport
from hls_project.synthesis.parts import Part
from hls_project.synthesis.resources import ModuleResources, ResourceReport
from hls_project.verbs.convert import core_of
from hls_project.verbs.given import BUILD, Model, PlanWords, Progress, Tell, mute, opened, request_of, silent
from hls_project.verbs.planned import taken_plan


@dataclass(frozen=True)
class Estimate:
    """What each layer of a core takes of `part`. expected: what the plan's model says of the layers, None if that is all.

    path: the same as JSON.
    """

    resources: ResourceReport
    part: Part
    expected: Mapping[str, Resources] | None
    path: Path

    @property
    def total(self) -> Resources:
        """LUTs, flip-flops, block RAMs and DSPs of the whole core."""
        return self.resources.total

    @property
    def fits(self) -> bool:
        """Whether the part has enough of everything."""
        return not any(use.is_over for use in synthesis_report.budget(self.total, self.part))

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""
        return synthesis_report.resources_json(self.resources, self.part, self.expected)


@dataclass(frozen=True)
class Timing:
    """A routed core. path: the same as JSON."""

    report: TimingReport
    path: Path

    @property
    def fmax_mhz(self) -> float:
        """The frequency in MHz of the slowest clock."""
        return self.report.routed.slowest.fmax


def estimate(
    model: Model,
    *,
    by_model: bool = False,
    jobs: int | None = None,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> Estimate:
    """Return what each layer of the RTL core takes of the plan's part, as yosys synthesizes it.

    model, build, plan: as for `csim`. by_model: by the plan's model of the layers, in milliseconds, without yosys. jobs:
    processes, two by default: each takes some hundred MB. Also writes `reports/estimate.json` or `estimate-model.json`.

    Raises:
        ConfigurationError: the model or the plan are refused. ToolNotFoundError: pyosys or da4ml is missing. FlowError:
            a synthesis failed.
    """
    if not by_model:
        with core_of(model, build, tell, plan) as (workspace, core):
            part = core.plan.plan.part
            return estimate_core(core.folder, workspace.reports, part, jobs, core.plan.choice.costs, progress)
    with opened(model, build, tell) as workspace:
        taken = taken_plan(workspace, request_of(plan), tell)
        return estimate_by_model(taken.choice.costs, workspace.reports, taken.plan.part)


def estimate_core(
    rtl: Path,
    reports: Path,
    part: str = parts.DEFAULT_PART,
    jobs: int | None = None,
    expected: Mapping[str, Resources] | None = None,
    progress: Progress = silent,
) -> Estimate:
    """Return what each layer of the core in the folder `rtl` takes of `part`; write `estimate.json` into `reports`.

    expected: what the plan's model says of the layers. Logs and results are kept in `synthesis` beside `rtl`.

    Raises:
        ConfigurationError, ToolNotFoundError, FlowError: see `hls_project.synthesis.resources.estimate`.
    """
    found = parts.find(part)
    report = resources.estimate(
        rtl,
        sources.read(rtl).layers(),
        found.family,
        rtl.parent / "synthesis",
        jobs or min(2, len(os.sched_getaffinity(0))),
        progress,
    )
    return _written(Estimate(report, found, expected, reports / "estimate.json"))


def estimate_by_model(
    costs: Mapping[str, Resources], reports: Path, part: str = parts.DEFAULT_PART
) -> Estimate:
    """Return what the plan's model says that each layer takes of `part`; write `estimate-model.json` into `reports`."""
    modules = tuple(ModuleResources(name, 1, cost, None, {}, False) for name, cost in costs.items())
    report = ResourceReport("a model of the layers, no synthesis", "model", modules, 0.0)
    return _written(Estimate(report, parts.find(part), None, reports / "estimate-model.json"))


def _written(result: Estimate) -> Estimate:
    write_report(result.path, result.to_json())
    return result


def timing(
    model: Model,
    *,
    seed: int = 1,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> Timing:
    """Place and route the RTL core on an ECP5, a stand-in for 7-series parts; return its frequency and critical path.

    model, build, plan: as for `csim`. seed: of the placement. A frequency that is missed is a result, not an error. Also
    writes `reports/timing.json`.

    Raises:
        ConfigurationError: the model or the plan are refused. ToolNotFoundError: a program is missing. FlowError: one
            failed.
    """
    with core_of(model, build, tell, plan) as (workspace, core):
        return time_core(core.folder, workspace.reports, seed, core.plan.plan.clock_mhz, progress=progress)


def time_core(
    rtl: Path,
    reports: Path,
    seed: int = 1,
    frequency_mhz: float = 100.0,
    out_of_context: bool = False,
    progress: Progress = silent,
) -> Timing:
    """Place and route the core in the folder `rtl`; write `timing.json` into `reports`.

    Raises:
        ConfigurationError, ToolNotFoundError, FlowError: see `hls_project.synthesis.ecp5.place_and_route`.
    """
    report = ecp5.place_and_route(
        rtl,
        rtl.parent / "synthesis" / "ecp5",
        seed=seed,
        frequency_mhz=frequency_mhz,
        out_of_context=out_of_context,
        progress=progress,
    )
    path = reports / "timing.json"
    write_report(path, synthesis_report.timing_json(report) | {"core": sources.read(rtl).digest})
    return Timing(report, path)
