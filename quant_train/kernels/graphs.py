"""On a GPU: a network's step compiled, recorded and replayed, in place of some hundred small kernels that Python starts in every step.

torch.compile fuses what lies between the convolutions, and a CUDA graph starts all kernels of a pass at once:
https://docs.pytorch.org/docs/stable/notes/cuda.html#cuda-graphs
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn


class _Pass(nn.Module):
    """A network's forward pass, or what it was compiled to; parameters and buffers are the network's."""

    def __init__(self, network: nn.Module, compiled: bool) -> None:
        super().__init__()
        self.network = network
        self.own = torch.compile(network.forward, dynamic=False) if compiled else network.forward

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores."""
        scores: Tensor = self.own(images)
        return scores


def record(network: nn.Module, images: Tensor, compiled: bool = True) -> None:
    """Replace the forward of `network` on a GPU, for images of that shape and precision and the mode (training or not) that it is in.

    In the other mode it stays as it is. compiled: before it is recorded, which takes half a minute. Parameters and buffers stay where they are from then on. The passes that warm up leave no trace
    in the buffers.
    """
    own, mode = network.forward, network.training
    before = [buffer.clone() for buffer in network.buffers()]
    recorded = torch.cuda.make_graphed_callables(
        _Pass(network, compiled), (images.clone(),), allow_unused_input=True
    )
    for buffer, value in zip(network.buffers(), before, strict=True):
        buffer.copy_(value)
    network.forward = lambda images: recorded(images) if network.training == mode else own(images)  # type: ignore[method-assign]


def discard(network: nn.Module) -> None:
    """Give `network` its own forward back."""
    network.__dict__.pop("forward", None)


class Recorded(Callback):
    """Records the networks of a `Training` at its first batch, and anew when a surrogate has another width; one that narrows is not compiled."""

    def __init__(self) -> None:
        self._made_for: Any = None

    def on_train_batch_start(
        self, trainer: Any, module: Any, batch: Sequence[Tensor], batch_idx: int
    ) -> None:
        """Record."""
        made_for = (batch[0].shape, module.surrogate_width())
        if batch_idx or self._made_for == made_for:
            return
        networks = module.networks()
        if self._made_for is not None:
            networks = networks[:1]  # a teacher has no surrogate
        with trainer.precision_plugin.forward_context():
            for network in networks:
                discard(network)
                record(network, batch[0], compiled=not module.recipe.network.final_surrogate_width)
        self._made_for = made_for

    def on_exception(self, trainer: Any, module: Any, exception: BaseException) -> None:
        """Leave the networks as they were."""
        self.teardown(trainer, module, "fit")

    def teardown(self, trainer: Any, module: Any, stage: str) -> None:
        """Leave the networks as they were."""
        for network in module.networks():
            discard(network)
        self._made_for = None
