from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from quant_train import zoo
from quant_train.config import read_recipe, recipe_from, recipe_to_dict
from quant_train.errors import ConfigurationError

RECIPE = 'dataset = "digits"\n[network]\nspec = "4C3-FC10"\n[training]\nepochs = 3\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "recipe.toml"
    file.write_text(RECIPE)
    return file


def test_a_recipe_is_read_with_defaults_and_overrides(path: Path) -> None:
    recipe = read_recipe(
        path, ["training.epochs=7", "network.surrogate=rectangular", "network.weight_bits=3"]
    )
    assert recipe.training.epochs == 7 and recipe.training.batch_size == 128
    assert recipe.network.surrogate == "rectangular" and recipe.network.weight_bits == 3
    assert recipe_from(recipe_to_dict(recipe), "itself") == recipe
    with pytest.raises(FrozenInstanceError):
        recipe.training.epochs = 8  # type: ignore[misc]


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.epoch=7", "training.epoch: "),
        ("training.epochs=0", "training.epochs: "),
        ("training.epochs=many", "training.epochs: "),
        ("training.learning_rate=nan", "training.learning_rate: "),
        ("network.weight_bits=1", "network.weight_bits: "),
        ("network.weight_bits=9", "network.weight_bits: "),
        ("network.n_thresholds=3", "network.n_thresholds: "),
        ("network.surrogate=step", "network.surrogate: "),
        ("networks.spec=4C3", "networks: "),
        ("training.epochs", "section.key=value"),
        ("dataset.name=mnist", "'dataset' is a value"),
    ],
)
def test_unknown_keys_and_bad_values_are_reported_by_name(path: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_recipe(path, [override])
    assert message in str(caught.value)


@pytest.mark.parametrize("content", [b"dataset = ", b"\xff\xfe", b""])
def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "recipe.toml").write_bytes(content)
    with pytest.raises(ConfigurationError, match="recipe.toml"):
        read_recipe(tmp_path / "recipe.toml")
    with pytest.raises(ConfigurationError, match="absent.toml"):
        read_recipe(tmp_path / "absent.toml")


@pytest.mark.parametrize("name", zoo.names())
def test_the_zoo_s_recipes_are_valid(name: str) -> None:
    assert read_recipe(zoo.find(name).recipe).network.spec
