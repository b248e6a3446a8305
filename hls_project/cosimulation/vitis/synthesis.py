"""Synthesis of the hls4ml project to Verilog, which the bitstream of target hls is made of."""

from __future__ import annotations

from pathlib import Path

from dt_scnn.errors import FlowError
from dt_scnn.files import atomic_path
from hls_project.cosimulation.vitis import loops, parse
from hls_project.cosimulation.vitis.release import pipeline_style, release
from hls_project.cosimulation.vitis.tool import VitisHls
from hls_project.vendor import tcl
from hls_project.vendor.run import Limits, run

SOLUTION_TCL = Path(__file__).with_name("solution.tcl")
TCL = Path(__file__).with_name("synthesis.tcl")
SETTINGS = "synthesis_settings.tcl"
TOP = "dtscnn"
VERILOG = (".v", ".vh", ".sv", ".svh", ".dat", ".mem")
"""What the tool writes for simulation and synthesis: sources, headers that they include, contents of memories."""


def synthesize(project: Path, log: Path, tool: VitisHls, limits: Limits | None = None) -> list[Path]:
    """Synthesize `project`; return its Verilog files, and the headers and memory files that they read.

    Raises:
        FlowError: Vitis HLS failed, hung, left nothing, made slower hardware than planned, or left what Vivado could not
            take without further IP.
    """
    project = project.resolve()
    settings = project / SETTINGS
    with atomic_path(settings) as partial:
        partial.write_text(solution(tool) + f"source {tcl.word(str(TCL))}\n", encoding="utf-8")
    not_before = settings.stat().st_mtime_ns
    run(tool.command(SETTINGS), project, log.resolve(), limits or Limits(), name="Vitis HLS")
    made = project / f"{TOP}_prj" / "solution1"
    loops.check(parse.synthesis(made, TOP, not_before), project, log)
    folder = made / "syn" / "verilog"
    if needed := sorted(folder.glob("*.tcl")):
        raise FlowError(
            f"the synthesized core needs further IP ({needed[0].name}), which is not handled", log
        )
    files = sorted(file for file in folder.glob("*") if file.suffix in VERILOG)
    if stale := [file.name for file in files if file.stat().st_mtime_ns < not_before]:
        raise FlowError(f"Vitis HLS left {stale[0]} of an earlier run", log)
    if folder / f"{TOP}.v" not in files:
        raise FlowError(f"Vitis HLS wrote no {folder / f'{TOP}.v'}, though it reports success", log)
    return files


def solution(tool: VitisHls) -> str:
    """Return the Tcl that makes `dtscnn_solution` known, for the release of `tool`.

    Raises:
        FlowError: the tool does not say its release.
    """
    style = pipeline_style(release(tool))
    return f"set solution_pipeline_style {tcl.word(style)}\nsource {tcl.word(str(SOLUTION_TCL))}\n"
