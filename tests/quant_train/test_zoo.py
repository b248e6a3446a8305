from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest

from quant_train import data, zoo
from quant_train.config import read_recipe, recipe_from
from quant_train.errors import ConfigurationError
from quant_train.evaluate import onnx_scores
from quant_train.files import sha256

SHARED = Path(__file__).parents[3] / "shared" / "data"
SHIPPED = [name for name in zoo.names() if zoo.find(name).model.is_file()]


def test_mnist_is_shipped_and_small() -> None:
    assert "mnist" in SHIPPED
    assert sum(path.stat().st_size for path in zoo.find("mnist").model.parent.iterdir()) < 2_000_000


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_is_true_of_the_file_and_its_recipe(name: str) -> None:
    entry = zoo.find(name)
    card = json.loads(entry.card.read_text())
    assert card["model_sha256"] == sha256(entry.model)
    assert recipe_from(card["recipe"], "card") == read_recipe(entry.recipe)
    assert card["command"] == f"python -m quant_train train {name}"
    properties = {item.key: item.value for item in onnx.load(entry.model).metadata_props}
    assert card["spec"] == properties["dt_scnn.spec"] and card["dataset"] == properties["dt_scnn.dataset"]
    assert card["accuracy"] == card["correct"] / card["test_images"]


@pytest.mark.parametrize("name", SHIPPED)
def test_the_sample_s_scores_are_the_file_s(name: str) -> None:
    entry = zoo.find(name)
    with np.load(entry.sample) as sample:
        images, labels, golden = sample["images"], sample["labels"], sample["scores"]
    scores = onnx_scores(entry.model, images).astype(np.float64)
    assert len(images) == len(labels) == len(golden) == 200
    scale = scores[0, golden[0] != 0][0] / golden[0][golden[0] != 0][0]
    assert np.log2(scale) % 1 == 0 and np.array_equal(golden * scale, scores)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"real data sets are not in {SHARED}")
def test_mnist_has_the_card_s_accuracy_and_at_least_99_percent() -> None:
    entry = zoo.find("mnist")
    card = json.loads(entry.card.read_text())
    test = data.load("mnist", "test", SHARED)
    correct = int((onnx_scores(entry.model, test.images).argmax(1) == test.labels).sum())
    assert correct == card["correct"] >= 9900
    with np.load(entry.sample) as sample:
        assert np.array_equal(sample["images"], test.images[:200])


def test_an_unknown_model_is_an_error_that_names_the_known_ones() -> None:
    with pytest.raises(ConfigurationError, match="digits, fashion-mnist, .*mnist"):
        zoo.find("../mnist")
