"""Training on PyTorch Lightning: one recipe to a checkpoint, in one stage or two, resumed where it was interrupted."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import lightning as L
from torch import nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.lock import hold
from quant_train import data
from quant_train.allocator import keep_freed_memory
from quant_train.checkpoints import (
    Trained,
    check_same_recipe,
    load_checkpoint,
    restore,
)
from quant_train.config import Recipe
from quant_train.data_checks import check_data
from quant_train.fitting import CHECKPOINTS, LAST, fit
from quant_train.machines import ONE_DEVICE, Machines
from quant_train.module import Training
from quant_train.own_training import described, over_timesteps, own_network
from quant_train.precision import resolved, warning
from quant_train.spec import completed
from quant_train.teacher import Teacher, check_first, load_teacher, recipe_of, trained_first

__all__ = ["STAGE_ONE", "Trained", "load_checkpoint", "train"]

STAGE_ONE = "stage_one"
"""Folder of stage one's logs and checkpoint, in the training's own."""

STAGE_TWO_ONLY = (
    "network.weight_bits",
    "training.epochs",
    "training.learning_rate",
    "stage_one.distillation",
    "network.final_surrogate_width",
    "teacher.checkpoint",
    "teacher.recipe",
    "teacher.share",
    "teacher.temperature",
    "teacher.sha256",
)
"""Keys that stage one does not depend on: its result is kept when they change."""


def train(
    recipe: Recipe,
    folder: Path,
    data_root: Path | None = None,
    fresh: bool = False,
    terminal: bool = True,
    own: nn.Module | None = None,
    machines: Machines = ONE_DEVICE,
    prefix: str = "",
) -> Trained:
    """Train by `recipe`; logs and checkpoints go to `folder`, those of stage one to `folder/stage_one`.

    An interrupted training goes on after its last whole epoch, in either stage, and ends as it would have, bit for bit on a
    CPU with the same number of threads. fresh: start over. terminal: show a progress bar. own: a module of somebody's own, in place
    of the recipe's network; it is trained itself, and is in eval mode then. What stage one needs of it: `over_timesteps`. machines:
    devices and nodes that share each batch. prefix: of each line of the log. `precision = "automatic"` is resolved on the machine where training begins.

    Raises:
        ConfigurationError: the data are missing or too few, `folder` holds the training of another recipe or is in use, the
            module does not fit the data or the recipe, the teacher is of other data, or a batch does not fit into memory.
        FlowError: another process of the training has gone.
    """
    keep_freed_memory()
    machines.check_batch(recipe.training.batch_size, recipe.training.train_images)
    taught_by = recipe_of(recipe)
    train_set = data.load(recipe.dataset, "train", data_root, recipe.data)
    test_set = data.load(recipe.dataset, "test", data_root, recipe.data)
    first, network = None, None
    if own is not None:
        height, width, channels = train_set.images.shape[1:]
        network = own_network(own, (height, width, channels), len(train_set.classes))
        first = over_timesteps(network, recipe.stage_one) if recipe.stage_one else None
        recipe = replace(recipe, network=described(own))
    else:
        spec = completed(recipe.network.spec, len(train_set.classes))
        recipe = replace(recipe, network=replace(recipe.network, spec=spec))
    check_data(recipe, train_set)
    recipe = replace(recipe, training=resolved(recipe.training))
    teacher = None
    if taught_by is not None:
        check_first(recipe, taught_by, folder, train_set, machines, fresh)
    elif recipe.teacher is not None:
        recipe, teacher = load_teacher(recipe, train_set)
    lock = None
    if machines.is_first():
        if slow := warning(recipe.training.precision):
            print(f"note: {slow}", file=sys.stderr, flush=True)
        lock = hold(folder, instead="another --out")  # not before: what is refused leaves nothing behind
    try:
        if taught_by is not None:
            _check_kept(recipe, folder, fresh, machines, ("teacher.sha256",))
            place = trained_first(
                recipe,
                taught_by,
                folder,
                train_set,
                lambda own, its: train(
                    own, its, data_root, fresh, terminal, machines=machines, prefix="teacher, "
                ),
                fresh,
                machines.is_first(),
            )
            recipe, teacher = load_teacher(recipe, train_set, place)
        _check_kept(recipe, folder, fresh, machines)
        shown = terminal and machines.is_first()
        return _run(recipe, folder, train_set, test_set, shown, first, network, teacher, machines, prefix)
    finally:
        if lock is not None:
            lock.release()


def _check_kept(
    recipe: Recipe, folder: Path, fresh: bool, machines: Machines, apart_from: tuple[str, ...] = ()
) -> None:
    """Check that what `folder` has is of this recipe. fresh: leave nothing of it instead. apart_from: keys that may differ."""
    for place in _places(recipe, folder):
        last = _last(place)
        if last.is_dir():
            raise ConfigurationError(
                f"{last} is a folder, and a checkpoint goes there; move it, or give another --out"
            )
        if fresh and machines.is_first():
            last.unlink(missing_ok=True)
        elif last.is_file() and not fresh:  # which the first process may not have unlinked yet
            check_same_recipe(
                last, recipe, (*apart_from, *(STAGE_TWO_ONLY if place.name == STAGE_ONE else ()))
            )


def _run(
    recipe: Recipe,
    folder: Path,
    train_set: data.Dataset,
    test_set: data.Dataset,
    terminal: bool,
    first: nn.Module | None,
    network: nn.Module | None,
    teacher: Teacher | None,
    machines: Machines,
    prefix: str,
) -> Trained:
    """Run both stages, as far as `folder` does not have them. first, network: of a module of somebody's own, for either stage."""
    places = _places(recipe, folder)
    start = None
    if recipe.stage_one:
        L.seed_everything(recipe.training.seed, verbose=False)
        stage_one = Training(recipe, train_set, test_set, stage=1, network=first)
        fit(stage_one, places[0], terminal, machines, "stage one, ")
        if first is None:
            start = load_checkpoint(_last(places[0]))
        else:
            gain, made = restore(first, _last(places[0]))
            start = Trained(first.cpu().eval(), recipe, train_set.classes, gain, made)
    L.seed_everything(
        recipe.training.seed, verbose=False
    )  # again: a resumed training has not drawn what stage one draws
    module = Training(recipe, train_set, test_set, start=start, network=network, teacher=teacher)
    fit(module, folder, terminal, machines, prefix)
    # The average of the weights, where there is one.
    gain, made = restore(module.network.cpu(), _last(folder))
    return Trained(module.network.eval(), recipe, module.classes, gain, made)


def _places(recipe: Recipe, folder: Path) -> list[Path]:
    return [folder / STAGE_ONE, folder] if recipe.stage_one else [folder]


def _last(folder: Path) -> Path:
    return folder / CHECKPOINTS / LAST
