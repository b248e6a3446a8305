"""The RTL core of a model: written once for each state of model, options and generator."""

from __future__ import annotations

import json
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from dt_scnn.errors import ToolNotFoundError
from hls_project.graph.network_summary import FILE as SUMMARY
from hls_project.graph.network_summary import NetworkSummary
from hls_project.targets.rtl import PLAN
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace

SHELL = Path(__file__).parents[3] / "board" / "shell"
SOURCES = ("*.sv", "*.v", "*.svh", "*.vh", "*.mem", "*.dat")
"""Files that a core consists of: of target rtl, and what Vitis HLS writes of target hls."""


def convert(workspace: Workspace, options: RtlOptions) -> NetworkSummary:
    """Write the RTL core of the workspace's model, unless it is current; return the network's summary.

    Raises:
        ConfigurationError: the model is refused, or the options do not fit it. ToolNotFoundError: da4ml is missing.
    """
    chosen = repr(sorted(asdict(options).items()))
    stage_key = stage.key(workspace.model, chosen, stage.generator_key(), f"da4ml {_solver_version()}")
    if not stage.is_current(workspace.rtl, stage_key):
        from hls_project.graph.integer import integerize
        from hls_project.targets.rtl.convert import write_rtl

        graph = integerize(workspace.model)
        write_rtl(graph, workspace.rtl, options)
        graph.save(workspace.folder / "integer.onnx")
        read = (workspace.rtl / SUMMARY, workspace.rtl / PLAN, *workspace.rtl.glob("*.mem"))
        stage.complete(workspace.rtl, stage_key, sorted(read))
    return NetworkSummary.load(workspace.rtl / SUMMARY)


def _solver_version() -> str:
    try:
        return version("da4ml")
    except PackageNotFoundError as error:
        raise ToolNotFoundError("da4ml", "0.5.2 (pip install 'dt-scnn[rtl]')", "PYTHONPATH") from error


def plan(rtl: Path) -> list[dict[str, Any]]:
    """Return what each layer of the core consists of, as the writer noted it."""
    result: list[dict[str, Any]] = json.loads((rtl / PLAN).read_text())
    return result


def pace(rtl: Path) -> dict[str, int]:
    """Return what the shell must bring the core: `pixels` of a row at once, an image in `cycles` cycles."""
    layers = plan(rtl)
    return {"pixels": layers[0]["takes"], "cycles": max(layer["cycles"] for layer in layers)}


def build_id(folder: Path) -> str:
    """Return the 64-bit build ID of the core in `folder` and of the shell, 16 hexadecimal digits: a digest of their sources."""
    return stage.key(stage.tree_key(folder, SOURCES), stage.tree_key(SHELL, ("*.sv",)))[:16]
