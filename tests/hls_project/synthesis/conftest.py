"""A small `rtl/` folder, and programs that take the place of the tools."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hls_project.synthesis import ecp5, yosys

HERE = Path(__file__).parent
RECORDED = HERE / "recorded"

# Takes yosys' place: notes what it is asked for, and leaves what the test wants.
FAKE_YOSYS = """
import json, pathlib, sys, time
passes = json.load(sys.stdin)["passes"]
folder = pathlib.Path(__file__).parent
top = next(one[one.index("-top") + 1] for one in passes if "-top" in one)
with open(folder / "calls", "a") as calls:
    calls.write(top + "\\n")
print("synthesizing", top, flush=True)
answer = json.loads((folder / "answers.json").read_text())[top]
if answer == "hang":
    time.sleep(100)
if answer == "fail":
    sys.exit("ERROR: syntax error, unexpected TOK_ID")
if answer != "nothing":
    pathlib.Path(next(one[one.index("-o") + 1] for one in passes if "-o" in one)).write_text(answer)
"""

# Takes nextpnr's place.
FAKE_NEXTPNR = """#!{python}
import pathlib, subprocess, sys, time
folder = pathlib.Path(__file__).parent
with open(folder / "calls", "a") as calls:
    calls.write(" ".join(sys.argv[1:]) + "\\n")
print("Info: Routing 3 arcs.", flush=True)
behaviour = (folder / "behaviour").read_text()
if behaviour == "hang":
    child = subprocess.Popen(["sleep", "100"])
    (folder / "child").write_text(str(child.pid))
    time.sleep(100)
if behaviour == "fail":
    sys.exit("ERROR: Unable to place cell 'conv0.window', no BELs remaining to implement cell type 'TRELLIS_FF'")
print("Info:          3 |        0          3 |    0     3 |         0|       0.27       0.27|")
if behaviour != "nothing":
    pathlib.Path(sys.argv[sys.argv.index("--report") + 1]).write_text(behaviour)
"""


@pytest.fixture
def rtl(tmp_path: Path) -> Path:
    """Return a folder of the test's own, as a generator leaves it."""
    return Path(shutil.copytree(HERE / "example", tmp_path / "model" / "rtl"))


def statistics(module: str, kernel: str | None = None, **cells: int) -> str:
    """Return what `stat -json` writes of a module with `cells`, and a kernel of one LUT6."""
    modules = {"\\" + module: dict(cells)}
    if kernel:
        modules["\\" + module][kernel] = 1
        modules["\\" + kernel] = {"LUT6": 1}
    return json.dumps(
        {
            "modules": {
                name: {
                    "num_cells": sum(counts.values()) - (kernel in counts),
                    "num_submodules": int(kernel in counts),
                    "num_cells_by_type": counts,
                }
                for name, counts in modules.items()
            }
        }
    )


LAYERS = {"dtscnn_conv0": 1, "dtscnn_dense0": 1, "dtscnn_result": 1}
ANSWERS = {
    "dtscnn_conv0": statistics("dtscnn_conv0", "dtscnn_conv0_kernel", LUT4=10, FDRE=3),
    "dtscnn_dense0": statistics("dtscnn_dense0", LUT2=20, RAMB18E1=3, DSP48E1=1),
    "dtscnn_result": statistics("dtscnn_result", LUT3=5),
    "dtscnn_core": statistics("dtscnn_core", RAM32M=2, **LAYERS),
}


class FakeTool:
    """A program in a tool's place. calls: what it was asked for, one line each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def calls(self) -> list[str]:
        """Return the calls so far."""
        noted = self.folder / "calls"
        return noted.read_text().splitlines() if noted.exists() else []

    def answer(self, **answers: str) -> None:
        """Change what the fake yosys leaves, by module."""
        (self.folder / "answers.json").write_text(json.dumps(ANSWERS | answers))

    def behave(self, behaviour: str) -> None:
        """Change what the fake nextpnr does: fail, hang, nothing, or the report's text."""
        (self.folder / "behaviour").write_text(behaviour)


@pytest.fixture
def fake_yosys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTool:
    """Put a program in yosys' place."""
    folder = tmp_path / "fake_yosys"
    folder.mkdir()
    (folder / "worker.py").write_text(FAKE_YOSYS)
    monkeypatch.setattr(yosys, "_WORKER", folder / "worker.py")
    tool = FakeTool(folder)
    tool.answer()
    return tool


@pytest.fixture
def fake_nextpnr(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTool:
    """Put a program in nextpnr's place."""
    folder = tmp_path / "fake_nextpnr"
    folder.mkdir()
    program = folder / "nextpnr"
    program.write_text(FAKE_NEXTPNR.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv(ecp5.VARIABLE, str(program))
    tool = FakeTool(folder)
    tool.behave((RECORDED / "nextpnr_report.json").read_text())
    return tool


def is_running(pid: int) -> bool:
    """Say whether the process runs; one that nobody has waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    """Wait for what the operating system does in its own time, such as ending a killed process."""
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.02)
    return condition()
