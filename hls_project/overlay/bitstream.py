"""`bitstream`: from a model to the overlay of a board, through Vivado; a finished stage is not run again."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from dt_scnn.errors import FlowError
from dt_scnn.files import atomic_path, sha256, write_json
from hls_project.cosimulation import vitis
from hls_project.cosimulation.verilate import shell
from hls_project.graph.network_summary import NetworkSummary
from hls_project.overlay.boards import Board
from hls_project.overlay.manifest import write_manifest
from hls_project.overlay.vivado import bitfile, handoff, log, reports, scripts, tool
from hls_project.parity import activity
from hls_project.parity.activity import Activity
from hls_project.plan.plan import Plan
from hls_project.reports.made_from import write_report
from hls_project.targets.convert import written_whole
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.project import convert
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.vendor.run import Limits, run
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace

Target = Literal["rtl", "hls"]

FOLDER = "overlay"
REPORT = "implementation.json"
"""Beside the overlay's other files: what Vivado reports after routing."""

DESIGN = "overlay"
SHELL_PATH = ("overlay_wrapper", "overlay_i", "dtscnn_0", "inst", "shell")
"""Instances from the top that Vivado makes of the block design down to the shell."""


@dataclass(frozen=True)
class BitstreamOptions:
    """What is made. accepted: IDs of critical warnings.

    plan: engines and folds; without one the target's own. clock_mhz: of the programmable logic, None for the plan's, else
    the board's.
    """

    board: Board
    target: Target = "rtl"
    plan: Plan | None = None
    clock_mhz: float | None = None
    accepted: Collection[str] = ()
    limits: Limits = field(default_factory=Limits)

    @property
    def clock(self) -> float:
        """MHz, as asked for."""
        return self.clock_mhz or (self.plan.clock_mhz if self.plan else self.board.clock_mhz)


def bitstream(
    workspace: Workspace,
    options: BitstreamOptions,
    progress: Callable[[str, int, int], None] = lambda stage_name, done, total: None,
) -> Path:
    """Make the overlay of the workspace's model for a board, unless it is current; return its folder.

    `progress(stage, done, total)` is called as the stages go on. An interrupted run goes on after its last finished stage.

    Raises:
        ToolNotFoundError: Vivado, or Vitis HLS for target hls, is missing. ConfigurationError: the model or an option is
            refused. FlowError: a tool failed, hung, or what it left does not add up; the overlay of before stays.
    """
    vivado = tool.require()
    board = options.board
    work = workspace.folder / "bitstream" / f"{board.name}-{options.target}"
    folder, network = _core(workspace, options, work, progress)
    build_id = core.build_id(folder)
    around = shell(network, build_id, **(core.pace(folder) if options.target == "rtl" else {}))
    files = sorted(file for pattern in core.SOURCES for file in folder.glob(pattern))
    sources = scripts.Sources((*files, *around.files()), around.parameters)
    settings = stage.key(
        build_id,
        repr(sorted(around.parameters.items())),
        repr(board),
        f"{options.clock:g}",
        stage.tree_key(scripts.TCL, ("*",)),
        vivado,
    )
    synthesized = _synthesize(work, sources, options, settings, vivado, progress)
    _take_activity(workspace, work / "vivado", build_id, options)
    implemented = _implement(work, options, synthesized, vivado, progress)
    cycles = core.pace(folder)["cycles"] if options.target == "rtl" else None
    return _assemble(
        workspace, work, options, network, build_id, around.bus_bits, implemented, cycles, progress
    )


def _core(
    workspace: Workspace,
    options: BitstreamOptions,
    work: Path,
    progress: Callable[[str, int, int], None],
) -> tuple[Path, NetworkSummary]:
    """Return the folder of the core's sources, and its network."""
    period, folds = 1000.0 / options.clock, dict(options.plan.folds) if options.plan else {}
    if options.target == "rtl":
        progress("conversion", 0, 1)
        network = core.convert(workspace, RtlOptions(clock_period=period, folds=folds))
        progress("conversion", 1, 1)
        return workspace.rtl, network
    hls = vitis.require()
    progress("conversion", 0, 1)
    network = convert(
        workspace,
        HlsOptions(clock_period=period, folds=folds, part=options.board.part),
    )
    progress("conversion", 1, 1)
    project, verilog = workspace.project, work / "hls"
    key = stage.key(project / stage.STAMP, hls.program)
    if not stage.is_current(verilog, key):
        progress("Vitis HLS", 0, 1)
        files = vitis.synthesize(project, work / "vitis_hls.log", hls, options.limits)
        with written_whole(verilog) as folder:
            folder.mkdir(parents=True)
            for file in (*files, project / "dtscnn_core.sv"):
                shutil.copyfile(file, folder / file.name)
        stage.complete(verilog, key, sorted(verilog.iterdir()))
        progress("Vitis HLS", 1, 1)
    return verilog, network


