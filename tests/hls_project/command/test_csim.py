"""The command line on good and bad input: messages, exit statuses, and nothing half-written."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests import models
from tests.hls_project.c_simulation.conftest import IMAGES, SHAPE, SPEC

ROOT = Path(__file__).parents[3]
WITH_MODULES = """
import atexit, sys
heavy = ("hls4ml", "onnx", "onnxruntime", "qonnx", "scipy", "torch")
atexit.register(lambda: print("loaded:", [name for name in heavy if name in sys.modules]))
from hls_project.__main__ import app
app()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    onnx.save(models.build(SPEC, SHAPE, seed=1, thresholds="ties"), tmp_path / "small.onnx")
    np.savez(tmp_path / "sample.npz", images=models.images(SHAPE, IMAGES), labels=np.zeros(IMAGES, np.int64))
    return tmp_path


def start(folder: Path, *arguments: str, limit: int | None = None, **variables: str) -> subprocess.Popen[str]:
    def limit_files() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    if limit is not None:
        variables["PYTHONDONTWRITEBYTECODE"] = "1"  # or modules of the environment are kept cut off
    return subprocess.Popen(
        [sys.executable, "-m", "hls_project", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), **variables},
        preexec_fn=limit_files,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(folder: Path, *arguments: str, limit: int | None = None, **variables: str) -> tuple[int, str, str]:
    process = start(folder, *arguments, limit=limit, **variables)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def partials(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if "partial" in path.name]


def test_a_good_model_passes_and_says_so(folder: Path) -> None:
    status, out, err = run(folder, "csim", "small.onnx")
    assert (status, err) == (0, "")
    assert f"exact: {IMAGES} of {IMAGES} images, every score" in out
    assert "fold: kernels x inputs x pixels at once; see docs/plans.md" in out
    tables = out.partition(": layers\n")[2].partition("exact:")[0].splitlines()
    assert len(tables) > 15 and max(map(len, tables)) <= 80
    assert (folder / "build" / "small" / "reports" / "csim.json").is_file()
    again = subprocess.run(
        [sys.executable, "-c", WITH_MODULES, "csim", "small.onnx"],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    *lines, loaded = again.stdout.splitlines()
    assert (
        f"exact: {IMAGES} of {IMAGES} images, every score" in again.stdout and "saved before" in again.stdout
    )
    assert loaded == "loaded: []", "a run that finds all current takes no library for what it does not do"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["csim", "nothing.onnx"], "there is no such QONNX file"),
        (["csim", "no-such-model"], "there is no model 'no-such-model': the zoo has"),
        (["csim", "../../etc"], "there is no model"),
        (["csim", "small.onnx", "-n", "500"], "does not name its data set"),
        (["csim", "small.onnx", "-n", "500"], f"its sample has {IMAGES} images, 500 are asked for"),
        (["csim", "small.onnx", "--fps", "1e9"], "no fold reaches 1,000,000,000 images/s"),
        (["csim", "small.onnx", "--fps", "-3"], "FPS is a number of images/s above 0"),
        (["csim", "small.onnx", "--budget", "0%"], "the nearest is BUDGET=1%"),
        (["csim", "small.onnx", "--board", "pynq-z3"], "did you mean pynq-z2?"),
        (
            ["csim", "small.onnx", "--part", "xc7z021"],
            "unknown part 'xc7z021'; did you mean xc7z020clg400-1?",
        ),
        (["csim", "small.onnx", "--plan", "no.json"], "no.json: the plan cannot be read"),
    ],
)
def test_bad_arguments_get_a_message(folder: Path, arguments: list[str], message: str) -> None:
    status, _, err = run(folder, *arguments)
    assert status == 1
    assert err.startswith("error: ")
    assert message in err
    assert "Traceback" not in err
    assert partials(folder) == []
    assert not (folder / "build" / "small" / "hls").exists()


def test_a_missing_compiler_is_named(folder: Path) -> None:
    status, _, err = run(folder, "csim", "small.onnx", CXX="no-such-compiler")
    assert status == 1
    assert "no-such-compiler was not found" in err
    assert "CXX" in err


