"""One training as PyTorch Lightning runs it: the step, its batches, validation, and what a checkpoint says."""

from __future__ import annotations

import time
from typing import Any

import lightning as L
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from quant_train import data
from quant_train.batches import Batches
from quant_train.checkpoints import History, Trained, describe, history
from quant_train.config import Recipe
from quant_train.machines import keep_own_statistics, machine_name, share_statistics
from quant_train.network import SpikingNetwork
from quant_train.neurons import ThresholdFire
from quant_train.optimizers import configured, narrowed
from quant_train.recalibration import recalibrate
from quant_train.teacher import Teacher
from quant_train.whitening import whiten

EVALUATION_BATCH = 500


class Training(L.LightningModule):
    """Training of one network. Scores are multiplied by a learned gain for the cross-entropy, and nowhere else.

    stage: 1 for the timesteps of `recipe.stage_one`, else 2. start: stage one's result, whose weights, thresholds, batch
    norm and gain stage two starts with, and whose scores it may learn from. network: somebody's own, in place of the recipe's.
    teacher: another network to learn from.
    """

    def __init__(
        self,
        recipe: Recipe,
        train: data.Dataset,
        test: data.Dataset,
        stage: int = 2,
        start: Trained | None = None,
        network: nn.Module | None = None,
        teacher: Teacher | None = None,
    ) -> None:
        super().__init__()
        self.recipe, self.classes, self.stage = recipe, train.classes, stage
        stage_one = recipe.stage_one if stage == 1 else None
        own = stage_one or recipe.training
        self.epochs, self.learning_rate = own.epochs, own.learning_rate
        height, width, channels = train.images.shape[1:]
        self.own = network is not None
        self.network = network or SpikingNetwork(recipe.network, (height, width, channels), stage_one)
        self.gain = nn.Parameter(torch.tensor(0.1))
        self._made, self._since = start.made if start else History(), 0.0
        self._teachers = [] if teacher is None else [teacher]
        if start is not None:
            self.network.load_state_dict(start.network.state_dict())
            self.gain.data.fill_(start.gain)
            if recipe.stage_one and recipe.stage_one.distillation:
                self._teachers.append(Teacher(start, recipe.stage_one.distillation))
        if recipe.training.channels_last:
            self.network.to(memory_format=torch.channels_last)
        split = len(train.images) - recipe.training.held_out
        count = min(recipe.training.train_images or split, split)
        self._train = (to_tensor(train.images[:count]), torch.from_numpy(train.labels[:count].copy()))
        if recipe.training.whitening and start is None:
            first = next((layer for layer in self.network.modules() if isinstance(layer, nn.Conv2d)), None)
            if first is None:
                raise ConfigurationError(
                    "training.whitening is for a first convolution, and the network has none"
                )
            whiten(first, self._train[0])
        unseen = train if recipe.training.held_out else test
        start_at = split if recipe.training.held_out else 0
        self._test = (to_tensor(unseen.images[start_at:]), torch.from_numpy(unseen.labels[start_at:].copy()))

    def train_dataloader(self) -> Batches:
        """Return this epoch's batches."""
        self._train = tuple(tensor.to(self.device) for tensor in self._train)  # type: ignore[assignment]
        return self._augmented(self.recipe.training.batch_size, (self.global_rank, self.trainer.world_size))

    def _augmented(self, batch_size: int, part: tuple[int, int] = (0, 1)) -> Batches:
        """Return batches of training images, as this epoch shows them."""
        config, stage_one = self.recipe.training, self.recipe.stage_one
        return Batches(
            *self._train,
            batch_size,
            shuffle=True,
            shift=config.shift,
            flip=config.flip,
            cutout=config.cutout,
            reflect=config.padding == "reflection",
            alternating=config.flip_order == "alternating",
            seed=config.seed,
            epoch=self.current_epoch + (stage_one.epochs if stage_one and self.stage == 2 else 0),
            part=part,
            cutmix=config.cutmix,
            classes=len(self.classes),
            rotation=config.rotation,
            zoom=config.zoom,
        )

    def val_dataloader(self) -> Batches:
        """Return the test images, or those held out, whose accuracy is logged and chooses nothing."""
        self._test = tuple(tensor.to(self.device) for tensor in self._test)  # type: ignore[assignment]
        batch = EVALUATION_BATCH * (
            5 if self.device.type == "cuda" else 1
        )  # every kernel waits its turn there
        return Batches(*self._test, batch, part=(self.global_rank, self.trainer.world_size))

    def on_fit_start(self) -> None:
        """Bring the teachers to the device, and let batch norm count every process's images."""
        for teacher in self._teachers:
            teacher.network.to(self.device)
        if self.trainer.world_size > 1 and self.device.type == "cpu":
            share_statistics(self.network)

    def on_fit_end(self) -> None:
        """Leave the network as it was."""
        keep_own_statistics(self.network)

    def networks(self) -> list[nn.Module]:
        """Return the networks that a step passes: the one that is trained, and its teachers."""
        return [self.network, *(teacher.network for teacher in self._teachers)]

    def surrogate_width(self) -> float:
        """Return the surrogate's width of this epoch."""
        config = self.recipe.network
        if self.stage == 1:
            return config.surrogate_width
        return narrowed(config.surrogate_width, config.final_surrogate_width, self.current_epoch, self.epochs)

    def on_train_start(self) -> None:
        """Begin to count the time, beyond that of an interrupted training."""
        self._since = time.monotonic()

    def on_train_epoch_start(self) -> None:
        """Set the surrogate's width of this epoch."""
        if self.recipe.network.final_surrogate_width and self.stage == 2:
            for neurons in self.network.modules():
                if isinstance(neurons, ThresholdFire):
                    neurons.width = self.surrogate_width()

    def training_step(self, batch: tuple[Tensor, Tensor], _: int) -> Tensor:
        """Return the loss."""
        images, labels = batch
        scores = self.network(images) * self.gain
        loss = nn.functional.cross_entropy(
            scores, labels, label_smoothing=self.recipe.training.label_smoothing
        )
        for teacher in self._teachers:
            loss = teacher.mixed(loss, scores, images)
        self.log(
            "loss", loss, on_step=False, on_epoch=True, prog_bar=True, sync_dist=True, batch_size=len(labels)
        )
        return loss

    def on_validation_epoch_start(self) -> None:
        """Recalibrate batch norm after the last epoch, once the average of the weights is in place: before it is validated and saved."""
        config = self.recipe.training
        if config.recalibrate and self.current_epoch == self.epochs - 1:
            plain = Batches(*self._train, EVALUATION_BATCH)
            recalibrate(
                self.network, self._augmented(EVALUATION_BATCH) if config.recalibrate_augmented else plain
            )

    def validation_step(self, batch: tuple[Tensor, Tensor], _: int) -> None:
        """Count correct labels."""
        images, labels = batch
        correct = (self.network(images).argmax(1) == labels).float().mean()
        name = "held_out_accuracy" if self.recipe.training.held_out else "test_accuracy"
        self.log(name, correct, prog_bar=True, sync_dist=True, batch_size=len(labels))

    def configure_optimizers(self) -> Any:
        """Return the recipe's optimizer and its schedule."""
        steps = self.epochs * len(self.train_dataloader())
        return configured(self, self.network, self.recipe.training, self.learning_rate, steps)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what is needed to make the network again, and what it took so far."""
        made = self._made.and_then(time.monotonic() - self._since, machine_name(self.device))
        describe(checkpoint, self.recipe, self.network, self.classes, self.stage, made)

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Go on counting the time."""
        self._made = history(checkpoint)


def to_tensor(images: NDArray[np.uint8]) -> Tensor:
    """Return images (N, H, W, C) as a uint8 tensor (N, C, H, W)."""
    return torch.from_numpy(images.transpose(0, 3, 1, 2).copy())
