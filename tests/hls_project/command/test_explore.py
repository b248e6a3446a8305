"""The verb `explore`, and that every verb takes the plan that it saved."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests import models
from tests.hls_project.c_simulation.conftest import IMAGES, SHAPE, SPEC
from tests.hls_project.command.test_csim import partials, run, start

__all__ = ["folder"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    onnx.save(models.build(SPEC, SHAPE, seed=1, thresholds="ties"), tmp_path / "small.onnx")
    onnx.save(models.build(SPEC, SHAPE, seed=2, thresholds="ties"), tmp_path / "other.onnx")
    np.savez(tmp_path / "sample.npz", images=models.images(SHAPE, IMAGES), labels=np.zeros(IMAGES, np.int64))
    return tmp_path


def test_a_plan_a_table_a_report_and_two_pictures(folder: Path) -> None:
    status, out, err = run(folder, "explore", "small.onnx", "--board", "pynq-z1", "--budget", "50%")
    assert (status, err) == (0, "")
    workspace = folder / "build" / "small"
    plan = json.loads((workspace / "plan.json").read_text())
    assert (plan["board"], plan["part"], plan["clock_mhz"]) == ("pynq-z1", "xc7z020clg400-1", 100.0)
    report = json.loads((workspace / "reports" / "explore.json").read_text())
    assert report["plan"] == plan and report["fits"] is True and report["synthesized"] == []
    assert report["front"]["lut"] and report["front"]["bram"]
    assert report["solver_seconds"]["value"] < 10
    for name in ("explore.png", "explore.svg"):
        assert (workspace / "reports" / name).stat().st_size > 5000
    table = [
        line for line in out.splitlines() if line.startswith(("conv", "dense", "total", "part", "share"))
    ]
    assert [line.split()[0] for line in table[:-3]] == list(plan["folds"])
    assert all(len(line) <= 80 for line in table)
    assert partials(folder) == []


def test_csim_takes_the_saved_plan_and_says_so(folder: Path) -> None:
    assert run(folder, "explore", "small.onnx", "--fps", "10")[0] == 0
    plan = (folder / "build" / "small" / "plan.json").read_text()
    status, out, _ = run(folder, "csim", "small.onnx")
    assert status == 0 and "plan: build/small/plan.json, saved before, for pynq-z2 at 100 MHz" in out
    assert f"exact: {IMAGES} of {IMAGES}" in out
    assert (folder / "build" / "small" / "plan.json").read_text() == plan
    status, out, _ = run(folder, "csim", "small.onnx", "--fps", "max")
    assert status == 0 and "made now (the saved one was for 10 images/s within" in out


@pytest.mark.slow
def test_the_plan_of_another_network_is_refused(folder: Path) -> None:
    assert run(folder, "explore", "other.onnx")[0] == 0
    status, _, err = run(folder, "csim", "small.onnx", "--plan", "build/other/plan.json")
    assert status == 1 and err.startswith("error: build/other/plan.json is a plan of 'other' (model ")
    assert "not of 'small' (model " in err and "make explore MODEL=small" in err
    assert not (folder / "build" / "small" / "plan.json").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--fps", "1e9"], "no fold reaches 1,000,000,000 images/s"),
        (["--budget", "0.001%"], "does not fit xc7z020clg400-1 (pynq-z2) within 0.001 %: it takes "),
        (["--scheduler", "tcp://127.0.0.1:9"], "say how many points: SYNTHESIZE=3"),
        (["--synthesize", "1", "--scheduler", "nowhere"], "SCHEDULER is the address of a Dask scheduler"),
        (["--board", "zcu1O4"], "did you mean zcu104?"),
        (["--board", "zcu104", "--part", "xc7z020"], "give BOARD=zcu104 or the part xc7z020, not both"),
    ],
)
def test_bad_calls_get_one_message_and_leave_no_report(
    folder: Path, arguments: list[str], message: str
) -> None:
    status, _, err = run(folder, "explore", "small.onnx", *arguments)
    assert status == 1 and err.startswith("error: ") and message in err
    assert "Traceback" not in err and len(err.splitlines()) == 1
    assert not (folder / "build" / "small" / "reports").exists() and partials(folder) == []


@pytest.mark.slow
def test_points_are_synthesized_once(folder: Path) -> None:
    pytest.importorskip("pyosys")
    arguments = ("explore", "small.onnx", "--synthesize", "2", "--jobs", "2")
    status, out, err = run(folder, *arguments)
    assert (status, err) == (0, "")
    report = json.loads((folder / "build" / "small" / "reports" / "explore.json").read_text())
    assert 1 <= len(report["synthesized"]) <= 2
    assert all(point["yosys"]["lut"]["value"] > 0 for point in report["synthesized"])
    cells = {path: path.stat().st_mtime_ns for path in (folder / "build/small/explore/cells").iterdir()}
    assert run(folder, *arguments)[0] == 0
    assert cells == {path: path.stat().st_mtime_ns for path in cells}


@pytest.mark.slow
def test_an_interruption_ends_yosys_and_the_next_run_goes_on(folder: Path) -> None:
    pytest.importorskip("pyosys")
    arguments = ("explore", "small.onnx", "--synthesize", "2", "--jobs", "1")
    process = start(folder, *arguments, PYTHONUNBUFFERED="1")
    cells, deadline = folder / "build" / "small" / "explore" / "cells", time.monotonic() + 100
    while not (cells.is_dir() and any(cells.iterdir())):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130 and err.strip().splitlines()[-1].startswith("interrupted")
    assert "Traceback" not in err and partials(folder) == []
    assert not (folder / "build" / "small" / "reports").exists()
    kept = {path: path.stat().st_mtime_ns for path in cells.iterdir()}
    assert run(folder, *arguments)[0] == 0
    assert kept and all(path.stat().st_mtime_ns == made for path, made in kept.items())
