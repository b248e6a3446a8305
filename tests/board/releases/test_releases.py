"""The driver on pynq's own code of each image, and on each image's Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.board.instant import overlay
from tests.board.releases.sources import RELEASES, fetch, interpreter

ROOT = Path(__file__).parents[3]
IMAGES = [("2.7.0", "3.8"), ("3.0.1", "3.10"), ("3.1.1", "3.10")]


def exercise(release: Path, python: str, folder: Path) -> str:
    """Run `exercise.py`; return what it says at its end."""
    done = subprocess.run(
        [python, "-W", "ignore", "-m", "tests.board.releases.exercise", str(folder)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{release}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


@pytest.mark.slow
@pytest.mark.parametrize("release", RELEASES)
def test_the_driver_works_with_each_release_of_pynq(release: str, cache: Path, tmp_path: Path) -> None:
    overlay(tmp_path)
    sources = fetch(release, cache)
    said = exercise(sources, sys.executable, tmp_path)
    assert said.split()[:3] == ["exercised", release, str(sources / "pynq" / "__init__.py")]


@pytest.mark.slow
@pytest.mark.parametrize(("release", "version"), IMAGES, ids=[f"image {release}" for release, _ in IMAGES])
def test_the_driver_works_in_the_python_of_each_image(
    release: str, version: str, cache: Path, tmp_path: Path
) -> None:
    overlay(tmp_path)
    said = exercise(fetch(release, cache), str(interpreter(version, cache)), tmp_path)
    assert said.split()[1] == release and said.split()[-2:] == version.split(".")
