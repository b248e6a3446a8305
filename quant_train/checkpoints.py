"""Checkpoints: what a training leaves and goes on from; nothing in the file is executed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from dt_scnn.errors import ConfigurationError, first_line
from quant_train.config import Recipe, recipe_from, recipe_to_dict
from quant_train.network import SpikingNetwork

_KEY = "dt_scnn"
OWN_MODULE = "own module"
"""What a recipe has for the network of a module that somebody else wrote, beside a digest of it."""


@dataclass(frozen=True)
class History:
    """What a training took: seconds, and the machines that it ran on, by name. Neither is known of checkpoints of before."""

    seconds: float = 0.0
    machines: tuple[str, ...] = ()

    def and_then(self, seconds: float, *machines: str) -> History:
        """Return what it and more training took."""
        new = tuple(machine for machine in dict.fromkeys(machines) if machine not in self.machines)
        return History(self.seconds + seconds, self.machines + new)


@dataclass(frozen=True)
class Trained:
    """A trained network with its recipe and the classes' names. gain: what its scores are multiplied by for a loss.

    network: of this project, or a wrapper around somebody's own module. made: what all stages took.
    """

    network: Any
    recipe: Recipe
    classes: tuple[str, ...]
    gain: float = 1.0
    made: History = History()


def describe(
    checkpoint: dict[str, Any],
    recipe: Recipe,
    network: Any,
    classes: tuple[str, ...],
    stage: int,
    made: History = History(),
) -> None:
    """Add what is needed to make the network again; plain values only, so that loading runs no code.

    stage: 1 for a network of several timesteps, else 2.
    """
    checkpoint[_KEY] = {
        "recipe": recipe_to_dict(recipe),
        "stage": stage,
        "input_shape": list(network.input_shape),
        "classes": list(classes),
        "seconds": made.seconds,
        "machines": list(made.machines),
    }


def history(checkpoint: dict[str, Any]) -> History:
    """Return what the training of a checkpoint took."""
    stored = checkpoint.get(_KEY, {})
    seconds, machines = stored.get("seconds"), stored.get("machines")
    return History(
        float(seconds) if isinstance(seconds, (int, float)) else 0.0,
        tuple(map(str, machines)) if isinstance(machines, list) else (),
    )


def load_checkpoint(path: Path) -> Trained:
    """Return the network of a checkpoint; nothing in the file is executed.

    Raises:
        ConfigurationError: it is damaged, holds pickled code, or is no checkpoint of this project.
    """
    checkpoint = _read(path)
    stored = checkpoint[_KEY]
    recipe = recipe_from(stored["recipe"], f"{path}: recipe")
    if recipe.network.spec.startswith(OWN_MODULE):
        raise ConfigurationError(
            f"{path}: is of a module of somebody's own, whose layers it does not hold; run quant_train.train(module=...) again, which "
            "goes on from it, and export the module"
        )
    try:
        height, width, channels = map(int, stored["input_shape"])
        if min(height, width, channels) < 1:
            raise ValueError(f"images of {height} x {width} x {channels}")
        classes = tuple(map(str, stored["classes"]))
        stage_one = recipe.stage_one if stored.get("stage") == 1 else None
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(f"{path}: its description of the network is damaged: {error}") from error
    network = SpikingNetwork(recipe.network, (height, width, channels), stage_one)
    gain = _fill(network, checkpoint, path)
    return Trained(network.eval(), recipe, classes, gain, history(checkpoint))


def restore(network: nn.Module, path: Path) -> tuple[float, History]:
    """Give a network the weights of its checkpoint; return the gain, and what the training took.

    Raises:
        ConfigurationError: the checkpoint is damaged, or of another network.
    """
    checkpoint = _read(path)
    return _fill(network, checkpoint, path), history(checkpoint)


def _fill(network: nn.Module, checkpoint: dict[str, Any], path: Path) -> float:
    weights = {
        name.removeprefix("network."): value
        for name, value in checkpoint["state_dict"].items()
        if name.startswith("network.")
    }
    try:
        network.load_state_dict(weights)
        return float(checkpoint["state_dict"].get("gain", 1.0))
    except (RuntimeError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path}: the weights are of another network: {error}") from error


def check_same_recipe(path: Path, recipe: Recipe, apart_from: tuple[str, ...] = ()) -> None:
    """Check that the checkpoint is of a training by `recipe`. apart_from: keys that may differ.

    Raises:
        ConfigurationError: it is of another; the message names the keys that differ.
    """
    stored = recipe_to_dict(recipe_from(_read(path)[_KEY]["recipe"], f"{path}: recipe"))
    wanted = recipe_to_dict(recipe)
    different = {key for key, _ in _flat(stored).items() ^ _flat(wanted).items()} - set(apart_from)
    if different:
        raise ConfigurationError(
            f"{path} is of a training with other settings ({', '.join(sorted(different))} differ); "
            "use --fresh to start over, or another --out"
        )


def is_finished(path: Path, recipe: Recipe, apart_from: tuple[str, ...] = ()) -> bool:
    """Return whether the checkpoint is there, and of the last epoch of a training by `recipe`. apart_from: keys that may differ.

    Raises:
        ConfigurationError: it is damaged, or of another training.
    """
    if not path.is_file():
        return False
    check_same_recipe(path, recipe, apart_from)
    epoch = _read(path).get("epoch")
    return isinstance(epoch, int) and epoch + 1 >= recipe.training.epochs


def _read(path: Path) -> dict[str, Any]:
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # a damaged checkpoint can raise nearly anything
        raise ConfigurationError(
            f"{path} is no checkpoint, is damaged, or holds pickled code, which is never run: {first_line(error)}"
        ) from error
    described = isinstance(checkpoint, dict) and isinstance(checkpoint.get(_KEY), dict)
    if (
        not described
        or "recipe" not in checkpoint[_KEY]
        or not isinstance(checkpoint.get("state_dict"), dict)
    ):
        raise ConfigurationError(f"{path} is no checkpoint of this project")
    return checkpoint


def _flat(nested: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
