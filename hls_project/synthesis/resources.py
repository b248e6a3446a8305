"""What the core takes of a part, layer by layer, as yosys synthesizes it."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path
from hls_project.reports.figure import Kind
from hls_project.synthesis import yosys
from hls_project.synthesis.cells import Resources, Statistics, resources_of
from hls_project.synthesis.parts import Family
from hls_project.synthesis.process import Call, run
from hls_project.synthesis.sources import LAYER_PREFIX, TOP, Sources
from hls_project.synthesis.sources import read as read_sources
from hls_project.workspace import stage

Progress = Callable[[str, int, int], None]

GLUE = "between layers"
STATISTICS = "cells.json"


@dataclass(frozen=True)
class ModuleResources:
    """What one layer takes, or what is between the layers: the streams' buffers.

    instances: how often the core has it; resources is all of them together. kernel: the share of its constant kernels.
    others: cells that are not counted. reused: the figures are those of an earlier run, whose sources were the same.
    """

    name: str
    instances: int
    resources: Resources
    kernel: Resources | None
    others: dict[str, int]
    reused: bool


@dataclass(frozen=True)
class ResourceReport:
    """What the core takes. tool: where the figures come from. seconds: wall-clock time that took."""

    tool: str
    kind: Kind
    modules: tuple[ModuleResources, ...]
    seconds: float

    @property
    def total(self) -> Resources:
        """The whole core."""
        return reduce(add, (module.resources for module in self.modules), Resources())

    @property
    def others(self) -> dict[str, int]:
        """Cells that are not counted."""
        names = {name for module in self.modules for name in module.others}
        return {name: sum(module.others.get(name, 0) for module in self.modules) for name in sorted(names)}


@dataclass(frozen=True)
class Job:
    """The synthesis of one module. output: its folder of results. kept: modules whose share is counted apart.

    passes: of yosys, without those that count. files: what they read, memory files included. size: characters of the
    sources. key: a digest of all that decides the result.
    """

    module: str
    passes: list[list[str]]
    files: tuple[str, ...]
    key: str
    output: Path
    kept: tuple[str, ...]
    size: int

    @property
    def statistics(self) -> Path:
        """Where yosys' counts are."""
        return self.output / STATISTICS

    @property
    def is_current(self) -> bool:
        """Whether the figures are there, of the same sources."""
        return stage.is_current(self.output, self.key)

    def deliver(self, statistics: str) -> None:
        """Keep the counts that a synthesis elsewhere has made.

        Raises:
            FlowError: they cannot be read.
        """
        self.output.mkdir(parents=True, exist_ok=True)
        (self.output / stage.STAMP).unlink(missing_ok=True)
        with atomic_path(self.statistics) as partial:
            partial.write_text(statistics)
        Statistics(self.statistics).cells(self.module)
        stage.complete(self.output, self.key, [self.statistics])


def count(folder: Path) -> list[str]:
    """Return the pass that writes yosys' counts into `folder`."""
    return ["tee", "-q", "-o", str(folder / STATISTICS), "stat", "-json"]


def jobs_of(
    sources: Sources, modules: Sequence[str], family: Family, output: Path, top: str = TOP
) -> list[Job]:
    """Return the syntheses of a core: of each of its layer `modules`, and of what is between them. output: see `estimate`.

    Raises:
        ConfigurationError: `top` sets parameters of a layer, which could then not be synthesized on its own.
    """
    jobs = [_layer_job(sources, module, family, output) for module in modules]
    return [*jobs, _glue_job(sources, top, modules, family, output)]


