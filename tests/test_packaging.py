"""What is installed: package data in the wheel, light extras, light imports, and a README that names real targets."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def test_csim_asks_for_no_torch_and_the_board_for_pynq_alone() -> None:
    assert not {"torch", "brevitas", "lightning"} & set(EXTRAS["csim"])
    assert EXTRAS["board"] == ["pynq"]


def test_every_requirement_is_pinned() -> None:
    pins = dict(
        line.split("==") for line in (ROOT / "constraints.txt").read_text().splitlines() if "==" in line
    )
    assert {name for extra in EXTRAS.values() for name in extra} | {"numpy"} <= pins.keys()


@pytest.mark.parametrize(
    ("modules", "absent"),
    [
        ("hls_project.command.csim, hls_project.qonnx, hls_project.targets.hls.convert", "torch"),
        ("quant_train.data, dt_scnn.zoo, dt_scnn.onnx_functions", "torch"),
        ("quant_train.__main__", "hls4ml"),
        ("hls_project.__main__", "hls4ml"),
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


def test_the_wheel_holds_sources_test_benches_and_zoo(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    for part in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, source)
    for package in ("dt_scnn", "quant_train", "hls_project", "board"):
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (wheel,) = source.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    data = {".h", ".cpp", ".sv", ".tcl", ".onnx", ".npz", ".json", ".toml"}
    wanted = {
        str(path.relative_to(ROOT))
        for package in ("dt_scnn", "quant_train", "hls_project", "board")
        for path in (ROOT / package).rglob("*")
        if path.suffix in data | {".py"}
    }
    for known in ("nnet_spiking_conv2d.h", "dt_window.sv", "cosim_main.cpp", "cosim.tcl", "dtscnn_shell.sv"):
        assert any(name.endswith(known) for name in wanted), known
    assert wanted <= packed
