"""Epochs of one stage by Lightning's Trainer: logs, checkpoints, precision, devices."""

from __future__ import annotations

import io
import logging
import warnings
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback, ModelCheckpoint, RichProgressBar
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.plugins.io import TorchCheckpointIO

from dt_scnn.errors import ConfigurationError, FlowError
from dt_scnn.files import atomic_path
from quant_train.averaging import MovingAverage
from quant_train.kernels import in_use
from quant_train.kernels.graphs import Recorded
from quant_train.machines import Machines
from quant_train.plain_lines import PlainLines

CHECKPOINTS, LAST = "checkpoints", "last.ckpt"
_NO_MEMORY = ("not enough memory", "can't allocate memory", "out of memory")


class WholeCheckpoints(TorchCheckpointIO):
    """Checkpoints written beside and renamed: Lightning writes them to the temporary folder, which may be on another disk."""

    def save_checkpoint(self, checkpoint: dict[str, Any], path: Any, storage_options: Any = None) -> None:
        """Write a checkpoint, whole or not at all.

        It is put together in memory: torch raises an error of its own over the disk's where it cannot end an archive.
        """
        content = io.BytesIO()
        torch.save(checkpoint, content)
        with atomic_path(Path(path)) as partial:
            partial.write_bytes(content.getbuffer())


def fit(module: Any, folder: Path, terminal: bool, machines: Machines, prefix: str = "") -> None:
    """Run the epochs of a `Training` that `folder` does not have yet. prefix: of each line of the log.

    Raises:
        ConfigurationError: a batch does not fit into memory.
        FlowError: another process of the training has gone.
    """
    config, last = module.recipe.training, folder / CHECKPOINTS / LAST
    callbacks: list[Callback] = [
        ModelCheckpoint(last.parent, filename=last.stem, save_top_k=1, enable_version_counter=False),
        RichProgressBar() if terminal else PlainLines(prefix),
    ]
    if config.average:
        callbacks.insert(0, MovingAverage(config.average))
    on_gpu = _on_gpu()
    if on_gpu and machines.processes == 1 and config.kernels == "compiled" and not module.own:
        callbacks.append(Recorded())
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = L.Trainer(
            max_epochs=module.epochs,
            precision="bf16-mixed" if config.precision == "bfloat16" else "32-true",
            logger=[
                CSVLogger(folder, name="csv"),  # a new version for each run: a resumed one deletes nothing
                TensorBoardLogger(folder, name="", version="tensorboard"),
            ],
            callbacks=callbacks,
            plugins=[WholeCheckpoints()],
            enable_progress_bar=terminal,
            enable_model_summary=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
            log_every_n_steps=50,
            benchmark=on_gpu,
            **machines.options(),
        )
        try:
            with in_use(module.network) if config.kernels == "compiled" and not on_gpu else nullcontext():
                trainer.fit(module, ckpt_path=last if last.is_file() else None, weights_only=True)
        except SystemExit as error:  # what Lightning makes of Ctrl-C
            raise KeyboardInterrupt from error
        except RuntimeError as error:
            raise _explained(error, config.batch_size, machines) from error


def _on_gpu() -> bool:
    return torch.cuda.is_available()


def _explained(error: RuntimeError, batch_size: int, machines: Machines) -> Exception:
    """Return what to raise instead: the error itself, unless memory or another process is behind it."""
    text = str(error)
    if isinstance(error, torch.OutOfMemoryError) or any(words in text.lower() for words in _NO_MEMORY):
        return ConfigurationError(
            f"a batch of {batch_size} images does not fit into memory ({text.splitlines()[0][:160]}); take a smaller one, such as "
            f"--set training.batch_size={max(2, batch_size // 2)}"
        )
    if machines.processes > 1:
        return FlowError(
            f"another process of this training has gone, or does not answer ({text.splitlines()[0][:160]}); the same command "
            "goes on after the last whole epoch"
        )
    return error
