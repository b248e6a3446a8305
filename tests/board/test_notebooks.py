"""Every notebook runs from top to bottom, as users run it, and holds no output in git."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import nbformat
import pytest

from board import notebooks
from dt_scnn.errors import ConfigurationError
from hls_project.command.notebook import NOTEBOOKS, main

FOLDER = Path(notebooks.__file__).parent


def run(build: Path, *options: str, model: str = "mnist") -> subprocess.CompletedProcess[str]:
    call = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "hls_project",
        "notebook",
        model,
        "--build",
        str(build),
        *options,
    ]
    return subprocess.run(call, capture_output=True, text=True, check=False)


def test_the_verb_knows_every_notebook() -> None:
    assert sorted(f"{name}.ipynb" for name in NOTEBOOKS.values()) == sorted(
        path.name for path in FOLDER.glob("*.ipynb")
    )


@pytest.mark.parametrize("name", NOTEBOOKS.values())
def test_nothing_in_git_is_an_output(name: str) -> None:
    cells = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    assert any(cell.cell_type == "code" for cell in cells)
    for cell in cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


@pytest.mark.parametrize("name", NOTEBOOKS.values())
def test_a_story_stands_before_every_step_and_no_program_is_started(name: str) -> None:
    cells = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells
    assert cells[0].cell_type == "markdown" and cells[0].source.startswith("# ")
    for before, cell in pairwise(cells):
        assert cell.cell_type == "markdown" or before.cell_type == "markdown", cell.source
        assert cell.cell_type == "markdown" or not re.search(
            r"subprocess|os\.system|^[!%]", cell.source, re.M
        )


@pytest.mark.parametrize("name", ["simulate", "classify", "demo"])
def test_the_stories_fit_any_data_set(name: str) -> None:
    cells = nbformat.read(FOLDER / f"{NOTEBOOKS[name]}.ipynb", as_version=4).cells
    for cell in cells:
        assert cell.cell_type == "code" or not re.search("digit|mnist", cell.source, re.I)


EXPECTED = {
    "train": "'test_images': 360",
    "simulate": "196.0 cycles an image, first result after 2",
    "classify": "200 of 200 images: every label and score equal",
    "demo": "drawn: a seven\ntold: 7",
}


@pytest.mark.slow
@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_from_top_to_bottom(mnist_bit: Path, name: str) -> None:
    build = mnist_bit.parents[2]
    model = "digits" if name == "train" else "mnist"
    done = run(build, "--name", name, "--run", model=model)
    assert done.returncode == 0, done.stderr
    assert EXPECTED[name] in done.stdout
    result = nbformat.read(build / model / "notebooks" / f"{NOTEBOOKS[name]}.run.ipynb", as_version=4)
    outputs = [output.get("data", {}) for cell in result.cells for output in cell.get("outputs", ())]
    shown = "text/html" if name == "demo" else "image/png"
    assert any(shown in data for data in outputs)


def test_a_cell_that_fails_is_shown_and_kept(mnist_bit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTSCNN_IMAGE", "nowhere.png")
    done = run(mnist_bit.parents[2], "--run")
    assert done.returncode == 1
    assert "3_classify.ipynb: a cell failed" in done.stderr and "nowhere.png" in done.stderr


def own_notebook(build: Path, name: str, *lines: str, model: str = "digits") -> None:
    """Leave a user's version of a notebook where it is kept."""
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("\n".join(lines))])
    path = build.parent / "work" / model / "notebooks" / f"{NOTEBOOKS[name]}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(book, path)


def call(build: Path, *options: str, model: str = "digits") -> list[str]:
    return [sys.executable, "-m", "hls_project", "notebook", model, "--build", str(build), *options]


def test_the_user_s_own_version_runs_and_trains_what_was_asked_for(tmp_path: Path) -> None:
    build = tmp_path / "build"
    own_notebook(
        build,
        "train",
        "import os, pathlib",
        "print('mine', os.environ['DTSCNN_RECIPE'], os.environ['DTSCNN_WORK'])",
        "print('sockets here:', sorted(path.name for path in pathlib.Path().iterdir() if path.is_socket()))",
        model="mnist",
    )
    before = sorted(path.name for path in Path().iterdir() if path.is_socket())
    words = call(build, "--name", "train", "--run", model="mnist")
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert f"mine mnist {tmp_path / 'work'}" in done.stdout and "may have your changes" in done.stdout
    assert f"sockets here: {before}" in done.stdout
    assert (build / "mnist" / "notebooks" / "1_train_and_export.run.ipynb").is_file()


def test_ctrl_c_ends_cells_and_what_they_started_in_one_line(tmp_path: Path) -> None:
    build = tmp_path / "build"
    own_notebook(
        build,
        "train",
        "import subprocess, time",
        f"child = subprocess.Popen(['sleep', '600']); open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))",
        "time.sleep(600)",
    )
    process = subprocess.Popen(
        call(build, "--name", "train", "--run"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    child = tmp_path / "pid"
    for _ in range(600):
        if child.exists() and child.read_text():
            break
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "interrupted; finished stages are kept\n")
    state = Path(f"/proc/{child.read_text()}/stat")
    assert not state.exists() or ") Z " in state.read_text()


def test_an_unknown_notebook_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--name", "nothing", "--run")
    assert (done.returncode, done.stderr) == (
        1,
        "error: there is no notebook 'nothing'; there are train, simulate, classify, demo\n",
    )


@pytest.mark.parametrize("name", ["train", "simulate"])
def test_data_are_for_the_notebooks_that_classify(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"the notebook '{name}' takes no data set"):
        main("digits", name, True, tmp_path / "build", "mnist")
    assert not list(tmp_path.iterdir())
