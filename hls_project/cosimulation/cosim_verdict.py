"""`cosim` of target rtl: from a QONNX file to a verdict of the hardware on every score."""

from __future__ import annotations

import json
import os
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import FlowError
from hls_project.cosimulation.cosim_report import CosimReport, LayerTiming
from hls_project.cosimulation.hardware_trace import records
from hls_project.cosimulation.simulate import Bench, RtlSimulation, Traffic, simulate, traced, write_waves
from hls_project.cosimulation.verilate import Verilator, build, shell
from hls_project.graph.network_summary import NetworkSummary
from hls_project.parity import activity
from hls_project.parity.activity import Activity
from hls_project.parity.difference import Difference, first_difference
from hls_project.parity.trace import golden_layers
from hls_project.parity.verdict import Progress, equal, expected, right
from hls_project.reports.made_from import write_report
from hls_project.synthesis import sources
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace

STEADY_IMAGES = 12
"""Images of the run at full speed, which the cycle counts come from."""

FILLING = 4
"""Of them, the first images are left out of the steady state."""

WAVE_IMAGES = 2

QUIET, SLOWEST = 120.0, 1000.0
"""Seconds in which any simulator says something, and cycles a second of the slowest on a busy machine."""


def cosim(
    workspace: Workspace,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    options: RtlOptions,
    verilator: Verilator,
    seed: int = 1,
    progress: Progress = lambda stage_name, done, total: None,
) -> CosimReport:
    """Simulate shell and core on `images`, compare every score; return the report.

    images: (N, H, W, C) uint8; labels: (N,) or None. Writes `reports/cosim.json`, with `verilator.waves` also
    `cosim/waves.fst`, with `verilator.activity` `cosim/activity.saif`. `progress(stage, done, total)` is called as the stages go on.

    Raises:
        ConfigurationError: the model or the images are refused. ToolNotFoundError, FlowError: a stage failed, or the
            hardware stalled.
    """
    total = len(images)
    progress("convert", 0, 1)
    network = core.convert(workspace, options)
    progress("convert", 1, 1)
    folder = workspace.folder / "cosim"
    vector_file = folder / "golden.bin"
    vectors = expected(workspace, network, images, labels, vector_file, progress)

    plan = core.plan(workspace.rtl)
    build_id = core.build_id(workspace.rtl)
    progress("build", 0, 1)
    around = shell(network, build_id, **core.pace(workspace.rtl))
    program = build(workspace.rtl, around, folder / "simulator", verilator)
    progress("build", 1, 1)
    stall = stall_limit(network, plan)
    silence = QUIET + stall / SLOWEST
    bench = Bench(program, workspace.rtl, vector_file, len(network.classes), build_id, stall, silence)
    progress("simulate", 0, total)
    steady = simulate(bench, min(total, STEADY_IMAGES), [Traffic(seed)])
    result = simulate(
        bench, total, traffic(seed, network, plan), lambda done: progress("simulate", done, total)
    )
    if verilator.waves:
        write_waves(bench, folder / "waves.fst", min(total, WAVE_IMAGES))
    if verilator.activity:
        recorded = Activity(build_id, min(total, activity.IMAGES), 1000 / options.clock_period)
        write_waves(bench, folder / activity.FILE, recorded.images, recorded.period_ps)
        recorded.save(folder)
    exact = equal(result, vectors)
    difference = None
    if not exact.all():
        difference = locate(bench, workspace.model, plan, images, int(np.argmin(exact)))
    mhz, on = routed(workspace)
    report = CosimReport(
        model=workspace.name,
        images=total,
        exact=int(exact.sum()),
        correct=right(result, labels),
        simulation=result,
        pixels=prod(network.input_shape[:2]),
        cycles_per_image=steady_cycles(steady),
        first_result=int(steady.last_out[0] - steady.first_in[0]),
        layers=tuple(
            LayerTiming(
                layer["name"],
                layer["engine"],
                layer["pe"],
                layer["simd"],
                layer["mmv"],
                layer["cycles"],
                steady.busy.get(layer["name"], 0) / len(steady.labels),
            )
            for layer in plan
        ),
        clock_period=options.clock_period,
        build_id=build_id,
        bus_cycles=ceil(8 * prod(network.input_shape) / around.bus_bits),
        routed_mhz=mhz,
        routed_on=on,
        difference=difference,
        path=workspace.reports / "cosim.json",
    )
    write_report(report.path, report.to_json(), images)
    if difference is None and not (result.right and steady.right):
        raise FlowError("every score is right, but packets end at wrong words: the shell's TLAST is wrong")
    return report


def traffic(seed: int, network: NetworkSummary, plan: list[dict[str, Any]]) -> list[Traffic]:
    """Return the kinds of traffic of a co-simulation, of which every core gets its share.

    Both willing most of the time, an input that starves the core, and an output whose back-pressure reaches back into it.
    """
    slow = output_pressure(network, plan)
    kinds = [(95, 95), (50, 60), (100, slow), (80, 2 * slow)]
    jobs = len(os.sched_getaffinity(0))
    return [
        Traffic(seed * 1000 + run, inputs, min(outputs, 95))
        for run, (inputs, outputs) in enumerate(kind for kind in kinds for _ in range(jobs))
    ]


def output_pressure(network: NetworkSummary, plan: list[dict[str, Any]]) -> int:
    """Return the percentage of willing cycles at which the output is slightly slower than the core."""
    cycles = max(layer["cycles"] for layer in plan)
    return int(min(90, max(1, round(95 * (len(network.classes) + 1) / cycles))))


def stall_limit(network: NetworkSummary, plan: list[dict[str, Any]]) -> int:
    """Return the cycles without a word in or out that no traffic of ours explains."""
    words = len(network.classes) + 1
    return 10_000 + 20 * sum(layer["cycles"] + layer["latency"] for layer in plan) + 100 * words


def steady_cycles(steady: RtlSimulation) -> float | None:
    """Return the cycles from one result to the next at full speed, or None if there are too few images."""
    ends = steady.last_out[min(FILLING, len(steady.last_out) - 1) :]
    return float(ends[-1] - ends[0]) / (len(ends) - 1) if len(ends) > 1 else None


def routed(workspace: Workspace) -> tuple[float | None, str | None]:
    """Return the routed maximum frequency in MHz and what it was routed on, if `make timing` left those of this core."""
    try:
        timing = json.loads((workspace.reports / "timing.json").read_text())
        if timing["core"] == sources.read(workspace.rtl).digest:
            return float(timing["fmax"]["value"]), str(timing["device"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None, None


def locate(
    bench: Bench, model: Path, plan: list[dict[str, Any]], images: NDArray[np.uint8], image: int
) -> Difference:
    """Return the first place where the hardware differs on one image from onnxruntime's run."""
    numbers = {layer["layer"]: index for index, layer in enumerate(plan)}
    layers = golden_layers(model, images[image : image + 1], numbers)
    return first_difference(records(traced(bench, image), plan), layers, image)
