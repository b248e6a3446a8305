"""Training on PyTorch Lightning: one recipe to a checkpoint, in one stage or two, resumed where it was interrupted."""

from __future__ import annotations

import logging
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from numpy.typing import NDArray
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.lock import hold
from quant_train import data
from quant_train.allocator import keep_freed_memory
from quant_train.batches import Batches
from quant_train.checkpoints import (
    OWN_MODULE,
    Trained,
    check_same_recipe,
    describe,
    load_checkpoint,
    restore,
)
from quant_train.config import Recipe
from quant_train.network import SpikingNetwork
from quant_train.own_training import described, over_timesteps, own_network
from quant_train.plain_lines import PlainLines
from quant_train.recalibration import recalibrate
from quant_train.spec import Dense, completed, parse

__all__ = ["EVALUATION_BATCH", "STAGE_ONE", "Trained", "Training", "load_checkpoint", "to_tensor", "train"]

EVALUATION_BATCH = 500
STAGE_ONE = "stage_one"
"""Folder of stage one's logs and checkpoint, in the training's own."""

STAGE_TWO_ONLY = (
    "network.weight_bits",
    "training.epochs",
    "training.learning_rate",
    "stage_one.distillation",
)
"""Keys that stage one does not depend on: its result is kept when they change."""


class Training(L.LightningModule):
    """Training of one network. Scores are multiplied by a learned gain for the cross-entropy, and nowhere else.

    stage: 1 for the timesteps of `recipe.stage_one`, else 2. start: stage one's result, whose weights, thresholds, batch
    norm and gain stage two starts with, and whose scores it may learn from. network: somebody's own, in place of the recipe's.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: data.Dataset,
        test: data.Dataset,
        stage: int = 2,
        start: Trained | None = None,
        network: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.recipe, self.classes, self.stage = recipe, train.classes, stage
        stage_one = recipe.stage_one if stage == 1 else None
        own = stage_one or recipe.training
        self.epochs, self.learning_rate = own.epochs, own.learning_rate
        height, width, channels = train.images.shape[1:]
        self.network = network or SpikingNetwork(recipe.network, (height, width, channels), stage_one)
        self.gain = nn.Parameter(torch.tensor(0.1))
        self._teachers: list[Trained] = []  # in a list, so that its weights are none of this module's
        if start is not None:
            self.network.load_state_dict(start.network.state_dict())
            self.gain.data.fill_(start.gain)
            if recipe.stage_one and recipe.stage_one.distillation:
                self._teachers.append(start)
        if recipe.training.channels_last:
            self.network.to(memory_format=torch.channels_last)
        split = len(train.images) - recipe.training.held_out
        count = min(recipe.training.train_images or split, split)
        self._train = (to_tensor(train.images[:count]), torch.from_numpy(train.labels[:count].copy()))
        unseen = train if recipe.training.held_out else test
        start_at = split if recipe.training.held_out else 0
        self._test = (to_tensor(unseen.images[start_at:]), torch.from_numpy(unseen.labels[start_at:].copy()))

    def train_dataloader(self) -> Batches:
        """Return this epoch's batches."""
        self._train = tuple(tensor.to(self.device) for tensor in self._train)  # type: ignore[assignment]
        config, stage_one = self.recipe.training, self.recipe.stage_one
        return Batches(
            *self._train,
            config.batch_size,
            shuffle=True,
            shift=config.shift,
            flip=config.flip,
            cutout=config.cutout,
            seed=config.seed,
            epoch=self.current_epoch + (stage_one.epochs if stage_one and self.stage == 2 else 0),
            part=(self.global_rank, self.trainer.world_size),
        )

    def val_dataloader(self) -> Batches:
        """Return the test images, or those held out, whose accuracy is logged and chooses nothing."""
        self._test = tuple(tensor.to(self.device) for tensor in self._test)  # type: ignore[assignment]
        return Batches(*self._test, EVALUATION_BATCH, part=(self.global_rank, self.trainer.world_size))

    def on_fit_start(self) -> None:
        """Bring stage one's network to the device."""
        for teacher in self._teachers:
            teacher.network.to(self.device).requires_grad_(False).eval()

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return the loss."""
        images, labels = batch
        scores = self.network(images) * self.gain
        loss = nn.functional.cross_entropy(
            scores, labels, label_smoothing=self.recipe.training.label_smoothing
        )
        for teacher in self._teachers:
            assert self.recipe.stage_one is not None  # there would be no teacher
            share = self.recipe.stage_one.distillation
            with torch.no_grad():
                wanted = (teacher.network(images) * teacher.gain).softmax(1)
            loss = (1 - share) * loss + share * nn.functional.cross_entropy(scores, wanted)
        self.log("loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(labels))
        return loss

    def on_validation_start(self) -> None:
        """Recalibrate batch norm after the last epoch: before it is validated and saved."""
        if self.recipe.training.recalibrate and self.current_epoch == self.epochs - 1:
            recalibrate(self.network, Batches(*self._train, EVALUATION_BATCH))

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Count correct labels."""
        images, labels = batch
        correct = (self.network(images).argmax(1) == labels).float().mean()
        name = "held_out_accuracy" if self.recipe.training.held_out else "test_accuracy"
        self.log(name, correct, prog_bar=True, sync_dist=True, batch_size=len(labels))

    def configure_optimizers(self) -> Any:
        """Return AdamW on a one-cycle schedule."""
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=self.learning_rate, weight_decay=self.recipe.training.weight_decay
        )
        steps = max(self.epochs * len(self.train_dataloader()), 2)
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, self.learning_rate, total_steps=steps, pct_start=max(0.1, 1.5 / steps)
        )  # warms up for a tenth of the steps, or, of few, within the first
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to make the network again."""
        describe(checkpoint, self.recipe, self.network, self.classes, self.stage)


def train(
    recipe: Recipe,
    folder: Path,
    data_root: Path | None = None,
    fresh: bool = False,
    terminal: bool = True,
    own: nn.Module | None = None,
) -> Trained:
    """Train by `recipe`; logs and checkpoints go to `folder`, those of stage one to `folder/stage_one`.

    An interrupted training goes on after its last whole epoch, in either stage, and ends as it would have, bit for bit on a
    CPU with the same number of threads. fresh: start over. terminal: show a progress bar. own: a module of somebody's own, in place
    of the recipe's network; it is trained itself, and is in eval mode then. What stage one needs of it: `over_timesteps`.

    Raises:
        ConfigurationError: the data are missing or too few, `folder` holds the training of another recipe or is in use, or the
            module does not fit the data or the recipe.
    """
    keep_freed_memory()
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
    _check_data(recipe, train_set)
    lock = hold(folder, instead="another --out")  # not before: what is refused leaves nothing behind
    try:
        return _run(recipe, folder, train_set, test_set, fresh, terminal, first, network)
    finally:
        lock.release()


def _run(
    recipe: Recipe,
    folder: Path,
    train_set: data.Dataset,
    test_set: data.Dataset,
    fresh: bool,
    terminal: bool,
    first: nn.Module | None,
    network: nn.Module | None,
) -> Trained:
    """Run both stages, as far as `folder` does not have them. first, network: of a module of somebody's own, for either stage."""
    places = [folder / STAGE_ONE, folder] if recipe.stage_one else [folder]
    for place in places:
        last = _last(place)
        if fresh:
            last.unlink(missing_ok=True)
        if last.is_file():
            check_same_recipe(last, recipe, STAGE_TWO_ONLY if place.name == STAGE_ONE else ())
    start = None
    if recipe.stage_one:
        L.seed_everything(recipe.training.seed, verbose=False)
        _fit(
            Training(recipe, train_set, test_set, stage=1, network=first), places[0], terminal, "stage one, "
        )
        if first is None:
            start = load_checkpoint(_last(places[0]))
        else:
            gain = restore(first, _last(places[0]))
            start = Trained(first.cpu().eval(), recipe, train_set.classes, gain)
    L.seed_everything(
        recipe.training.seed, verbose=False
    )  # again: a resumed training has not drawn what stage one draws
    module = Training(recipe, train_set, test_set, start=start, network=network)
    _fit(module, folder, terminal, "")
    return Trained(module.network.cpu().eval(), recipe, module.classes, module.gain.item())


