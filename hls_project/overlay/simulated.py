"""The overlay of the simulated board: the same files as a real one's, and the hardware as a shared library."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

from board.simulated import LIBRARY, SOURCE
from hls_project.cosimulation.verilate import Verilator, build, shell
from hls_project.overlay.manifest import write_manifest
from hls_project.plan.plan import Plan
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace

FOLDER = "overlay-sim"
NOTE = "No bitstream: the simulated board runs the Verilated core in the library beside this file.\n"


def simulated_overlay(
    workspace: Workspace,
    options: RtlOptions,
    verilator: Verilator,
    progress: Callable[[str, int, int], None] = lambda stage_name, done, total: None,
    plan: Plan | None = None,
) -> Path:
    """Build the overlay in `<workspace>/overlay-sim/` unless it is current; return the path of its `.bit`.

    plan: what `options` were made from, for the manifest.

    Raises:
        ConfigurationError: the model is refused. ToolNotFoundError, FlowError: a stage failed.
    """
    progress("convert", 0, 1)
    network = core.convert(workspace, options)
    progress("convert", 1, 1)
    build_id = core.build_id(workspace.rtl)
    folder = workspace.folder / FOLDER
    bitstream = folder / f"{workspace.name}.bit"
    progress("build", 0, 1)
    around = shell(network, build_id, **core.pace(workspace.rtl))
    library = build(workspace.rtl, around, folder / "build", verilator, SOURCE, library=True)
    progress("build", 1, 1)
    sample = [workspace.sample] if workspace.sample else []
    chosen = json.dumps(plan and plan.to_json())
    stage_key = stage.key(library, workspace.model, *sample, stage.generator_key(), chosen)
    if stage.is_current(folder, stage_key):
        return bitstream
    (folder / stage.STAMP).unlink(missing_ok=True)
    # A running notebook keeps the library that it has loaded: a new file takes the name.
    hardware = {LIBRARY: library} | {file.name: file for file in sorted(workspace.rtl.glob("*.mem"))}
    for name, source in hardware.items():
        (folder / name).unlink(missing_ok=True)
        shutil.copyfile(source, folder / name)
    bitstream.write_text(NOTE)
    progress("golden scores", 0, 1)
    write_manifest(
        folder,
        workspace,
        network,
        kind="simulated",
        target="rtl",
        board="simulated",
        part="Verilator",
        clock_mhz=plan.clock_mhz if plan else 1000.0 / options.clock_period,
        build_id=build_id,
        bus_bits=around.bus_bits,
        hardware=list(hardware),
        plan=plan,
    )
    progress("golden scores", 1, 1)
    stage.complete(folder, stage_key, [file for file in sorted(folder.iterdir()) if file.is_file()])
    return bitstream
