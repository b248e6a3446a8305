"""The front door: what is misspelt is refused, what is missing is said before anything is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def make(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    # `make test` hands its own flags and variables down.
    mine = (
        "MAKEFLAGS",
        "MFLAGS",
        "MAKELEVEL",
        "MAKEOVERRIDES",
        "MODEL",
        "NAME",
        "HOST",
        "DATA",
        "TRAIN",
        "BOARD",
    )
    environment = {name: value for name, value in os.environ.items() if name not in mine}
    return subprocess.run(
        ["make", *words], cwd=folder, capture_output=True, text=True, check=False, env=environment
    )


@pytest.mark.parametrize("word", ["model=cifar-10", "Model=cifar-10", "BORD=zcu104", "n=3"])
def test_a_variable_that_is_misspelt_is_refused(word: str) -> None:
    done = make("-n", "csim", word)
    assert done.returncode == 2 and f"{word.partition('=')[0]}= is not known" in done.stderr
    assert "MODEL" in done.stderr and not done.stdout


@pytest.mark.parametrize(
    "word", ["MODEL=a b", "N=3", "DTSCNN_DATA=x", "PIP_INDEX_URL=y", "CXX=clang++", "DATA=mnist"]
)
def test_variables_that_are_known_are_taken(word: str) -> None:
    assert make("-n", "-j2", "csim", word).returncode == 0


@pytest.mark.parametrize("verb", ["deploy", "board-report"])
def test_what_needs_a_board_says_so_first(verb: str, tmp_path: Path) -> None:
    done = make(verb, f"VENV={tmp_path}/venv")
    assert done.returncode == 2 and f"error: say which board: make {verb} HOST=" in done.stderr
    assert "overlay" not in done.stderr and not done.stdout and not list(tmp_path.iterdir())


@pytest.mark.parametrize("verb", ["package", "deploy", "download"])
def test_verbs_that_need_no_torch_do_not_install_it(verb: str, tmp_path: Path) -> None:
    shown = make("-n", verb, "HOST=board", f"VENV={tmp_path}/venv").stdout
    assert "'.[csim]'" in shown and shown.count("-e '.[") == 1


@pytest.mark.parametrize(
    ("words", "model"),
    [(("NAME=train",), "digits"), (("NAME=train", "MODEL=mnist"), '"$MODEL"'), ((), '"$MODEL"')],
)
def test_the_training_notebook_trains_what_is_asked_for(words: tuple[str, ...], model: str) -> None:
    assert f"notebook {model} " in make("-n", "notebook", *words).stdout


@pytest.mark.parametrize(
    "verb",
    [
        "train",
        "evaluate",
        "csim",
        "dataflow",
        "cosim",
        "simulate-board",
        "notebook",
        "bitstream",
        "compare",
        "report",
    ],
)
def test_every_verb_that_reads_data_takes_them(verb: str) -> None:
    assert '--data "$DATA"' in make("-n", verb, "DATA=my pictures").stdout


def test_download_takes_the_name_of_its_data() -> None:
    assert 'download "${DATA:-mnist}"' in make("-n", "download", "DATA=cifar-10").stdout


def test_help_fits_80_columns() -> None:
    assert max(map(len, make("help").stdout.splitlines())) <= 80


def test_clean_says_what_it_does_and_does_it(tmp_path: Path) -> None:
    for part in ("Makefile", "dt_scnn"):
        (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, tmp_path / part)
    checkpoint = tmp_path / "build" / "mnist" / "train" / "checkpoints" / "last.ckpt"
    checkpoint.parent.mkdir(parents=True)
    checkpoint.write_text("hours")
    (tmp_path / "build" / "mnist" / "reports").mkdir()
    done = make("clean", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "kept: work/mnist/train\n")
    assert not (tmp_path / "build").exists()
    assert (tmp_path / "work" / "mnist" / "train" / "checkpoints" / "last.ckpt").read_text() == "hours"


def test_two_runs_at_once_install_once(tmp_path: Path) -> None:
    if shutil.which("flock") is None:
        pytest.skip("there is no flock (util-linux)")
    for part in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / part, tmp_path)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\ncase "$*" in *pip*) sleep 1; echo installed >> log;; esac\n')
    python.chmod(0o755)
    runs = [subprocess.Popen(["make", "csim"], cwd=tmp_path, stdout=subprocess.DEVNULL) for _ in range(2)]
    assert [run.wait(60) for run in runs] == [0, 0]
    assert (tmp_path / "log").read_text() == "installed\n"


def test_lint_finds_the_c_sources_without_git(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for folder in ("dt_scnn", "quant_train", "hls_project", "board", "tests"):
        (tmp_path / folder).mkdir()
    (tmp_path / "hls_project" / "kernel.h").write_text("int   x;\n")
    (tmp_path / "board" / "b.cpp").write_text("")
    for name in ("pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text("")
    tools = tmp_path / ".venv" / "bin"
    tools.mkdir(parents=True)
    for name in ("python", "ruff", "mypy", "clang-format"):
        (tools / name).write_text('#!/bin/sh\necho "$(basename "$0") $*"\n')
        (tools / name).chmod(0o755)
    done = make("lint", folder=tmp_path)
    checked = next(line for line in done.stdout.splitlines() if line.startswith("clang-format"))
    assert done.returncode == 0 and set(checked.split()[3:]) == {"hls_project/kernel.h", "board/b.cpp"}