def estimate(
    rtl: Path,
    modules: Sequence[str],
    family: Family,
    output: Path,
    jobs: int = 2,
    progress: Progress = lambda stage_name, done, total: None,
    top: str = TOP,
    timeout: float = yosys.TIMEOUT,
) -> ResourceReport:
    """Synthesize each of the layer `modules` of `top` on its own, and what is between them.

    rtl: a folder with `files.f`. output: folder for logs and results; a layer whose files did not change is taken from
    there. jobs: processes. timeout: seconds for one module.

    Each constant kernel is kept apart from the rest of its layer, to be counted; nothing is optimized across that
    boundary, nor across those of the layers. The sum so differs from a synthesis of the core as a whole, either way:
    by -4 % of the LUTs and 0.1 % of the flip-flops on an 8C3-P2-24C3-P2-FC10.

    Raises:
        ConfigurationError: the folder is not as it should be. ToolNotFoundError: no pyosys.
        FlowError: the synthesis failed, hung or left no figures.
    """
    started, sources = time.monotonic(), read_sources(rtl)
    todo = jobs_of(sources, modules, family, output, top)
    # The largest first, so that it does not run on alone in the end.
    missing = sorted((job for job in todo if not job.is_current), key=lambda job: -job.size)
    reused = {job.module for job in todo if job not in missing}
    _synthesize(missing, rtl, jobs, timeout, len(todo), progress)

    glue = Statistics(todo[-1].statistics).cells(top)
    results = []
    for job in todo[:-1]:
        instances = glue.pop(job.module, 0)
        if not instances:
            raise ConfigurationError(f"{top} has no instance of the module {job.module}")
        results.append(_result(job, instances, job.module in reused))
    resources, others = resources_of(glue)
    results.append(ModuleResources(GLUE, 1, resources, None, others, top in reused))
    tool = f"yosys {yosys.version()}, synth_xilinx -family {family}"
    return ResourceReport(tool, "synthesis-estimate", tuple(results), time.monotonic() - started)


def _synthesize(
    missing: Sequence[Job], rtl: Path, jobs: int, timeout: float, total: int, progress: Progress
) -> None:
    done = total - len(missing)
    progress("synthesize", done, total)
    by_call: dict[str, Job] = {}
    calls = []
    for job in missing:
        job.output.mkdir(parents=True, exist_ok=True)
        (job.output / stage.STAMP).unlink(missing_ok=True)
        job.statistics.unlink(missing_ok=True)
        calls.append(
            yosys.call(job.module, [*job.passes, count(job.output)], rtl, job.output / "yosys.log", timeout)
        )
        by_call[calls[-1].name] = job

    def finish(call: Call) -> None:
        nonlocal done
        job = by_call[call.name]
        Statistics(job.statistics).cells(job.module)  # figures that cannot be read end the run
        stage.complete(job.output, job.key, [job.statistics])
        done += 1
        progress("synthesize", done, total)

    run(calls, jobs, lambda lines: progress("synthesize", done, total), finish)


def _result(job: Job, instances: int, reused: bool) -> ModuleResources:
    statistics = Statistics(job.statistics)
    cells = statistics.cells(job.module)
    kernel = cells - statistics.cells(job.module, leaves=job.kept) if job.kept else None
    resources, others = resources_of({cell: instances * number for cell, number in cells.items()})
    return ModuleResources(
        name=job.module.removeprefix(LAYER_PREFIX),
        instances=instances,
        resources=resources,
        kernel=resources_of({cell: instances * n for cell, n in kernel.items()})[0] if kernel else None,
        others=others,
        reused=reused,
    )


def _layer_job(sources: Sources, module: str, family: Family, output: Path) -> Job:
    files = sources.needed(module)
    kernels = sources.kernels(files)
    keep = [["setattr", "-mod", "-set", "keep_hierarchy", "1", *kernels]] if kernels else []
    return _job(sources, module, [yosys.read(files), *keep], files, family, output, kernels)


def _glue_job(sources: Sources, top: str, modules: Sequence[str], family: Family, output: Path) -> Job:
    text = sources.texts[sources.file_of(top)]
    for module in modules:
        if re.search(rf"\b{module}\s*#", text):
            raise ConfigurationError(
                f"{top} sets parameters of {module}, which is synthesized on its own; it must be complete without them"
            )
    files = sources.needed(top, without=frozenset(modules))
    layers = tuple(sources.file_of(module) for module in modules)
    passes = [yosys.read(layers, blackbox=True), yosys.read(files)]
    return _job(sources, top, passes, (*layers, *files), family, output, ())


def _job(
    sources: Sources,
    module: str,
    passes: list[list[str]],
    files: tuple[str, ...],
    family: Family,
    output: Path,
    kept: tuple[str, ...],
) -> Job:
    synthesis = ["synth_xilinx", "-family", family, "-flatten", "-noiopad", "-noclkbuf", "-top", module]
    key = stage.key(yosys.version(), json.dumps([*passes, synthesis]), sources.key(files))
    folder = (output / family / module).resolve()
    size = sum(len(sources.texts[file]) for file in files)
    return Job(module, [*passes, synthesis], sources.with_memories(files), key, folder, kept, size)
