"""The wheel: it holds every file of the packages, and works alone, outside the repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests import models

ROOT = Path(__file__).parents[1]
PACKAGES = ("dt_scnn", "dt_scnn_console", "quant_train", "hls_project", "board")
SPEC, SHAPE = "3C3-P2-FC4", (8, 8, 1)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    source = tmp_path_factory.mktemp("source")
    for part in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / part, source)
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__"))
    build = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True)
    (made,) = source.glob("*.whl")
    return made


def test_it_holds_every_file_of_the_packages_and_no_other(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
        scripts = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert b"dt-scnn = dt_scnn_console.__main__:app" in archive.read(scripts)
    wanted = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    for known in ("nnet_spiking_conv2d.h", "dtscnn_shell.sv", "mnist/sample.npz", "3_classify.ipynb"):
        assert any(name.endswith(known) for name in wanted), known
    assert packed == wanted


@pytest.mark.slow
def test_csim_is_exact_in_a_fresh_environment_outside_the_repository(wheel: Path, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    home = tmp_path / "environment"
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    call = [home / "bin" / "pip", "install", "--quiet", "--retries", "1", f"{wheel}[csim]"]
    installed = subprocess.run(call, capture_output=True, text=True, env=environment, check=False)
    if "No matching distribution" in installed.stderr or "connection" in installed.stderr.lower():
        pytest.skip("no package index is reachable")
    assert installed.returncode == 0, installed.stderr
    onnx.save(models.build(SPEC, SHAPE), tmp_path / "mine.onnx")
    np.savez(tmp_path / "sample.npz", images=models.images(SHAPE, 6))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [home / "bin" / "dt-scnn", *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    done = run("csim", "mine.onnx")
    assert done.returncode == 0, done.stderr
    assert "exact: 6 of 6 images, every score" in done.stdout
    assert (tmp_path / "build" / "mine" / "reports" / "csim.json").is_file()
    for verb, extra in (("train", "train"), ("cosim", "rtl")):
        missing = run(verb, "digits" if verb == "train" else "mine.onnx")
        assert missing.returncode == 1 and f"pip install 'dt-scnn[{extra}]'" in missing.stderr
    driver = "from pathlib import Path; from hls_project.overlay.package import build_wheel; print(build_wheel(Path('.')).name)"
    made = subprocess.run(
        [home / "bin" / "python", "-c", driver], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert made.stdout == "dt_scnn_board-0.1.0-py3-none-any.whl\n", made.stderr
