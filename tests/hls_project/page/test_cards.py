"""Accuracy is that of a card that is true of the model, of other seeds of its recipe, and of the conventional network."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dt_scnn import zoo
from dt_scnn.files import sha256
from hls_project.page.cards import Trained, read_baseline, read_trained, training_command


def train(work: Path, name: str, seed: int, correct: int, n_thresholds: int = 2, **others: Any) -> Path:
    """Write a model and its card into work/<name>; return the model."""
    model = work / name / "model.onnx"
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_bytes(name.encode())
    card = {
        "dataset": "digits",
        "spec": "4C3-FC10",
        "n_thresholds": n_thresholds,
        "weight_bits": 4,
        "test_images": 360,
        "correct": correct,
        "seed": seed,
        "command": f"python -m quant_train train {name}",
        "recipe": {"network": {"n_thresholds": n_thresholds}, "training": {"epochs": 3, "seed": seed}},
        "versions": {"torch": "2.13.0"},
        "model_sha256": sha256(model),
    }
    model.with_name("card.json").write_text(json.dumps(card | others))
    return model


def test_other_seeds_of_the_same_recipe_count(tmp_path: Path) -> None:
    work, build = tmp_path / "work", tmp_path / "build"
    model = train(work, "net", 1, 324, other_seeds=[{"seed": 3, "correct": 306}])
    train(work, "net-seed2", 2, 333)
    train(work, "net-long", 4, 360, recipe={"training": {"epochs": 30, "seed": 4}})
    train(work, "net-scnn", 1, 342, 1)
    (work / "damaged").mkdir()
    (work / "damaged" / "card.json").write_text("{")
    found = read_trained(model, "net", build)
    assert found.seeds == {1: 324, 2: 333, 3: 306} and found.shares == [0.9, 0.925, 0.85]
    baseline = read_baseline("net", found, build)
    assert baseline.name == "net-scnn" and baseline.seeds == {1: 342}


def test_a_card_of_another_file_is_not_the_model_s(tmp_path: Path) -> None:
    model = train(tmp_path / "work", "net", 1, 324)
    model.write_bytes(b"trained again")
    found = read_trained(model, "net", tmp_path / "build")
    assert found.card is None and "is of another file" in found.why and found.seeds == {}


@pytest.mark.parametrize(
    ("text", "why"), [("{}", "dataset: Field required"), ("{", "is damaged"), ("[]", "is damaged")]
)
def test_a_damaged_card_is_said(text: str, why: str, tmp_path: Path) -> None:
    model = train(tmp_path / "work", "net", 1, 324)
    model.with_name("card.json").write_text(text)
    found = read_trained(model, "net", tmp_path / "build")
    assert found.card is None and why in found.why and str(model.with_name("card.json")) in found.why
    model.with_name("card.json").unlink()
    assert "there is no card beside" in read_trained(model, "net", tmp_path / "build").why


def test_a_card_of_no_images_is_damaged(tmp_path: Path) -> None:
    found = read_trained(train(tmp_path / "work", "net", 1, 0, test_images=0), "net", tmp_path / "build")
    assert found.card is None and "test_images: Input should be greater than 0" in found.why


def test_a_network_is_trained_again_as_it_was(tmp_path: Path) -> None:
    def command(verb: str, model: str) -> str:
        return f"make {verb} MODEL={model}"

    found = read_trained(train(tmp_path / "work", "net", 1, 324), "net", tmp_path / "build")
    assert training_command(found, command) == "python -m quant_train train net"
    assert training_command(Trained("digits-scnn"), command) == "make train MODEL=digits-scnn"
    assert training_command(Trained("net"), command) == ""


def test_a_baseline_is_a_conventional_network_for_the_same_data(tmp_path: Path) -> None:
    work, build = tmp_path / "work", tmp_path / "build"
    dual = read_trained(train(work, "net", 1, 324), "net", build)
    assert "there is no model 'net-scnn'" in read_baseline("net", dual, build).why
    for wrong in ({"dataset": "mnist"}, {"n_thresholds": 2}):
        train(work, "net-scnn", 1, 342, **{"n_thresholds": 1, **wrong})  # type: ignore[arg-type]
        assert "is no conventional network for digits" in read_baseline("net", dual, build).why


def test_the_zoo_s_seeds_are_those_of_its_documentation(tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "training.md").read_text()
    for name in ("mnist", "fashion-mnist"):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` | 9,"))
        dual = read_trained(zoo.find(name).model, name, tmp_path)
        both: tuple[Trained, ...] = (dual, read_baseline(name, dual, tmp_path))
        said = [f"{one.seeds[seed]:,}" for one in both for seed in (1, 2, 3)]
        cells = [cell.strip() for cell in row.split("|")]
        assert said == [*cells[2:5], *cells[6:9]]
