"""Training on PyTorch Lightning: one recipe to a checkpoint, resumed where it was interrupted."""

from __future__ import annotations

import logging
import pickle
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightning as L
import numpy as np
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from numpy.typing import NDArray
from torch import Tensor, nn

from quant_train import data
from quant_train.batches import Batches
from quant_train.config import Recipe, recipe_from, recipe_to_dict
from quant_train.errors import ConfigurationError
from quant_train.network import SpikingNetwork
from quant_train.spec import Dense, parse

EVALUATION_BATCH = 500
_KEY = "dt_scnn"


class Training(L.LightningModule):
    """Training of one network. Scores are multiplied by a learned gain for the cross-entropy, and nowhere else."""

    def __init__(self, recipe: Recipe, train: data.Dataset, test: data.Dataset) -> None:
        super().__init__()
        self.recipe, self.classes = recipe, train.classes
        height, width, channels = train.images.shape[1:]
        self.network = SpikingNetwork(recipe.network, (height, width, channels))
        self.gain = nn.Parameter(torch.tensor(0.1))
        count = recipe.training.train_images or len(train.images)
        self._train = (to_tensor(train.images[:count]), torch.from_numpy(train.labels[:count].copy()))
        self._test = (to_tensor(test.images), torch.from_numpy(test.labels.copy()))

    def train_dataloader(self) -> Batches:
        """Return this epoch's batches."""
        self._train = tuple(tensor.to(self.device) for tensor in self._train)  # type: ignore[assignment]
        config = self.recipe.training
        return Batches(
            *self._train,
            config.batch_size,
            shuffle=True,
            shift=config.shift,
            seed=config.seed,
            epoch=self.current_epoch,
            part=(self.global_rank, self.trainer.world_size),
        )

    def val_dataloader(self) -> Batches:
        """Return the test images, whose accuracy is logged and chooses nothing."""
        self._test = tuple(tensor.to(self.device) for tensor in self._test)  # type: ignore[assignment]
        return Batches(*self._test, EVALUATION_BATCH, part=(self.global_rank, self.trainer.world_size))

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return the loss."""
        images, labels = batch
        scores = self.network(images) * self.gain
        loss = nn.functional.cross_entropy(
            scores, labels, label_smoothing=self.recipe.training.label_smoothing
        )
        self.log("loss", loss, on_step=False, on_epoch=True, prog_bar=True, batch_size=len(labels))
        return loss

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Count correct labels."""
        images, labels = batch
        correct = (self.network(images).argmax(1) == labels).float().mean()
        self.log("test_accuracy", correct, prog_bar=True, sync_dist=True, batch_size=len(labels))

    def configure_optimizers(self) -> Any:
        """Return AdamW on a one-cycle schedule."""
        config = self.recipe.training
        optimizer = torch.optim.AdamW(
            self.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )
        steps = config.epochs * len(self.train_dataloader())
        schedule = torch.optim.lr_scheduler.OneCycleLR(
            optimizer, config.learning_rate, total_steps=max(steps, 2), pct_start=0.1
        )
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to make the network again; plain values only, so that loading runs no code."""
        checkpoint[_KEY] = {
            "recipe": recipe_to_dict(self.recipe),
            "input_shape": list(self.network.input_shape),
            "classes": list(self.classes),
        }


class _PlainLines(Callback):
    """One line an epoch where there is no terminal."""

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        metrics = trainer.callback_metrics
        if trainer.is_global_zero:
            print(
                f"epoch {trainer.current_epoch + 1} of {trainer.max_epochs}: loss {metrics['loss']:.4f}, "
                f"test accuracy {100 * metrics['test_accuracy']:.2f} %",
                flush=True,
            )


@dataclass(frozen=True)
class Trained:
    """A trained network with its recipe and the classes' names."""

    network: SpikingNetwork
    recipe: Recipe
    classes: tuple[str, ...]


