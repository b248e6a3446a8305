"""The Vitis HLS project of a model: written once for each state of model, options and generator."""

from __future__ import annotations

from dataclasses import asdict

from hls_project.graph.network_summary import FILE as SUMMARY
from hls_project.graph.network_summary import NetworkSummary
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace

TESTBENCH_IMAGES = 10
"""Golden vectors in the project's own tb_data, which vendor simulators run through: they are slow."""


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
        stage.complete(workspace.project, stage_key, [workspace.project / SUMMARY])
    return NetworkSummary.load(workspace.project / SUMMARY)