def test_a_failing_compiler_is_quoted(folder: Path) -> None:
    compiler = folder / "broken-g++"
    compiler.write_text("#!/bin/sh\necho 'fatal: out of paper' >&2\nexit 3\n")
    compiler.chmod(0o755)
    status, _, err = run(folder, "csim", "small.onnx", CXX=str(compiler))
    assert status == 1
    assert "failed with status 3" in err
    assert "out of paper" in err
    assert "compile.log" in err
    assert run(folder, "csim", "small.onnx")[0] == 0


@pytest.mark.parametrize("verb", ["csim", "cosim"])
def test_a_program_that_compiles_nothing_is_named(folder: Path, verb: str) -> None:
    status, _, err = run(folder, verb, "small.onnx", CXX="true")
    assert status == 1
    assert "true ended without an error and made no " in err
    assert "it is no C++ compiler; set CXX to g++" in err


def test_a_program_that_compiles_nothing_leaves_no_earlier_one_in_place(folder: Path) -> None:
    for options in ((), ("--dataflow",)):
        assert run(folder, "csim", "small.onnx", *options)[0] == 0
        status, _, err = run(folder, "csim", "small.onnx", *options, CXX="true")
        assert status == 1 and "true ended without an error and made no " in err


def test_a_truncated_sample_is_refused(folder: Path) -> None:
    sample = folder / "sample.npz"
    sample.write_bytes(sample.read_bytes()[:300])
    status, _, err = run(folder, "csim", "small.onnx")
    assert status == 1
    assert "sample.npz: damaged, or no .npz archive" in err and "a sample of images is needed" in err


@pytest.mark.parametrize(
    "limit", [*(pytest.param(limit, marks=pytest.mark.slow) for limit in (300, 60_000)), 3_000]
)
def test_a_full_disk_leaves_nothing_half_written(folder: Path, limit: int) -> None:
    """Writing fails at the model's copy, in the project, or later; then, with room again, all is well."""
    status, _, err = run(folder, "csim", "small.onnx", limit=limit)
    assert status == 1
    assert err.startswith("error: ")
    assert "Traceback" not in err
    assert partials(folder) == []
    status, out, err = run(folder, "csim", "small.onnx")
    assert (status, err) == (0, "")
    assert f"exact: {IMAGES} of {IMAGES}" in out


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["convert:", "golden scores:"])
def test_an_interruption_keeps_finished_stages_only(folder: Path, stage: str) -> None:
    # What is to be interrupted takes its time: nothing is compiled already.
    process = start(folder, "csim", "small.onnx", PYTHONUNBUFFERED="1", CCACHE_DISABLE="1")
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(stage):
            break
    time.sleep(0.2)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "interrupted" in err
    assert partials(folder) == []
    assert run(folder, "csim", "small.onnx")[0] == 0


@pytest.mark.parametrize("arguments", [[], ["-n", "5"]])
def test_a_file_that_is_not_onnx_is_refused(folder: Path, arguments: list[str]) -> None:
    (folder / "junk.onnx").write_bytes(bytes(range(256)) * 8)
    status, _, err = run(folder, "csim", "junk.onnx", *arguments)
    assert status == 1
    assert "not an ONNX file, or truncated" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.zeros((0, *SHAPE), np.uint8), None, "images must be uint8 (N, H, W, C), N > 0"),
        (np.zeros((3, *SHAPE), np.float32), None, "not float32"),
        (np.zeros(SHAPE, np.uint8), None, "images must be uint8 (N, H, W, C)"),
        (np.zeros((3, *SHAPE), np.uint8), np.zeros(2, np.int64), "labels must be (3,)"),
    ],
)
def test_a_sample_of_something_else_is_refused(
    folder: Path, images: object, labels: object, message: str
) -> None:
    np.savez(folder / "sample.npz", images=images, **({} if labels is None else {"labels": labels}))
    status, _, err = run(folder, "csim", "small.onnx")
    assert status == 1
    assert err.startswith("error: ")
    assert message in err


def test_a_network_that_never_fires_is_refused(folder: Path) -> None:
    onnx.save(models.build("FC5", SHAPE), folder / "small.onnx")
    status, _, err = run(folder, "csim", "small.onnx")
    assert status == 1
    assert "no layer that fires" in err
