"""`csim`: from a QONNX file to a verdict on every score, stage by stage; unchanged stages are not run again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hls_project import stage
from hls_project.csim import golden_file
from hls_project.csim.compile import Compiler, build
from hls_project.csim.locate import Difference, LayerGolden, first_difference
from hls_project.csim.report import CsimReport, activity_of
from hls_project.csim.simulate import simulate, trace
from hls_project.graph import golden
from hls_project.network_summary import FILE as SUMMARY
from hls_project.network_summary import NetworkSummary
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace import Workspace
from quant_train.errors import ConfigurationError
from quant_train.files import write_json

Progress = Callable[[str, int, int], None]

TESTBENCH_IMAGES = 10
"""Golden vectors in the project's own tb_data, which vendor simulators run through: they are slow."""

TRACED_IMAGES = 100
"""Images whose membrane potentials and spikes are kept, for ranges and firing rates."""


def convert(workspace: Workspace, options: HlsOptions) -> NetworkSummary:
    """Write the HLS project of the workspace's model, unless it is current; return the network's summary.

    Raises:
        ConfigurationError: the model is refused, or the options do not fit it.
    """
    stage_key = stage.key(workspace.model, repr(sorted(asdict(options).items())), stage.generator_key())
    if not stage.is_current(workspace.project, stage_key):
        from hls_project.graph.integer import integerize
        from hls_project.targets.hls.convert import write_project

        graph = integerize(workspace.model)
        write_project(graph, workspace.project, options)
        graph.save(workspace.folder / "integer.onnx")
        stage.complete(workspace.project, stage_key)
    return NetworkSummary.load(workspace.project / SUMMARY)


def golden_vectors(
    workspace: Workspace,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    progress: Callable[[int], None] = lambda done: None,
) -> golden.Golden:
    """Return the golden vectors of `images`, computed unless `golden.npz` is current."""
    if golden.is_current(workspace.golden, workspace.model, images, labels, TRACED_IMAGES):
        return golden.load(workspace.golden)
    return golden.write(workspace.golden, workspace.model, images, labels, TRACED_IMAGES, progress)


def csim(
    workspace: Workspace,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    options: HlsOptions,
    compiler: Compiler,
    jobs: int | None = None,
    progress: Progress = lambda stage_name, done, total: None,
) -> tuple[CsimReport, Difference | None]:
    """Simulate `images` and compare every score with the golden ones; return the report and the first difference.

    images: (N, H, W, C) uint8; labels: (N,) or None. Writes `reports/csim.json`. `progress(stage, done, total)` is
    called as the stages go on.

    Raises:
        ConfigurationError: the model or the images are refused. ToolNotFoundError, FlowError: a stage failed.
    """
    total = len(images)
    progress("convert", 0, 1)
    network = convert(workspace, options)
    progress("convert", 1, 1)
    if images.shape[1:] != network.input_shape:
        raise ConfigurationError(f"the network takes images of {network.input_shape}, not {images.shape[1:]}")
    progress("golden scores", 0, total)
    vectors = golden_vectors(workspace, images, labels, lambda done: progress("golden scores", done, total))
    progress("golden scores", total, total)
    vector_file = workspace.folder / "csim" / "golden.bin"
    golden_file.write(vector_file, vectors.images, vectors.scores)
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
    equal = (result.scores == vectors.scores).all(axis=1) & (result.labels == vectors.scores.argmax(axis=1))
    thresholds = {layer.name: layer.n_thresholds for layer in network.layers}
    report = CsimReport(
        model=workspace.name,
        images=total,
        exact=int(equal.sum()),
        correct=None if labels is None else int((result.labels == labels).sum()),
        simulation=result,
        network=network,
        activity={t.name: activity_of(t.vm, t.spikes, thresholds[t.name]) for t in vectors.traces},
        traced=len(vectors.traces[0].vm),
    )
    difference = None
    if report.exact != total:
        difference = _locate(program, vector_file, workspace.model, network, images, int(np.argmin(equal)))
    found = None if difference is None else asdict(difference)
    write_json(workspace.reports / "csim.json", report.to_json() | {"first_difference": found})
    return report, difference


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
    layers = [
        LayerGolden(
            layer.name, indices[layer.name], layer.vm[0], None if layer.spikes is None else layer.spikes[0]
        )
        for layer in golden.trace(model, images[image : image + 1])
    ]
    return first_difference(trace(program, vector_file, image), layers, image)
