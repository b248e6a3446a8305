"""What a training says where there is no terminal."""

from __future__ import annotations

import lightning as L
from lightning.pytorch.callbacks import Callback


class PlainLines(Callback):
    """One line an epoch where there is no terminal. prefix: of each line."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    def on_train_epoch_end(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        metrics = trainer.callback_metrics
        unseen = next(name for name in metrics if name.endswith("accuracy"))
        if trainer.is_global_zero:
            print(
                f"{self.prefix}epoch {trainer.current_epoch + 1} of {trainer.max_epochs}: loss {metrics['loss']:.4f}, "
                f"{unseen.replace('_', ' ')} {100 * metrics[unseen]:.2f} %",
                flush=True,
            )
