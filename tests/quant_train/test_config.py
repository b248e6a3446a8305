from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import pytest

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from quant_train.config import conventional, read_recipe, recipe_from, recipe_to_dict

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
        ("network.learn_thresholds=perhaps", "network.learn_thresholds: "),
        ("training.cutout=-1", "training.cutout: "),
        ("training.flip=2.5", "training.flip: "),
        ("training.seed=-1", "training.seed: "),
        ("training.seed=4294967296", "training.seed: Input should be less than or equal to 4294967295"),
        ("training.held_out=-1", "training.held_out: "),
        ("training.recalibrate_augmented=true", "on what to recalibrate, and recalibrate is false"),
        ("stage_one.timesteps=0", "stage_one.timesteps: "),
        ("stage_one.leak=1.5", "stage_one.leak: "),
        ("stage_one.leak=nan", "stage_one.leak: "),
        ("stage_one.reset=gentle", "stage_one.reset: "),
        ("stage_one.weight_bits=1", "stage_one.weight_bits: "),
        ("stage_one.distillation=2", "stage_one.distillation: "),
        ("stage_one.epoch=3", "stage_one.epoch: "),
        ("training.epochs", "section.key=value"),
        ("dataset.name=mnist", "'dataset' is a value"),
    ],
)
def test_unknown_keys_and_bad_values_are_reported_by_name(path: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_recipe(path, [override])
    assert message in str(caught.value)


def test_stage_one_is_there_when_it_is_named(path: Path) -> None:
    assert read_recipe(path).stage_one is None and "stage_one" not in recipe_to_dict(read_recipe(path))
    recipe = read_recipe(path, ["stage_one.timesteps=4"])
    assert recipe.stage_one is not None and recipe.stage_one.timesteps == 4
    assert recipe_from(recipe_to_dict(recipe), "itself") == recipe
    assert read_recipe(path, ["stage_one.timesteps=4", "stage_one=none"]) == read_recipe(path)
    assert read_recipe(path, ["training.epochs=none"]).training.epochs == 30  # the default


def test_the_baseline_differs_in_its_thresholds_and_kernels_alone(tmp_path: Path) -> None:
    recipe = read_recipe(zoo.find("mnist").recipe, ["training.seed=2"])
    derived = read_recipe(zoo.find("mnist-scnn").recipe, ["training.seed=2"])
    assert derived.network.spec == "16C3-P2-48C3-P2-FC10" and derived.network.n_thresholds == 1
    restored = replace(derived.network, spec=recipe.network.spec, n_thresholds=2)
    assert replace(derived, network=restored) == recipe
    with pytest.raises(ConfigurationError, match="its own baseline"):
        conventional(derived)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ('baseline_of = "mnist"\ndataset = "mnist"', "and nothing else"),
        ("baseline_of = 3", "and nothing else"),
        ('baseline_of = "absent"', "no model 'absent'"),
    ],
)
def test_a_bad_baseline_is_refused(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "recipe.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        read_recipe(tmp_path / "recipe.toml")


def test_a_byte_order_mark_is_no_part_of_a_recipe(path: Path) -> None:
    recipe = read_recipe(path)
    path.write_text(RECIPE, "utf-8-sig")
    assert read_recipe(path) == recipe


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