def train(
    recipe: Recipe, folder: Path, data_root: Path | None = None, fresh: bool = False, terminal: bool = True
) -> Trained:
    """Train by `recipe`; logs and checkpoints go to `folder`.

    An interrupted training goes on after its last whole epoch and ends as it would have, bit for bit on a CPU with the
    same number of threads. fresh: start over. terminal: show a progress bar.

    Raises:
        ConfigurationError: the data are missing, or `folder` holds the training of another recipe.
    """
    checkpoints = folder / "checkpoints"
    last = checkpoints / "last.ckpt"
    if fresh:
        last.unlink(missing_ok=True)
    resumed = last if last.is_file() else None
    if resumed is not None:
        _check_same_recipe(resumed, recipe)
    train_set, test_set = (data.load(recipe.dataset, split, data_root) for split in ("train", "test"))  # type: ignore[arg-type]
    _check_classes(recipe, train_set)
    L.seed_everything(recipe.training.seed, verbose=False)
    module = Training(recipe, train_set, test_set)
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = L.Trainer(
            max_epochs=recipe.training.epochs,
            logger=[
                CSVLogger(folder, name="csv"),  # a new version for each run: a resumed one deletes nothing
                TensorBoardLogger(folder, name="", version="tensorboard"),
            ],
            callbacks=[
                ModelCheckpoint(checkpoints, filename="last", save_top_k=1, enable_version_counter=False),
                RichProgressBar() if terminal else _PlainLines(),
            ],
            enable_progress_bar=terminal,
            enable_model_summary=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            log_every_n_steps=50,
        )
        try:
            trainer.fit(module, ckpt_path=resumed, weights_only=True)
        except SystemExit as error:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from error
    return Trained(module.network.cpu().eval(), recipe, module.classes)


def load_checkpoint(path: Path) -> Trained:
    """Return the network of a checkpoint; nothing in the file is executed.

    Raises:
        ConfigurationError: it is damaged, holds pickled code, or is no checkpoint of this project.
    """
    checkpoint = _read(path)
    stored = checkpoint[_KEY]
    recipe = recipe_from(stored["recipe"], f"{path}: recipe")
    try:
        height, width, channels = map(int, stored["input_shape"])
        classes = tuple(map(str, stored["classes"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigurationError(f"{path}: its description of the network is damaged: {error}") from error
    network = SpikingNetwork(recipe.network, (height, width, channels))
    weights = {
        name.removeprefix("network."): value
        for name, value in checkpoint["state_dict"].items()
        if name.startswith("network.")
    }
    try:
        network.load_state_dict(weights)
    except RuntimeError as error:
        raise ConfigurationError(f"{path}: the weights are of another network: {error}") from error
    return Trained(network.eval(), recipe, classes)


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Return images (N, H, W, C) as a uint8 tensor (N, C, H, W)."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy())


def _read(path: Path) -> dict[str, Any]:
    try:
        checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except (OSError, RuntimeError, EOFError, KeyError, ValueError, pickle.UnpicklingError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigurationError(
            f"{path} is no checkpoint, is damaged, or holds pickled code, which is never run: {reason}"
        ) from error
    described = isinstance(checkpoint, dict) and isinstance(checkpoint.get(_KEY), dict)
    if (
        not described
        or "recipe" not in checkpoint[_KEY]
        or not isinstance(checkpoint.get("state_dict"), dict)
    ):
        raise ConfigurationError(f"{path} is no checkpoint of this project")
    return checkpoint


def _check_classes(recipe: Recipe, dataset: data.Dataset) -> None:
    last = parse(recipe.network.spec)[-1]
    if last != Dense(len(dataset.classes)):
        raise ConfigurationError(
            f"network {recipe.network.spec!r} must end in FC{len(dataset.classes)}: {dataset.name} has "
            f"{len(dataset.classes)} classes"
        )


def _check_same_recipe(path: Path, recipe: Recipe) -> None:
    stored, wanted = _read(path)[_KEY]["recipe"], recipe_to_dict(recipe)
    if stored != wanted:
        different = sorted(_flat(stored).items() ^ _flat(wanted).items())
        raise ConfigurationError(
            f"{path} is of a training with other settings ({', '.join(sorted({key for key, _ in different}))} differ); "
            "use --fresh to start over, or another --out"
        )


def _flat(nested: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return flat
