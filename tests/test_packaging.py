"""What is installed: package data in the wheel, light extras, light imports, and a README that names real targets."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]


def test_csim_asks_for_no_torch_and_the_board_for_pynq_alone() -> None:
    assert not {"torch", "brevitas", "lightning"} & set(EXTRAS["csim"])
    assert EXTRAS["board"] == ["pynq"]


def test_every_requirement_is_pinned() -> None:
    pins = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    wanted = {*PROJECT["dependencies"], *(name for extra in EXTRAS.values() for name in extra)}
    assert {name.partition(">=")[0] for name in wanted} <= pins.keys()


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("hls_project.command.csim, hls_project.qonnx, hls_project.targets.hls.convert", "torch"),
        ("quant_train.data, dt_scnn.zoo, dt_scnn.onnx_functions", "torch"),
        ("quant_train.__main__", "hls4ml"),
        ("hls_project.__main__", "hls4ml"),
        ("hls_project.command.csim", "scipy"),
        ("hls_project", "numpy"),
        ("board", "torch"),
    ],
)
def test_imports_stay_light(modules: str, absent: str) -> None:
    code = f"import {modules}, sys; sys.exit({absent!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_help_lists_every_target_and_the_readme_names_only_those() -> None:
    phony = re.search(r"^\.PHONY:(.*)$", (ROOT / "Makefile").read_text(), re.M)
    assert phony is not None
    targets = set(phony[1].split())
    shown = subprocess.run(["make", "help"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    assert targets == set(re.findall(r"^  make ([a-z-]+)", shown, re.M))
    commands = re.findall(r"(?:^|`)make ([a-z-]+)", (ROOT / "README.md").read_text(), re.M)
    assert {"csim", "test"} <= set(commands) <= targets
