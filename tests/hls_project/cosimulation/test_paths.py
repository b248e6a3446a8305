"""A path that Verilator and make break at is refused before anything is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.cosimulation.verilate import Verilator

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["a b", "a[b]", "a$b", "a'b", "a#b", "a:b"])
def test_it_is_refused_at_once(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Verilator and make take no such path; move it"):
        Verilator.find(Compiler.from_environment(), build=tmp_path / name / "build")


@pytest.mark.parametrize("name", ["build", "über-1_2.3", "a+b,c@d"])
def test_others_are_taken(name: str, tmp_path: Path) -> None:
    Verilator.find(Compiler.from_environment(), build=tmp_path / name)


def test_the_verb_says_so_and_has_made_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "a b [c]"
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "hls_project", "cosim", "mnist", "--target", "rtl", "-n", "1"],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PATH": str(Path(sys.executable).parent) + ":/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "error: " in done.stderr and "Traceback" not in done.stderr
    assert "a b [c]" in done.stdout or "a b [c]" in done.stderr
    assert not (folder / "build" / "mnist" / "rtl").exists()
