"""A teacher: a trained network whose labels a training learns from, beside those of the data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from quant_train.checkpoints import Trained, load_checkpoint
from quant_train.config import Recipe, TeacherConfig
from quant_train.data import Dataset


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


def load_teacher(recipe: Recipe, dataset: Dataset) -> tuple[Recipe, Teacher]:
    """Return the recipe with its teacher's digest, and the teacher.

    Raises:
        ConfigurationError: there is no such checkpoint, it is damaged, is another than the recipe's digest says, or was trained on
            other data, classes or images.
    """
    config = recipe.teacher
    assert isinstance(config, TeacherConfig)
    path = Path(config.checkpoint)
    if not path.is_file():
        raise ConfigurationError(
            f"teacher.checkpoint: there is no {path}; train the teacher first, such as: "
            "python -m quant_train train dt_scnn/zoo/cifar-10/teacher.toml"
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
