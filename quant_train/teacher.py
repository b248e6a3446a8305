"""A teacher: a trained network whose labels a training learns from, beside those of the data."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from quant_train.data_checks import check_data
from quant_train.fitting import CHECKPOINTS, LAST
from quant_train.machines import Machines
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
        teachers = {name: zoo.find(name).recipe.with_name("teacher.toml") for name in zoo.names()}
        having = [name for name, file in teachers.items() if file.is_file()]
        if config.recipe not in having:
            raise ConfigurationError(
                f"teacher.recipe: {config.recipe} has no teacher in the zoo; {', '.join(having)} has; the path of a recipe ends in .toml"
            )
        path = teachers[config.recipe]
    elif not path.is_file():
        raise ConfigurationError(
            f"teacher.recipe: there is no {path}; a path is from the current folder, {Path.cwd()}"
        )
    own = replace(read_recipe(path), dataset=recipe.dataset, data=recipe.data)
    if own.teacher or own.stage_one:
        raise ConfigurationError(
            f"teacher.recipe: {path} has a teacher or a stage one itself; a teacher learns from labels in one stage"
        )
    return own


def check_first(
    recipe: Recipe, own: Recipe, folder: Path, dataset: Dataset, machines: Machines, fresh: bool
) -> None:
    """Check, before anything is trained or written, what is known of the teacher by `own` of a training by `recipe` in `folder`.

    Raises:
        ConfigurationError: its recipe does not fit the data or the devices, or the recipe has a digest that no teacher trained now has.
    """
    with _of_the_teacher(recipe):
        machines.check_batch(own.training.batch_size, own.training.train_images)
        check_data(_whole(own, dataset), dataset)
    wanted, last = recipe.teacher.sha256 if recipe.teacher else "", folder / FOLDER / CHECKPOINTS / LAST
    if wanted and (fresh or not last.is_file() or sha256(last) != wanted):
        raise ConfigurationError(
            f"teacher.sha256: a teacher that is trained now, in {folder / FOLDER}, has another digest than {wanted}; "
            "--set teacher.sha256=none takes any, --set teacher.checkpoint=... the one that is meant"
        )


def trained_first(
    recipe: Recipe,
    own: Recipe,
    folder: Path,
    dataset: Dataset,
    train: Callable[[Recipe, Path], object],
    fresh: bool,
    say: bool = True,
) -> Path:
    """Train a teacher by `own` in `folder/teacher`, or go on with it; return its checkpoint, which stays as it is once it is whole.

    recipe: of the training that learns from it, in `folder`. train: trains by a recipe in a folder. fresh: start over. say: that it
    is trained, which one of several processes does.

    Raises:
        ConfigurationError: as `training.train`, or another teacher taught what `folder` has of the training.
    """
    place = folder / FOLDER
    last, learned = (where / CHECKPOINTS / LAST for where in (place, folder))
    # which another machine may have resolved
    apart_from = ("training.precision",) if own.training.precision == "automatic" else ()
    with _of_the_teacher(recipe, "; use --fresh to start over"):
        if not fresh and is_finished(last, _whole(own, dataset), apart_from):
            return last
    if not fresh and learned.is_file():
        raise ConfigurationError(
            f"{learned} learned from a teacher that is not in {place} any more, and one that is trained now is another; put it back, "
            "use --fresh to train both, or give another --out"
        )
    if say:
        print(
            f"note: its teacher is trained first, in {place}; --set teacher=none trains without one",
            file=sys.stderr,
            flush=True,
        )
    with _of_the_teacher(recipe):
        train(own, place)
    return last


def _whole(own: Recipe, dataset: Dataset) -> Recipe:
    spec = completed(own.network.spec, len(dataset.classes))
    return replace(own, network=replace(own.network, spec=spec))


@contextmanager
def _of_the_teacher(recipe: Recipe, hint: str = "") -> Iterator[None]:
    """Say of what is refused that it is the teacher, whose values --set does not reach. hint: where none is given."""
    try:
        yield
    except ConfigurationError as error:
        file = recipe.teacher.recipe if recipe.teacher else ""
        if "--set" in str(error):
            hint = f" (in a recipe of the teacher's own in place of {file})"
        elif "--fresh" in str(error):
            hint = ""
        raise ConfigurationError(
            f"the teacher: {error}{hint}; --set teacher=none trains without one"
        ) from error


def load_teacher(
    recipe: Recipe, dataset: Dataset, trained_first: Path | None = None
) -> tuple[Recipe, Teacher]:
    """Return the recipe with its teacher's digest, and the teacher. trained_first: checkpoint of the teacher of `recipe_of`.

    Raises:
        ConfigurationError: there is no such checkpoint, it is damaged, is another than the recipe's digest says, or was trained on
            other data, another part of them, other classes or images, or has infinite or NaN weights.
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
    values = {**trained.network.state_dict(), "gain": torch.tensor(trained.gain)}
    if broken := [name for name, value in values.items() if not value.isfinite().all()]:
        raise ConfigurationError(
            f"teacher.checkpoint: {path} has infinite or NaN values in {', '.join(broken[:3])}; train it again, with a lower learning rate"
        )
    height, width, channels = dataset.images.shape[1:]
    for what, found, wanted in (
        ("data set", trained.recipe.dataset, recipe.dataset),
        ("classes", trained.classes, dataset.classes),
        (
            "test_share and seed of [data]",
            (trained.recipe.data.test_share, trained.recipe.data.seed),
            (recipe.data.test_share, recipe.data.seed),
        ),
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
