"""The solver's estimates beside yosys and co-simulation, over networks, parts and rates: LUT, FF, BRAM and cycles.

Finished syntheses stay in `build/benchmark-plan`, so that an interrupted run goes on. The whole takes hours on two cores.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from dt_scnn.executor import executor
from hls_project.cosimulation.cosim_verdict import FILLING, cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.plan.budget import RESOURCES, Goal, used
from hls_project.plan.reach import reach
from hls_project.plan.subject import Site
from hls_project.plan.syntheses import synthesize_all
from hls_project.synthesis import parts
from hls_project.targets.rtl.options import RtlOptions
from hls_project.verbs.planned import subject_of, write_core_with
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import load_images

CASES: tuple[tuple[str, str, float | None], ...] = (
    ("mnist", "xc7z020", 1_000.0),
    ("mnist", "xc7z020", 20_000.0),
    ("mnist", "xc7z020", None),
    ("mnist", "xc7z010", 127_000.0),
    ("mnist-scnn", "xc7z020", 20_000.0),
    ("fashion-mnist", "xc7z020", 50_000.0),
    ("fashion-mnist", "xc7z010", 2_000.0),
    ("fashion-mnist-scnn", "xc7z020", 5_000.0),
    ("mnist-accurate", "xc7z020", 1_000.0),
    ("mnist-accurate", "xc7z020", 100_000.0),
    ("mnist-accurate-scnn", "xc7z020", 2_000.0),
    ("fashion-mnist-accurate", "xc7z020", 1_000.0),
    ("fashion-mnist-accurate", "xc7z020", 10_000.0),
    ("fashion-mnist-accurate-scnn", "xc7z020", 1_000.0),
    ("cifar-10", "xc7z020", 500.0),
    ("cifar-10", "xc7z020", 3_050.0),
    ("cifar-10", "xc7z020", 6_000.0),
    ("cifar-10-scnn", "xc7z020", 500.0),
)
"""Network, part, images/s (None for the highest); at 100 MHz, within the default budget."""

WITHIN = {"lut": 0.10, "ff": 0.10, "bram": 0.0, "dsp": 0.0, "cycles": 0.02}
"""Largest errors, as shares."""

IMAGES = FILLING + 3
CLOCK_MHZ = 100.0
STORE = Path("build") / "benchmark-plan"


class _Figures(NamedTuple):
    """What was estimated, and what was found."""

    estimated: int
    found: int

    @property
    def error(self) -> float | None:
        """Share by which the estimate is off, None where nothing was found of it."""
        return self.estimated / self.found - 1 if self.found else (None if self.estimated else 0.0)


def measure(cases: tuple[tuple[str, str, float | None], ...] = CASES) -> dict[str, Any]:
    """Return the errors of each case, the largest of all, and whether they are as small as they should be."""
    results = []
    for network, part, rate in cases:
        print(f"plan: {network} on {part} at {rate or 'the highest'} images/s", file=sys.stderr, flush=True)
        results.append({"network": network, "part": part, "asked": rate} | _case(network, part, rate))
    figures = {name: [one["errors"][name] for one in results if "errors" in one] for name in WITHIN}
    worst = {name: max(map(_size, errors), default=0.0) for name, errors in figures.items()}
    return {
        "cases": results,
        "largest_errors": worst,
        "longest_search_seconds": max(one["seconds"] for one in results),
        "within": all(worst[name] <= most for name, most in WITHIN.items()),
    }


def _case(network: str, part: str, rate: float | None) -> dict[str, Any]:
    workspace = open_workspace(network, STORE)
    found = parts.find(part)
    started = time.perf_counter()
    subject = subject_of(workspace)
    try:
        plan, choice = reach(subject, Site(found, CLOCK_MHZ), Goal(rate))
    except ConfigurationError as error:
        return {"seconds": round(time.perf_counter() - started, 2), "refused": str(error)}
    seconds = time.perf_counter() - started
    store = workspace.folder / "explore"
    with executor(None, len(os.sched_getaffinity(0))) as pool:
        (synthesized,) = synthesize_all(
            [choice],
            lambda folds: write_core_with(workspace, folds, store / "points"),
            found.family,
            store / "cells",
            pool,
        )
    estimated, real = used(choice.total), used(synthesized.report.total)
    figures = {name: _Figures(estimated[name], real[name]) for name in RESOURCES}
    figures["cycles"] = _Figures(choice.cycles, _cycles(workspace, RtlOptions(folds=dict(plan.folds))))
    layers = {module.name: module.resources for module in synthesized.report.modules}
    return {
        "seconds": round(seconds, 2),
        "images_per_second": plan.images_per_second(choice.cycles),
        "folds": {name: str(fold) for name, fold in plan.folds.items()},
        "figures": {name: one._asdict() for name, one in figures.items()},
        "errors": {name: one.error for name, one in figures.items()},
        "layers": {
            name: {
                "lut": _Figures(option.cost.lut, layers[name].lut)._asdict(),
                "ff": _Figures(option.cost.ff, layers[name].ff)._asdict(),
                "bram18": _Figures(
                    option.cost.bram18 + 2 * option.cost.bram36, layers[name].bram18 + 2 * layers[name].bram36
                )._asdict(),
            }
            for name, option in choice.options.items()
            if name in layers
        },
    }


def _cycles(workspace: Workspace, options: RtlOptions) -> int:
    """Return the cycles of an image as co-simulation finds them; the scores must be exact."""
    images, _ = load_images(workspace, None, None)
    room = Workspace(workspace.name, workspace.folder / "cosimulated", workspace.sample)
    room.folder.mkdir(exist_ok=True)
    shutil.copyfile(workspace.model, room.model)
    verilator = Verilator.find(Compiler.from_environment())
    report = cosim(room, images[:IMAGES], None, options, verilator)
    if report.difference is not None or report.exact != IMAGES:
        raise AssertionError(f"{workspace.name} is not exact at {options.folds}: {report.difference}")
    assert report.cycles_per_image is not None
    return round(report.cycles_per_image)


def _size(error: float | None) -> float:
    return float("inf") if error is None else abs(error)
