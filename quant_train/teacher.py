"""A teacher: a trained network whose labels a training learns from, beside those of the data."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from quant_train.checkpoints import Trained, is_finished, load_checkpoint
from quant_train.config import Recipe, TeacherConfig, read_recipe
from quant_train.data import Dataset
from quant_train.fitting import CHECKPOINTS, LAST
from quant_train.spec import completed

FOLDER = "teacher"
"""Folder of the logs and checkpoint of a teacher that is trained first, in the training's own."""


class Teacher:
    """Scores of a trained network, which is none of a module's own parts. share, temperature: see `TeacherConfig`."""

    def __init__(self, trained: Trained, share: float, temperature: float = 1.0) -> None:
        self.network, self.gain = trained.network.requires_grad_(False).eval(), trained.gain
        self.share, self.temperature = share, temperature

    def mixed(self, loss: Tensor, scores: Tensor, images: Tensor) -> Tensor:
        """Return `loss` with its share of the cross-entropy between the teacher's labels for images and `scores`, in the same unit.

        The gradient of that part does not depend on the temperature's scale, by its square (Hinton et al. 2015).
        """
        with torch.no_grad():
            wanted = (self.network(images) * (self.gain / self.temperature)).softmax(1)
        taught = nn.functional.cross_entropy(scores / self.temperature, wanted) * self.temperature**2
        return (1 - self.share) * loss + self.share * taught


def recipe_of(recipe: Recipe) -> Recipe | None:
    """Return the recipe of the teacher that is trained before a training by `recipe`, on its data; None for one that is there, or for none.

    Raises:
        ConfigurationError: it is missing or damaged, makes no teacher, or has one itself.
    """
    config = recipe.teacher
    if config is None or config.checkpoint:
        return None
    if not config.recipe:
        raise ConfigurationError("teacher: it has neither a recipe, such as cifar-10, nor a checkpoint")
    path = Path(config.recipe)
    if path.suffix != ".toml":
        path = zoo.find(config.recipe).recipe.with_name("teacher.toml")
        if not path.is_file():
            raise ConfigurationError(f"teacher.recipe: {config.recipe} has no teacher in the zoo")
    own = replace(read_recipe(path), dataset=recipe.dataset, data=recipe.data)
    if own.teacher or own.stage_one:
        raise ConfigurationError(
            f"teacher.recipe: {path} has a teacher or a stage one itself; a teacher learns from labels in one stage"
        )
    return own


def trained_first(
    recipe: Recipe,
    folder: Path,
    dataset: Dataset,
    train: Callable[[Recipe, Path], object],
    fresh: bool,
    say: bool = True,
) -> Path:
    """Train a teacher by `recipe` in `folder/teacher`, or go on with it; return its checkpoint, which stays as it is once it is whole.

    train: trains by a recipe in a folder. fresh: start over. say: that it is trained, which one of several processes does.

    Raises:
        ConfigurationError: as `training.train`.
    """
    place = folder / FOLDER
    last = place / CHECKPOINTS / LAST
    spec = completed(recipe.network.spec, len(dataset.classes))
    whole = replace(recipe, network=replace(recipe.network, spec=spec))
    try:
        if fresh or not is_finished(
            last, whole, ("training.precision",)
        ):  # which another machine may have resolved
            if say:
                print(
                    f"note: its teacher is trained first, in {place}; --set teacher=none trains without one",
                    file=sys.stderr,
                    flush=True,
                )
            train(recipe, place)
    except ConfigurationError as error:
        raise ConfigurationError(f"the teacher: {error}; --set teacher=none trains without one") from error
    return last


def load_teacher(
    recipe: Recipe, dataset: Dataset, trained_first: Path | None = None
) -> tuple[Recipe, Teacher]:
    """Return the recipe with its teacher's digest, and the teacher. trained_first: checkpoint of the teacher of `recipe_of`.

    Raises:
        ConfigurationError: there is no such checkpoint, it is damaged, is another than the recipe's digest says, or was trained on
            other data, classes or images.
    """
    config = recipe.teacher
    assert isinstance(config, TeacherConfig)
    path = trained_first or Path(config.checkpoint)
    if not path.is_file():
        raise ConfigurationError(
            f"teacher.checkpoint: there is no {path}; without it, --set teacher.recipe=cifar-10 trains such a teacher first"
        )
    digest = sha256(path)
    if config.sha256 not in ("", digest):
        raise ConfigurationError(
            f"teacher.checkpoint: {path} has SHA-256 {digest}, and the recipe says {config.sha256}"
        )
    trained = load_checkpoint(path)
    height, width, channels = dataset.images.shape[1:]
    for what, found, wanted in (
        ("data set", trained.recipe.dataset, recipe.dataset),
        ("classes", trained.classes, dataset.classes),
        ("images (H, W, C)", tuple(trained.network.input_shape), (height, width, channels)),
    ):
        if found != wanted:
            raise ConfigurationError(
                f"teacher.checkpoint: {path} was trained on another {what}: {_short(found)}, not {_short(wanted)}"
                if what == "data set"
                else f"teacher.checkpoint: {path} was trained on other {what}: {_short(found)}, not {_short(wanted)}"
            )
    recipe = replace(recipe, teacher=replace(config, sha256=digest))
    return recipe, Teacher(trained, config.share, config.temperature)


def _short(value: object) -> str:
    if isinstance(value, tuple) and len(value) > 4:
        return f"{len(value)} ({', '.join(map(str, value[:3]))}, ...)"
    return str(value)
