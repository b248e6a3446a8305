"""The RTL core of `8C3-P2-16C3-P2-FC10`: cycles, area, routed clock and simulation speed, beside the conventional SCNN."""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from onnx import ModelProto

from dt_scnn.compiler import Compiler
from hls_project.cosimulation import cosim_verdict
from hls_project.cosimulation.verilate import Verilator
from hls_project.synthesis import ecp5, resources, sources
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace
from quant_train import data
from tests import models

SPEC, SCNN_SPEC = "8C3-P2-16C3-P2-FC10", "16C3-P2-32C3-P2-FC10"
SHAPE = (28, 28, 1)


def measure() -> dict[str, Any]:
    """Return the figures; images are MNIST's 10,000 test images, weights are random, 4 bits."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        dual = _workspace(folder, "dual", models.build(SPEC, SHAPE))
        conventional = _workspace(folder, "conventional", models.build(SCNN_SPEC, SHAPE, dual=False))
        images = data.load("mnist", "test").images
        verilator = Verilator.find(Compiler.from_environment())
        before = _cpu()
        cosim_verdict.cosim(dual, images[:2], None, RtlOptions(), verilator)
        build = _cpu() - before
        started = time.perf_counter()
        report = cosim_verdict.cosim(dual, images, None, RtlOptions(), verilator)
        seconds = time.perf_counter() - started
        assert report.difference is None and report.exact == len(images)
        core.convert(conventional, RtlOptions())
        ours, theirs = _resources(dual), _resources(conventional)
        kernels = [sum(m.kernel.lut for m in r.modules if m.kernel) for r in (ours, theirs)]
        layers = [sum(m.resources.lut for m in r.modules if m.kernel) for r in (ours, theirs)]
        routed = ecp5.place_and_route(dual.rtl, folder / "ecp5")
        return {
            "network": SPEC,
            "cycles_per_image": report.cycles_per_image,
            "first_result_cycles": report.first_result,
            "pixels": report.pixels,
            "convert_and_build_cpu_seconds": round(build, 1),
            "images_exact": report.exact,
            "cosim_seconds_once_built": round(seconds, 1),
            "lut": ours.total.lut,
            "ff": ours.total.ff,
            "bram18": ours.total.bram18,
            "dsp": ours.total.dsp,
            "ecp5_routed_mhz": round(routed.routed.slowest.fmax, 1),
            "conventional_network": SCNN_SPEC,
            "convolution_lut": {"dual": layers[0], "conventional": layers[1]},
            "convolution_lut_saved": round(1 - layers[0] / layers[1], 4),
            "of_which_kernels": {"dual": kernels[0], "conventional": kernels[1]},
            "kernel_lut_saved": round(1 - kernels[0] / kernels[1], 4),
        }


def _workspace(folder: Path, name: str, model: ModelProto) -> Workspace:
    workspace = Workspace(name, folder / name, None)
    workspace.folder.mkdir()
    workspace.model.write_bytes(model.SerializeToString())
    return workspace


def _resources(workspace: Workspace) -> resources.ResourceReport:
    modules = sources.read(workspace.rtl).layers()
    return resources.estimate(workspace.rtl, modules, "xc7", workspace.folder / "synthesis", 2)


def _cpu() -> float:
    """Return the CPU seconds of this process and of those that it has waited for."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )
