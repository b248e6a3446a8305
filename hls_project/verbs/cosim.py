"""The verb `cosim`: the hardware, clock by clock, on images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal, Unpack

from numpy.typing import ArrayLike

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.cosimulation import cosim_verdict, vitis
from hls_project.cosimulation.cosim_report import CosimReport
from hls_project.cosimulation.verilate import Verilator
from hls_project.cosimulation.vitis import VitisReport
from hls_project.parity.vectors import golden_vectors
from hls_project.reports.figure import figure
from hls_project.reports.made_from import write_report
from hls_project.targets.hls.project import TESTBENCH_IMAGES
from hls_project.targets.hls.project import convert as convert_hls
from hls_project.verbs.given import (
    BUILD,
    Images,
    Model,
    PlanWords,
    Progress,
    Tell,
    check_seed,
    mute,
    opened,
    pictures,
    request_of,
    silent,
)
from hls_project.verbs.planned import hls_options, rtl_options, taken_plan
from hls_project.workspace.folder import Workspace

Target = Literal["rtl", "hls"]


def cosim(
    model: Model,
    images: Images = None,
    labels: ArrayLike | Sequence[str] | None = None,
    *,
    target: Target | None = None,
    seed: int = 1,
    waves: bool = False,
    saif: bool = False,
    build: str | Path = BUILD,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> CosimReport | VitisReport:
    """Simulate the hardware clock by clock on images and compare every score with onnxruntime's; return the report.

    model, images, labels, build, data, data_root, plan: as for `csim`. target: "rtl" (Verilator) or "hls" (Vitis HLS, the first ten
    images of a sample); None for hls where Vitis HLS is found. seed: of the random gaps and back-pressure. waves: also write
    the first images' waveforms; saif: how often signals switch; both of target rtl. Also writes `reports/cosim.json`.

    On target rtl a score that differs is no error: see `is_exact` and `difference` of the report.

    Raises:
        ConfigurationError: the model, the images, the plan or the target are refused. ToolNotFoundError: Verilator, a
            compiler or Vitis HLS is missing. FlowError: a stage failed, the hardware stalled, or on target hls a score
            differs.
    """
    check_seed(seed)
    target = _target(target, waves, saif, tell)
    with opened(model, build, tell) as workspace:
        tool = vitis.require() if target == "hls" else None
        verilator = None if tool else Verilator.find(Compiler.from_environment(), waves, saif, Path(build))
        arrays = pictures(workspace, images, labels, data, data_root)
        if tool and images is None:  # this simulator is slow
            arrays = (
                arrays[0][:TESTBENCH_IMAGES],
                None if arrays[1] is None else arrays[1][:TESTBENCH_IMAGES],
            )
        tell(f"{len(arrays[0]):,} images, target {target} ({'Vitis HLS' if tool else 'Verilator'})")
        taken = taken_plan(workspace, request_of(plan), tell)
        if verilator is not None:
            return cosim_verdict.cosim(workspace, *arrays, rtl_options(taken), verilator, seed, progress)
        network = convert_hls(workspace, hls_options(taken.plan))
        vectors = golden_vectors(workspace, *arrays)
        report = vitis.cosim(
            workspace.project,
            vectors.images,
            vectors.scores,
            len(network.classes),
            workspace.folder / "cosim-hls",
            progress=progress,
            tool=tool,
        )
        path = workspace.reports / "cosim.json"
        write_report(path, report.to_json() | _shared(workspace, report), vectors.images)
        return replace(report, path=path)


def _target(target: str | None, waves: bool, saif: bool, tell: Tell) -> Target:
    if target not in (None, "rtl", "hls"):
        raise ConfigurationError(f"the target is rtl or hls, not {target!r}")
    if saif and (waves or target == "hls"):
        raise ConfigurationError(
            "switching activity is of target rtl, and a run writes either it or waveforms"
        )
    if saif or target == "rtl":
        return "rtl"
    if target == "hls":
        return "hls"
    found = vitis.locate() is not None
    tell(f"target {'hls' if found else 'rtl'}: Vitis HLS was {'found' if found else 'not found'}")
    return "hls" if found else "rtl"


def _shared(workspace: Workspace, report: VitisReport) -> dict[str, object]:
    """Return what the reports of both targets say under the same names."""
    measured = report.cosimulation
    return {
        "model": workspace.name,
        "target": "hls",
        "exact_images": figure(len(report.scores), "simulated", "images with every score equal"),
        "first_result": figure(measured.latency.most, "simulated", "cycles, the most of any image"),
        "cycles_per_image": measured.interval
        and figure(measured.interval.mean or measured.interval.most, "simulated"),
    }
