"""`python -m hls_project bitstream` and `package`, as a user calls them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hls_project.command.overlay import timed_images
from tests.hls_project.overlay.conftest import Bench, install_vivado, write_model


def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "hls_project", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, **variables}
    )


def test_a_bitstream_is_made_and_packed(tmp_path: Path) -> None:
    model, build = str(write_model(tmp_path / "model")), str(tmp_path / "build")
    program = install_vivado(tmp_path / "tool")
    Bench(None, program.parent).behave("succeed")  # type: ignore[arg-type]
    done = call("bitstream", model, "--build", build, VIVADO=str(program))
    assert done.returncode == 0, done.stderr
    for text in (
        "synthesis:",
        "routing:",
        "6,120",
        "53,200",
        "clock 100 MHz, worst setup slack 1.234 ns",
        "overlay:",
    ):
        assert text in done.stdout
    packed = call("package", model, "--build", build)
    assert packed.returncode == 0 and "small-pynq-z2.tar.gz" in packed.stdout, packed.stderr


@pytest.mark.parametrize(
    ("arguments", "variables", "message"),
    [
        ([], {"PATH": "/nowhere", "VIVADO": ""}, "vivado was not found"),
        (["--board", "zedboard"], {}, "there is no board 'zedboard'"),
        (["--target", "vhdl"], {}, "the target is rtl or hls, not 'vhdl'"),
        (["--plan", "/nowhere.json"], {}, "/nowhere.json: the plan cannot be read"),
        (["--budget", "170%"], {}, "the nearest is BUDGET=100%"),
        (["--target", "hls"], {"VITIS_HLS": "/nowhere/vitis-run"}, "VITIS_HLS is /nowhere/vitis-run"),
    ],
)
def test_bad_calls_are_named(
    tmp_path: Path, arguments: list[str], variables: dict[str, str], message: str
) -> None:
    model = str(write_model(tmp_path / "model"))
    program = install_vivado(tmp_path / "tool")
    (program.parent / "behaviour").write_text("succeed")
    done = call(
        "bitstream",
        model,
        "--build",
        str(tmp_path / "b"),
        *arguments,
        **{"VIVADO": str(program), **variables},
    )
    assert done.returncode == 1 and message in done.stderr, done.stderr
    assert "Traceback" not in done.stderr and not (program.parent / "runs").exists()
    assert not (tmp_path / "b" / "small" / "overlay").exists()


def test_nothing_is_packed_without_an_overlay(tmp_path: Path) -> None:
    model = str(write_model(tmp_path / "model"))
    done = call("package", model, "--build", str(tmp_path / "b"))
    assert (
        done.returncode == 1
        and f"make the overlay first: dt-scnn bitstream {model} (make bitstream MODEL={model})" in done.stderr
    )


def test_a_deep_network_is_timed_on_fewer_images() -> None:
    assert [timed_images(seconds) for seconds in (1e-4, 0.02, 1.5, 60.0)] == [1000, 1000, 13, 2]
