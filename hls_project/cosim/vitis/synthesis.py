"""Synthesis of the hls4ml project to Verilog, which the bitstream of target hls is made of."""

from __future__ import annotations

from pathlib import Path

from dt_scnn.errors import FlowError
from dt_scnn.files import atomic_path
from hls_project.cosim.vitis import parse
from hls_project.cosim.vitis.tool import VitisHls
from hls_project.vendor import tcl
from hls_project.vendor.run import Limits, run

SOLUTION_TCL = Path(__file__).with_name("solution.tcl")
TCL = Path(__file__).with_name("synthesis.tcl")
SETTINGS = "synthesis_settings.tcl"
TOP = "dtscnn"


def synthesize(project: Path, log: Path, tool: VitisHls, limits: Limits | None = None) -> list[Path]:
    """Synthesize `project`; return its Verilog files and the memory files that they read.

    Raises:
        FlowError: Vitis HLS failed, hung, left nothing, or left what Vivado could not take without further IP.
    """
    project = project.resolve()
    settings = project / SETTINGS
    with atomic_path(settings) as partial:
        partial.write_text(
            f"source {tcl.word(str(SOLUTION_TCL))}\nsource {tcl.word(str(TCL))}\n", encoding="utf-8"
        )
    not_before = settings.stat().st_mtime_ns
    run(tool.command(SETTINGS), project, log.resolve(), limits or Limits(), name="Vitis HLS")
    solution = project / f"{TOP}_prj" / "solution1"
    parse.synthesis(solution, TOP, not_before)
    folder = solution / "syn" / "verilog"
    if needed := sorted(folder.glob("*.tcl")):
        raise FlowError(
            f"the synthesized core needs further IP ({needed[0].name}), which is not handled", log
        )
    files = sorted(file for file in folder.glob("*") if file.suffix in (".v", ".dat"))
    if stale := [file.name for file in files if file.stat().st_mtime_ns < not_before]:
        raise FlowError(f"Vitis HLS left {stale[0]} of an earlier run", log)
    if folder / f"{TOP}.v" not in files:
        raise FlowError(f"Vitis HLS wrote no {folder / f'{TOP}.v'}, though it reports success", log)
    return files
