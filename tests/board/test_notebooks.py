"""Every notebook runs from top to bottom, as users run it, and holds no output in git."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from board import notebooks
from hls_project.command.notebook import NOTEBOOKS

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


EXPECTED = {
    "train": "'test_images': 360",
    "simulate": "196.0 cycles an image, first result after 2",
    "classify": "200 of 200 images: every label and score equal",
}


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_it_runs_from_top_to_bottom(mnist_bit: Path, name: str) -> None:
    build = mnist_bit.parents[2]
    model = "digits" if name == "train" else "mnist"
    done = run(build, "--name", name, "--run", model=model)
    assert done.returncode == 0, done.stderr
    assert EXPECTED[name] in done.stdout
    result = nbformat.read(build / model / "notebooks" / f"{NOTEBOOKS[name]}.run.ipynb", as_version=4)
    pictures = [
        output
        for cell in result.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) >= 1


def test_a_cell_that_fails_is_shown_and_kept(mnist_bit: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DTSCNN_IMAGE", "nowhere.png")
    done = run(mnist_bit.parents[2], "--run")
    assert done.returncode == 1
    assert "3_classify.ipynb: a cell failed" in done.stderr and "nowhere.png" in done.stderr


def test_an_unknown_notebook_is_refused(tmp_path: Path) -> None:
    done = run(tmp_path, "--name", "nothing", "--run")
    assert (done.returncode, done.stderr) == (
        1,
        "error: there is no notebook 'nothing'; there are train, simulate, classify\n",
    )
