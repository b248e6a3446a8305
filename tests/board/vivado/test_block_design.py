"""The Tcl, run by a plain interpreter that notes Vivado's commands: every board, both targets, and a checker that is checked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hls_project.overlay import boards
from hls_project.overlay.vivado import scripts
from hls_project.targets.rtl.core import SHELL
from tests.board.vivado.block_design import BlockDesign, Call, read_calls

HERE = Path(__file__).parent
PARAMETERS = {
    "BUS_BITS": "32",
    "HEIGHT": "28",
    "WIDTH": "28",
    "CHANNELS": "1",
    "PIXELS": "1",
    "CLASSES": "10",
    "BUILD_ID": "64'h0123456789abcdef",
}
CORES = {
    "rtl": ("dtscnn_core.sv", "dt_window.sv", "dtscnn_dense0.mem"),
    "hls": ("dtscnn_core.sv", "dtscnn.v", "dtscnn_weights_ROM.dat"),
}


def write(folder: Path, board: str, target: str) -> Path:
    """Write what Vivado is handed; return its folder, whose name has what Tcl takes for its own."""
    core = folder / "core"
    core.mkdir()
    for name in CORES[target]:
        (core / name).write_text("")
    work = folder / "a [b] $c {d" / "vivado"
    files = (*(core / name for name in CORES[target]), *sorted(SHELL.glob("*.sv")))
    scripts.write(work, scripts.Sources(files, PARAMETERS), boards.find(board), 125.0)
    return work


def interpret(
    work: Path, script: str, **variables: str
) -> tuple[subprocess.CompletedProcess[str], list[Call]]:
    tclsh = shutil.which("tclsh")
    if tclsh is None:
        pytest.skip("there is no tclsh (Debian, Ubuntu: apt install tcl)")
    (work / "recorded.tcl").write_text(f"source {{{HERE / 'recorder.tcl'}}}\nsource {script}\n")
    calls = work / "calls"
    calls.unlink(missing_ok=True)
    ended = subprocess.run(
        [tclsh, "recorded.tcl"],
        cwd=work,
        env={"PATH": os.environ["PATH"], "CALLS": str(calls), "LC_ALL": "C.UTF-8", **variables},
        capture_output=True,
        text=True,
        timeout=60,
    )
    return ended, read_calls(calls) if calls.exists() else []


def handoff_is_there(work: Path) -> None:
    """Leave the file that `generate_target` would."""
    place = work / "project" / "overlay.gen" / "sources_1" / "bd" / "overlay" / "hw_handoff"
    place.mkdir(parents=True)
    (place / "overlay.hwh").write_text("<EDKSYSTEM/>")


@pytest.fixture(params=[(board, target) for board in boards.names() for target in CORES], ids="-".join)
def recorded(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, str, list[Call]]:
    board, target = request.param
    work = write(tmp_path, board, target)
    handoff_is_there(work)
    ended, calls = interpret(work, scripts.SYNTHESIZE)
    assert (ended.returncode, ended.stderr) == (0, "") and ended.stdout.splitlines()[
        -1
    ] == "dtscnn: synthesized"
    return work, board, calls


def problems(work: Path, calls: list[Call]) -> list[str]:
    return BlockDesign(calls, work / scripts.WRAPPER).problems


def test_every_cell_pin_and_address_is_connected_once(recorded: tuple[Path, str, list[Call]]) -> None:
    work, board, calls = recorded
    assert problems(work, calls) == []
    design = BlockDesign(calls, work / scripts.WRAPPER)
    found = boards.find(board)
    assert {
        cell: address for _, segment, address in design.addresses for cell in [segment.split("/")[0]]
    } == {cell: int(address, 16) for cell, address in found.addresses.items()}
    dma = design.cells["axi_dma_0"].settings
    assert dma["c_sg_length_width"] == "26" and dma["c_include_sg"] == "0"
    assert dma["c_addr_width"] == str(found.address_bits)
    assert {dma[f"c_m_axi_{way}_data_width"] for way in ("mm2s", "s2mm")} == {"32"}
    processor = design.cells["processor"]
    assert processor.ip == found.processor.ip and processor.settings[found.processor.clock_setting] == "125"
    assert processor.settings == found.processor.settings | {found.processor.clock_setting: "125"}


def test_every_file_exists_and_memories_are_read_as_such(recorded: tuple[Path, str, list[Call]]) -> None:
    work, board, calls = recorded
    added = [call[-1] for call in calls if call[0] == "add_files"]
    files = [name for group in added for name in group.split()]
    assert files and all((work / name).is_file() for name in files)
    lying = {path.name for path in work.iterdir() if path.suffix in (".sv", ".v", ".mem", ".dat")}
    assert set(files) == lying and len(files) == len(lying)
    memories = [
        call for call in calls if call[:3] == ["set_property", "file_type", "Memory Initialization Files"]
    ]
    assert [call[3].split() for call in memories] == [
        sorted(n for n in lying if n.endswith((".mem", ".dat")))
    ]
    part = boards.find(board).part
    assert ["create_project", "-force", "overlay", "project", "-part", part] in calls
    assert ["synth_design", "-top", "overlay_wrapper", "-part", part] in calls
    assert calls[-1] == ["write_checkpoint", "-force", "synthesized.dcp"]


CHECKED = (
    "connect_bd_net",
    "connect_bd_intf_net",
    "assign_bd_address",
    "make_bd_intf_pins_external",
    "create_bd_cell",
    "validate_bd_design",
)


def test_the_checker_finds_each_removed_command(recorded: tuple[Path, str, list[Call]]) -> None:
    work, _, calls = recorded
    removable = [index for index, call in enumerate(calls) if call[0] in CHECKED]
    assert len(removable) > 40
    unnoticed = [
        calls[index] for index in removable if not problems(work, calls[:index] + calls[index + 1 :])
    ]
    assert unnoticed == []


def test_the_checker_finds_each_doubled_connection(recorded: tuple[Path, str, list[Call]]) -> None:
    work, _, calls = recorded
    doubled = [index for index, call in enumerate(calls) if call[0] in CHECKED[:5] and len(call) > 1]
    unnoticed = [
        calls[index]
        for index in doubled
        if not problems(work, [*calls[:index], calls[index], *calls[index:]])
    ]
    assert unnoticed == []


def test_the_checker_finds_pins_that_the_processor_does_not_show(tmp_path: Path) -> None:
    work = write(tmp_path, "pynq-z2", "rtl")
    handoff_is_there(work)
    _, calls = interpret(work, scripts.SYNTHESIZE)
    index = next(
        i for i, call in enumerate(calls) if call[0] == "set_property" and "PCW_USE_S_AXI_HP0" in call[2]
    )
    calls[index][2] = calls[index][2].replace("PCW_USE_S_AXI_HP0 1", "PCW_USE_S_AXI_HP0 0")
    assert "memory_bus/M00_AXI and processor/S_AXI_HP0 cannot be connected" in problems(work, calls)


@pytest.mark.parametrize(
    "command", ["create_bd_cell", "validate_bd_design", "synth_design", "write_checkpoint"]
)
def test_a_failed_command_ends_the_synthesis(tmp_path: Path, command: str) -> None:
    work = write(tmp_path, "pynq-z2", "rtl")
    handoff_is_there(work)
    ended, calls = interpret(work, scripts.SYNTHESIZE, FAILING=command)
    assert ended.returncode == 1 and f"ERROR: [dtscnn] {command} went wrong" in ended.stdout
    assert calls[-1][0] == command


def test_a_missing_handoff_is_an_error(tmp_path: Path) -> None:
    ended, calls = interpret(write(tmp_path, "pynq-z2", "rtl"), scripts.SYNTHESIZE)
    assert ended.returncode == 1 and "wrote no hardware handoff" in ended.stdout
    assert "synth_design" not in [call[0] for call in calls]


def test_the_implementation_goes_from_checkpoint_to_bitstream(tmp_path: Path) -> None:
    ended, calls = interpret(write(tmp_path, "pynq-z2", "rtl"), scripts.IMPLEMENT)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert calls[0] == ["open_checkpoint", "synthesized.dcp"]
    assert [call[0] for call in calls[1:6]] == [
        "opt_design",
        "place_design",
        "phys_opt_design",
        "route_design",
        "report_utilization",
    ]
    assert calls[-1] == ["write_bitstream", "-force", "overlay.bit"]


def test_missed_timing_has_reports_and_no_bitstream(tmp_path: Path) -> None:
    ended, calls = interpret(write(tmp_path, "pynq-z2", "rtl"), scripts.IMPLEMENT, SLACK="-0.25")
    assert (
        ended.returncode == 1
        and "ERROR: [dtscnn] timing is not met: worst setup slack -0.25 ns" in ended.stdout
    )
    names = [call[0] for call in calls]
    assert "report_timing_summary" in names and "report_power" in names and "write_bitstream" not in names
