"""A clone's first command with every Python that is supported and found here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import onnx
import pytest

from tests import models

ROOT = Path(__file__).parents[1]
SPEC, SHAPE, IMAGES = "4C3-P2-FC4", (8, 8, 1), 10
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSIONS = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["classifiers"]))


def interpreter(version: str) -> str | None:
    """Return a program that is Python `version`: of the search path, else of pyenv; None if there is none."""
    installed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for program in (shutil.which(f"python{version}"), *installed.glob(f"{version}.*/bin/python")):
        if program is not None:
            code = "import ensurepip, sys; print('%d.%d' % sys.version_info[:2])"
            answer = subprocess.run([program, "-c", code], capture_output=True, text=True, check=False)
            if answer.stdout.strip() == version:
                return str(program)
    return None


def test_the_oldest_is_the_one_that_is_required() -> None:
    assert PROJECT["requires-python"] == f">={VERSIONS[0]}" and len(VERSIONS) == 3
    assert f"sys.version_info < ({VERSIONS[0].replace('.', ', ')})" in (ROOT / "Makefile").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("version", VERSIONS)
def test_make_csim_in_a_fresh_clone(version: str, tmp_path: Path) -> None:
    program = interpreter(version)
    if program is None:
        pytest.skip(f"there is no Python {version} here")
    clone = tmp_path / "clone"
    kept = {path.name for path in ROOT.iterdir()} - {
        *("dt_scnn", "dt_scnn_console", "quant_train", "hls_project", "board"),
        *("Makefile", "pyproject.toml", "constraints.txt", "README.md", "LICENSE"),
    }
    shutil.copytree(
        ROOT, clone, ignore=lambda folder, names: kept if Path(folder) == ROOT else {"__pycache__"}
    )
    onnx.save(models.build(SPEC, SHAPE, seed=1, thresholds="ties"), clone / "small.onnx")
    np.savez(clone / "sample.npz", images=models.images(SHAPE, IMAGES))
    hidden = ("MAKE", "MFLAGS", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    done = subprocess.run(
        ["make", "csim", "MODEL=small.onnx", f"PYTHON={program}"],
        cwd=clone,
        env={name: value for name, value in os.environ.items() if not name.startswith(hidden)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"exact: {IMAGES} of {IMAGES} images, every score" in done.stdout
    assert done.stdout.endswith("next: make cosim MODEL=small.onnx\n")
