"""The moving average of a training's weights, which is what is validated and kept."""

from __future__ import annotations

from itertools import chain
from typing import Any

import torch
from lightning.pytorch.callbacks import WeightAveraging
from torch import Tensor, nn
from torch.optim.swa_utils import get_ema_multi_avg_fn


class MovingAverage(WeightAveraging):
    """Averages weights and batch norm's statistics exponentially after every step; the first step's are taken as they are.

    kept: share of the average that a step keeps. The callback of Lightning leaves the average in the processor's memory and looks for all values
    among a thousand small modules of Brevitas, at every step, which is most of a step on a GPU; here either is done once.
    """

    _latest_update_step: int

    def __init__(self, kept: float) -> None:
        self._mix = get_ema_multi_avg_fn(kept)
        super().__init__(multi_avg_fn=self._mix)
        self._pairs: list[tuple[Tensor, Tensor]] = []
        self._first = True

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        """Bring the average to the device, and look for what is averaged."""
        assert self._average_model is not None
        self._average_model.to(pl_module.device)
        self._pairs = list(zip(_values(self._average_model.module), _values(pl_module), strict=True))
        self._first = int(self._average_model.n_averaged) == 0

    @torch.no_grad()
    def on_train_batch_end(self, trainer: Any, pl_module: Any, *_: Any) -> None:
        """Mix the weights of this step in."""
        if trainer.global_step <= self._latest_update_step:
            return
        assert self._average_model is not None
        mixed = [] if self._first else [pair for pair in self._pairs if pair[0].is_floating_point()]
        if mixed:
            averages, values = zip(*mixed, strict=True)
            self._mix(list(averages), list(values), self._average_model.n_averaged)
        for average, value in self._pairs:
            if self._first or not average.is_floating_point():
                average.copy_(value)
        self._average_model.n_averaged += 1
        self._first, self._latest_update_step = False, trainer.global_step


def _values(module: nn.Module) -> list[Tensor]:
    return [value.detach() for value in chain(module.parameters(), module.buffers())]
