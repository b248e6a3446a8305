"""Training as a function: by a recipe, or of a module of one's own."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from torch import nn

from dt_scnn import models, zoo
from dt_scnn.errors import ConfigurationError
from quant_train import train_and_export
from quant_train import training as trainings
from quant_train.checkpoints import OWN_MODULE, Trained
from quant_train.config import NetworkConfig, Recipe, StageOneConfig, TrainingConfig, read_recipe
from quant_train.data.config import DataConfig


def train(
    recipe: Recipe | str | Path | None = None,
    *,
    module: nn.Module | None = None,
    dataset: str | Path | None = None,
    data: DataConfig | None = None,
    training: TrainingConfig | None = None,
    stage_one: StageOneConfig | None = None,
    out: str | Path | None = None,
    fresh: bool = False,
    data_root: Path | None = None,
) -> Trained:
    """Train by a recipe, and write model.onnx, sample.npz and card.json to `out`; or train `module`, and write checkpoints alone.

    recipe: a recipe, the path of one (TOML), or the name of one of the zoo's. module: takes float32 (N, C, H, W), pixels / 256, and
    gives scores (N, classes); it takes the place of the recipe's network, is trained itself, and is in eval mode then:
    `quant_train.export` writes it. dataset, data, training, stage_one: in place of the recipe's; with a module, they are enough.
    out: folder, in which an interrupted training goes on; without it, work/<recipe>. fresh: start over. data_root: see
    `quant_train.data.load`.

    Raises:
        ConfigurationError: recipe, data or module are missing or refused, `out` holds another training, or another run goes on using it.
    """
    if recipe is None and (module is None or dataset is None):
        raise ConfigurationError(
            "train needs a recipe, or a module and a data set: train(module=..., dataset=...)"
        )
    if module is not None and out is None:
        raise ConfigurationError(
            "say where the training of the module is kept: train(module=..., out='work/mine')"
        )
    name = "mine"
    if recipe is None:
        recipe = Recipe(str(dataset), NetworkConfig(OWN_MODULE))
    elif not isinstance(recipe, Recipe):
        path = Path(recipe) if str(recipe).endswith(".toml") else zoo.find(str(recipe)).recipe
        name = path.stem if str(recipe).endswith(".toml") else str(recipe)
        recipe = read_recipe(path)
    given = {"data": data, "training": training, "stage_one": stage_one}
    given["dataset"] = None if dataset is None else str(dataset)  # type: ignore[assignment]
    recipe = replace(recipe, **{key: value for key, value in given.items() if value is not None})  # type: ignore[arg-type]
    folder = models.work_folder(models.BUILD) / name if out is None else Path(out)
    terminal = sys.stdout.isatty()
    trained = trainings.train(recipe, folder / "train", data_root, fresh, terminal, module)
    if module is None:
        train_and_export.export(trained, folder, "quant_train.train", data_root)
    return trained
