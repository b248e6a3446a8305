"""Batch norm's statistics, measured anew for the weights that training ended with."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm


@torch.no_grad()
def recalibrate(network: nn.Module, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Replace means and variances of batch norm by the average over `batches` of (images, labels).

    During training they are a moving average, to which the weights of earlier steps contributed.
    """
    norms = [module for module in network.modules() if isinstance(module, _BatchNorm)]
    before = [(norm.training, norm.momentum) for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # torch's name for the plain average
        norm.train()
    for images, _ in batches:
        network(images)
    for norm, (training, momentum) in zip(norms, before, strict=True):
        norm.momentum = momentum
        norm.train(training)
