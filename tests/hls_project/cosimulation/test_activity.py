"""Switching activity of real images, as Verilator records it."""

from __future__ import annotations

import re
from pathlib import Path

import onnx
import pytest

from dt_scnn.compiler import Compiler
from hls_project.cosimulation.cosim_verdict import cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.parity import activity
from hls_project.parity.activity import Activity
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace
from tests import models

SHAPE = (6, 6, 1)


@pytest.mark.slow
def test_the_activity_is_of_the_images_at_the_designs_clock(tmp_path: Path) -> None:
    workspace = Workspace("small", tmp_path / "small", None)
    workspace.folder.mkdir()
    onnx.save(models.build("2C3-P2-FC3", SHAPE), workspace.model)
    verilator = Verilator.find(Compiler.from_environment(), activity=True)
    report = cosim(workspace, models.images(SHAPE, 5), None, RtlOptions(clock_period=8.0), verilator)
    assert report.difference is None and report.exact == 5
    folder = workspace.folder / "cosim"
    recorded = Activity.load(folder)
    assert recorded == Activity(core.build_id(workspace.rtl), 5, 125.0) and recorded.period_ps == 8000
    placed = activity.place(folder / activity.FILE, "dtscnn_shell", ("top", "shell"))
    assert re.search(r"\(TIMESCALE 1 ?ps\)", placed) and placed.count("(") == placed.count(")")
    duration = int(re.search(r"\(DURATION (\d+)\)", placed)[1])
    clock = re.search(r"\(aclk \(T0 (\d+)\) \(T1 (\d+)\).*\(TC (\d+)\)\)", placed)
    low, high, toggles = (int(number) for number in clock.groups())
    assert low + high == duration and abs(toggles - 2 * duration / 8000) <= 2
    # Frames 5 of 9 words, and signals of the core below the shell.
    words = re.search(r"\(s_axis_tlast .*\(TC (\d+)\)\)", placed)
    assert 0 < int(words[1]) <= 10
    places = [placed.index(f"(INSTANCE {name}\n") for name in ("top", "shell", "core", "conv0")]
    assert places == sorted(places)