def _last(folder: Path) -> Path:
    return folder / "checkpoints" / "last.ckpt"


def _fit(module: Training, folder: Path, terminal: bool, prefix: str) -> None:
    """Run the epochs that `folder` does not have yet."""
    last = _last(folder)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = L.Trainer(
            max_epochs=module.epochs,
            precision="bf16-mixed" if module.recipe.training.precision == "bfloat16" else "32-true",
            logger=[
                CSVLogger(folder, name="csv"),  # a new version for each run: a resumed one deletes nothing
                TensorBoardLogger(folder, name="", version="tensorboard"),
            ],
            callbacks=[
                ModelCheckpoint(last.parent, filename="last", save_top_k=1, enable_version_counter=False),
                RichProgressBar() if terminal else PlainLines(prefix),
            ],
            enable_progress_bar=terminal,
            enable_model_summary=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            log_every_n_steps=50,
        )
        try:
            trainer.fit(module, ckpt_path=last if last.is_file() else None, weights_only=True)
        except SystemExit as error:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from error


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Return images (N, H, W, C) as a uint8 tensor (N, C, H, W)."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy())


def _check_data(recipe: Recipe, dataset: data.Dataset) -> None:
    own = recipe.network.spec.startswith(OWN_MODULE)
    if not own and parse(recipe.network.spec)[-1] != Dense(len(dataset.classes)):
        raise ConfigurationError(
            f"network {recipe.network.spec!r} must end in FC{len(dataset.classes)}, or in FC alone: {dataset.name} has "
            f"{len(dataset.classes)} classes"
        )
    left = len(dataset.images) - recipe.training.held_out
    if left < recipe.training.batch_size:
        raise ConfigurationError(
            f"training.held_out = {recipe.training.held_out:,} leaves {max(left, 0):,} of {dataset.name}'s "
            f"{len(dataset.images):,} training images, less than a batch of {recipe.training.batch_size}"
        )
