"""Whether a recipe and its data fit each other, before anything is trained or written."""

from __future__ import annotations

from dt_scnn.errors import ConfigurationError
from quant_train import data
from quant_train.checkpoints import OWN_MODULE
from quant_train.config import Recipe
from quant_train.spec import Dense, parse


def check_data(recipe: Recipe, dataset: data.Dataset) -> None:
    """Check that a recipe can train on the images of `dataset`.

    Raises:
        ConfigurationError: it cannot; the message names the key.
    """
    own = recipe.network.spec.startswith(OWN_MODULE)
    if not own and parse(recipe.network.spec)[-1] != Dense(len(dataset.classes)):
        raise ConfigurationError(
            f"network {recipe.network.spec!r} must end in FC{len(dataset.classes)}, or in FC alone: {dataset.name} has "
            f"{len(dataset.classes)} classes"
        )
    if recipe.network.neurons == "relu" and recipe.stage_one:
        raise ConfigurationError(
            "stage_one is for neurons that spike, and network.neurons is relu; leave stage_one out"
        )
    config = recipe.training
    extent = min(dataset.images.shape[1:3])
    if config.padding == "reflection" and config.shift >= extent:
        raise ConfigurationError(
            f"training.shift = {config.shift} by reflection is more than {dataset.name}'s images of {extent} pixels have"
        )
    left = len(dataset.images) - recipe.training.held_out
    if left < recipe.training.batch_size:
        raise ConfigurationError(
            f"training.held_out = {recipe.training.held_out:,} leaves {max(left, 0):,} of {dataset.name}'s "
            f"{len(dataset.images):,} training images, less than a batch of {recipe.training.batch_size}"
        )
