"""Firing with the arctan surrogate, each map read and written once, on the CPU in float32."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from quant_train.kernels.compiled import address, library


class _Fire(torch.autograd.Function):
    """As `quant_train.neurons.fire`, of maps in channels-last memory."""

    @staticmethod
    def forward(ctx: Any, vm: Tensor, thresholds: Tensor, width: float) -> Tensor:
        vm, thresholds = _last(vm), thresholds.contiguous()
        levels, channels = thresholds.shape
        ctx.save_for_backward(vm, thresholds)
        ctx.width = width
        spikes = torch.empty(
            (len(vm), levels * channels, *vm.shape[2:]), memory_format=_format(vm), device=vm.device
        )
        library().fire_forward(
            *(address(vm), vm.numel() // channels, channels, levels, address(thresholds), address(spikes))
        )
        return spikes

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, Tensor, None]:
        vm, thresholds = ctx.saved_tensors
        levels, channels = thresholds.shape
        gradient = _last(gradients[0])
        to_vm, to_thresholds = torch.empty_like(vm), torch.empty_like(thresholds)
        library().fire_backward(
            *(address(vm), address(gradient), vm.numel() // channels, channels, levels, address(thresholds)),
            *(ctx.width, address(to_vm), address(to_thresholds)),
        )
        return to_vm, to_thresholds, None


def fired(vm: Tensor, thresholds: Tensor, width: float) -> Tensor:
    """Return spikes and gradients as `quant_train.neurons.fire` with surrogate arctan; the last bits of gradients differ."""
    return _Fire.apply(vm, thresholds, width)  # type: ignore[no-any-return]


def _format(maps: Tensor) -> torch.memory_format:
    return torch.channels_last if maps.dim() == 4 else torch.contiguous_format


def _last(maps: Tensor) -> Tensor:
    return maps.contiguous(memory_format=_format(maps))