def _synthesize(
    work: Path,
    sources: scripts.Sources,
    options: BitstreamOptions,
    settings: str,
    vivado: str,
    progress: Callable[[str, int, int], None],
) -> str:
    """Make `synthesized.dcp` and `overlay.hwh`, unless they are current; return a digest of them."""
    folder = work / "vivado"
    products = (folder / "synthesized.dcp", folder / f"{DESIGN}.hwh")
    if not stage.is_current(folder, settings):
        shutil.rmtree(folder, ignore_errors=True)
        scripts.write(folder, sources, options.board, options.clock)
        _vivado(vivado, folder, scripts.SYNTHESIZE, "synthesized", options, progress)
        if not products[0].is_file():
            raise FlowError(
                f"Vivado wrote no {products[0].name}, though it reports success", _log(folder, "synthesized")
            )
        handoff.check(products[1], options.board, int(sources.parameters["BUS_BITS"]))
        stage.complete(folder, settings, products)
    _check_log(folder, "synthesized", options)
    return stage.key(settings, *products)


def _take_activity(workspace: Workspace, folder: Path, build_id: str, options: BitstreamOptions) -> None:
    """Give Vivado the switching activity that co-simulation has recorded, if it is of this design at this clock."""
    recorded = Activity.load(workspace.folder / "cosim")
    target = folder / activity.FILE
    if (
        recorded is None
        or recorded.build_id != build_id
        or abs(recorded.clock_mhz / options.clock - 1) > 0.01
    ):
        target.unlink(missing_ok=True)
        return
    text = activity.place(workspace.folder / "cosim" / activity.FILE, "dtscnn_shell", SHELL_PATH)
    if not target.is_file() or target.read_text() != text:
        with atomic_path(target) as partial:
            partial.write_text(text)


def _implement(
    work: Path,
    options: BitstreamOptions,
    synthesized: str,
    vivado: str,
    progress: Callable[[str, int, int], None],
) -> str:
    """Make `overlay.bit` and the reports, unless they are current; return a digest of the bitstream."""
    folder, stamp = work / "vivado", work / "implemented"
    bit = folder / f"{DESIGN}.bit"
    recorded = folder / activity.FILE
    synthesized = stage.key(synthesized, recorded) if recorded.is_file() else synthesized
    if not stage.is_current(stamp, synthesized):
        shutil.rmtree(stamp, ignore_errors=True)
        for left in (bit, *folder.glob("*.rpt")):
            left.unlink(missing_ok=True)
        _vivado(vivado, folder, scripts.IMPLEMENT, "implemented", options, progress)
        reports.implementation(folder)
        bitfile.check(bit, options.board.part)
        stage.complete(stamp, synthesized, [bit])
    _check_log(folder, "implemented", options)
    return stage.key(synthesized, bit)


def _vivado(
    vivado: str,
    folder: Path,
    script: str,
    last: str,
    options: BitstreamOptions,
    progress: Callable[[str, int, int], None],
) -> None:
    """Run one of the Tcl files; `last` is what it announces at its end."""
    file = _log(folder, last)
    try:
        run(tool.command(vivado, script), folder, file, options.limits, log.listener(progress), name="Vivado")
    except FlowError as error:
        if (cause := log.cause(file)) is not None:
            raise FlowError(f"{cause}\n{error}") from error
        raise
    log.check_end(file, last)


def _check_log(folder: Path, last: str, options: BitstreamOptions) -> None:
    """Refuse critical warnings, also those of a stage that was finished before: what is accepted may have changed."""
    log.check_warnings(_log(folder, last), {*options.accepted, *options.board.accepted_warnings})


def _log(folder: Path, last: str) -> Path:
    return folder / f"vivado_{last}.log"


def _assemble(
    workspace: Workspace,
    work: Path,
    options: BitstreamOptions,
    network: NetworkSummary,
    build_id: str,
    bus_bits: int,
    implemented: str,
    cycles: int | None,
    progress: Callable[[str, int, int], None],
) -> Path:
    """Put the overlay's files together, whole or not at all; return their folder."""
    overlay, built, board = workspace.folder / FOLDER, work / "vivado", options.board
    sample = [workspace.sample] if workspace.sample else []
    chosen = json.dumps(options.plan and options.plan.to_json())
    key = stage.key(implemented, workspace.model, *sample, stage.generator_key(), options.target, chosen)
    if stage.is_current(overlay, key):
        return overlay
    progress("overlay", 0, 1)
    clock = handoff.check(built / f"{DESIGN}.hwh", board, bus_bits)
    with written_whole(overlay) as folder:
        folder.mkdir(parents=True)
        for suffix in ("bit", "hwh"):
            shutil.copyfile(built / f"{DESIGN}.{suffix}", folder / f"{workspace.name}.{suffix}")
        write_manifest(
            folder,
            workspace,
            network,
            kind="board",
            target=options.target,
            board=board.name,
            part=board.part,
            clock_mhz=clock,
            build_id=build_id,
            bus_bits=bus_bits,
            hardware=[f"{workspace.name}.hwh"],
            plan=options.plan,
        )
        report = {
            "board": board.name,
            "part": board.part,
            "target": options.target,
            "clock_mhz": {"asked": options.clock, "made": clock},
            "pll_mhz": {"assumed": handoff.pll(built / f"{DESIGN}.hwh"), "board": board.processor.pll_mhz},
            "bitstream_sha256": sha256(built / f"{DESIGN}.bit"),
            **reports.implementation(built),
        }
        if cycles is not None:
            report["energy"] = reports.energy(report["power"], cycles, clock)
        write_json(folder / REPORT, report)
    write_report(workspace.reports / "bitstream.json", report)
    stage.complete(overlay, key, sorted(overlay.iterdir()))
    progress("overlay", 1, 1)
    return overlay
