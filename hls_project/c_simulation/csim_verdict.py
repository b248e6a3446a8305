"""`csim`: from a QONNX file to a verdict on every score, stage by stage; unchanged stages are not run again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.compiler import Compiler
from hls_project.c_simulation.compile import build
from hls_project.c_simulation.csim_report import CsimReport, activity_of
from hls_project.c_simulation.simulate import simulate, trace
from hls_project.graph.network_summary import NetworkSummary
from hls_project.parity import golden_file
from hls_project.parity.difference import Difference, first_difference
from hls_project.parity.trace import golden_layers
from hls_project.parity.verdict import Progress, equal, expected, right
from hls_project.reports.made_from import write_report
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.project import TESTBENCH_IMAGES, convert
from hls_project.workspace.folder import Workspace


def csim(
    workspace: Workspace,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    options: HlsOptions,
    compiler: Compiler,
    jobs: int | None = None,
    progress: Progress = lambda stage_name, done, total: None,
) -> CsimReport:
    """Simulate `images` and compare every score with the golden ones; return the report.

    images: (N, H, W, C) uint8; labels: (N,) or None. Writes `reports/csim.json`. `progress(stage, done, total)` is
    called as the stages go on.

    Raises:
        ConfigurationError: the model or the images are refused. ToolNotFoundError, FlowError: a stage failed.
    """
    total = len(images)
    progress("convert", 0, 1)
    network = convert(workspace, options)
    progress("convert", 1, 1)
    vector_file = workspace.folder / "csim" / "golden.bin"
    vectors = expected(workspace, network, images, labels, vector_file, progress)
    first = slice(min(total, TESTBENCH_IMAGES))
    golden_file.write(
        workspace.project / "tb_data" / "golden.bin", vectors.images[first], vectors.scores[first]
    )

    progress("compile", 0, 1)
    program = build(workspace.project, workspace.folder / "csim", compiler)
    progress("compile", 1, 1)
    progress("simulate", 0, total)
    result = simulate(
        program,
        vector_file,
        total,
        len(network.classes),
        jobs,
        lambda done: progress("simulate", done, total),
    )
    exact = equal(result, vectors)
    thresholds = {layer.name: layer.n_thresholds for layer in network.layers}
    difference = None
    if not exact.all():
        difference = _locate(program, vector_file, workspace.model, network, images, int(np.argmin(exact)))
    report = CsimReport(
        model=workspace.name,
        images=total,
        exact=int(exact.sum()),
        correct=right(result, labels),
        simulation=result,
        network=network,
        activity={t.name: activity_of(t.vm, t.spikes, thresholds[t.name]) for t in vectors.traces},
        traced=len(vectors.traces[0].vm),
        difference=difference,
        path=workspace.reports / "csim.json",
    )
    write_report(report.path, report.to_json(), images)
    return report


def _locate(
    program: Path,
    vector_file: Path,
    model: Path,
    network: NetworkSummary,
    images: NDArray[np.uint8],
    image: int,
) -> Difference:
    """Return the first place where the simulation of one image differs from onnxruntime's run."""
    indices = {layer.name: layer.index for layer in network.layers}
    layers = golden_layers(model, images[image : image + 1], indices)
    return first_difference(trace(program, vector_file, image), layers, image)
