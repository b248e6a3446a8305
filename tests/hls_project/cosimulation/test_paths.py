"""A path that Verilator and make break at is refused before anything is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.cosimulation import verilate
from hls_project.cosimulation.verilate import Verilator

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("name", ["a b", "a[b]", "a$b", "a'b", "a#b", "a:b"])
def test_it_is_refused_at_once(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Verilator and make take no such path; move it"):
        Verilator.find(Compiler.from_environment(), build=tmp_path / name / "build")


def test_so_is_a_clone_or_a_verilator_at_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = Compiler.from_environment()
    program = tmp_path / "a b" / "verilator"
    program.parent.mkdir()
    program.write_text("")
    program.chmod(0o755)
    with monkeypatch.context() as patched:
        patched.setenv("VERILATOR", str(program))
        with pytest.raises(ConfigurationError, match="a b/verilator' has ' ' in it"):
            Verilator.find(compiler, build=tmp_path)
    monkeypatch.setattr(verilate, "__file__", str(tmp_path / "my clone" / "verilate.py"))
    with pytest.raises(ConfigurationError, match="my clone' has ' ' in it.*move it: the clone"):
        Verilator.find(compiler, build=tmp_path)


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
