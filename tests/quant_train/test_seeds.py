from __future__ import annotations

import json
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from quant_train import seeds as module
from quant_train.config import NetworkConfig, Recipe, TrainingConfig
from quant_train.seeds import Seeds, seeds_of, train_seeds
from tests.inline_executor import work_here

RECIPE = Recipe(
    "digits", NetworkConfig("4C3-FC10"), TrainingConfig(epochs=1, batch_size=32, train_images=320)
)


def test_each_seed_is_trained_in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work_here(monkeypatch, module)
    found = train_seeds(RECIPE, [4, 7], tmp_path / "tiny", "train")
    assert list(found.cards) == [4, 7]
    for seed, card in found.cards.items():
        folder = tmp_path / f"tiny-seed{seed}"
        assert card == json.loads((folder / "card.json").read_text())
        assert card["seed"] == seed and card["command"] == f"train --set training.seed={seed}"
        assert card["recipe"]["training"] == {**card["recipe"]["training"], "seed": seed, "epochs": 1}
    assert found.cards[4]["model_sha256"] != found.cards[7]["model_sha256"]


def test_what_the_seeds_reached_is_said_with_their_mean() -> None:
    cards = {
        seed: {"correct": right, "test_images": 1000, "accuracy": right / 1000}
        for seed, right in ((1, 900), (2, 905))
    }
    lines = str(Seeds(cards)).splitlines()
    assert lines == [
        "seed 1: 900 of 1,000 test images right",
        "seed 2: 905 of 1,000 test images right",
        "mean of 2: 90.25 %",
    ]


def test_seeds_are_read_from_a_list() -> None:
    assert seeds_of("1,2,3") == [1, 2, 3] and seeds_of("0") == [0]


@pytest.mark.parametrize("text", ["", "1,,2", "1,1", "-1,2", "one", "1.5", "1;2", "1,4294967296"])
def test_seeds_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(ConfigurationError, match="different whole numbers from 0 to 4,294,967,295, such as"):
        seeds_of(text)


def test_the_address_of_no_cluster_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="address of a Dask scheduler"):
        train_seeds(RECIPE, [1], tmp_path / "tiny", "train", scheduler="host:8786")
    assert not list(tmp_path.iterdir())
