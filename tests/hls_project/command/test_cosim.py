"""The verb `cosim`: which target it takes, and what a stall and a missing tool look like."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ToolNotFoundError
from hls_project.cosimulation.simulate import fifo_fills, stall_table
from hls_project.cosimulation.verilate import Verilator
from tests import models
from tests.hls_project.cosimulation.vitis.conftest import install


def cosim(build: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "hls_project", "cosim", "mnist", "--build", str(build), *arguments]
    return subprocess.run(call, capture_output=True, text=True, check=False, env={**os.environ, **variables})


def test_hls_is_taken_where_vitis_is_found_and_gives_the_same_report(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", "vitis-run")
    (tmp_path / "bin" / "behaviour").write_text("succeed")
    done = cosim(tmp_path / "build", VITIS_HLS=program)
    assert done.returncode == 0, done.stderr
    assert "target hls: Vitis HLS was found" in done.stdout and "exact: 10 images" in done.stdout
    report = json.loads((tmp_path / "build" / "mnist" / "reports" / "cosim.json").read_text())
    assert report["target"] == "hls" and report["exact_images"]["value"] == 10
    assert report["cycles_per_image"]["value"] == 841 and report["first_result"]["value"] == 853


def test_a_model_of_ones_own_has_the_images_of_its_sample(tmp_path: Path) -> None:
    """Fewer than the ten that this slow simulator takes of a larger one, and no data set behind them."""
    program = install(tmp_path / "bin", "vitis-run")
    (tmp_path / "bin" / "behaviour").write_text("succeed")
    onnx.save(models.build("3C3-P2-FC4", (8, 8, 1)), tmp_path / "mine.onnx")
    np.savez(tmp_path / "sample.npz", images=models.images((8, 8, 1), 6))
    call = [sys.executable, "-m", "hls_project", "cosim", str(tmp_path / "mine.onnx"), "--target", "hls"]
    done = subprocess.run(
        [*call, "--build", str(tmp_path / "build")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "VITIS_HLS": program},
    )
    assert done.returncode == 0 and "exact: 6 images" in done.stdout, done.stderr


def test_a_failing_vitis_is_an_error_and_leaves_no_report(tmp_path: Path) -> None:
    program = install(tmp_path / "bin", "vitis-run")
    (tmp_path / "bin" / "behaviour").write_text("fail")
    done = cosim(tmp_path / "build", "--target", "hls", VITIS_HLS=program)
    assert done.returncode == 1 and done.stderr.startswith("error: ")
    assert not (tmp_path / "build" / "mnist" / "reports" / "cosim.json").exists()


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        (["--target", "vhdl"], {}, "the target is rtl or hls, not 'vhdl'"),
        (["--target", "hls"], {"PATH": "/nowhere", "VITIS_HLS": ""}, "vitis-run"),
        (["--target", "rtl"], {"VERILATOR": "/nowhere/verilator"}, "VERILATOR"),
        (["--target", "rtl", "--plan", "/nowhere.json"], {}, "/nowhere.json: the plan cannot be read"),
        (["--fps", "1e9"], {}, "no fold reaches 1,000,000,000 images/s"),
    ],
)
def test_bad_calls_are_named(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], message: str
) -> None:
    done = cosim(tmp_path / "build", *arguments, **variables)
    assert done.returncode == 1 and message in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


def test_missing_perl_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolNotFoundError, match="perl"):
        Verilator.find(Compiler())


def test_a_stall_shows_every_fifo_and_handshake() -> None:
    lines = [
        "dtscnn fifo TOP.dtscnn_shell.core.conv0.fifo depth 32 fill 32 highest 32 room 0 valid 1 ready 0",
        "dtscnn fifo TOP.dtscnn_shell.core.conv1.fifo depth 16 fill 0 highest 4 room 1 valid 0 ready 1",
        "dtscnn window TOP.dtscnn_shell.core.conv1.window valid 1 ready 0 room 1 pixel 7 row 0 column 3",
    ]
    assert [(fifo.name, fifo.depth, fifo.highest) for fifo in fifo_fills(lines)] == [
        ("conv0", 32, 32),
        ("conv1", 16, 4),
    ]
    table = stall_table(lines)
    assert re.fullmatch(r"conv0 +32 +32 +32 +0 +1 +0", table[1])
    assert table[3] == "conv1 window: valid 1 ready 0 room 1 pixel 7 row 0 column 3"
