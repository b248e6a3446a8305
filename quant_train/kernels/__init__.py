"""Kernels of this project's own for training on a CPU in float32: convolutions by Winograd's algorithm, and firing in one pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from quant_train.kernels.compiled import library
from quant_train.kernels.convolution import convolved, takes
from quant_train.kernels.firing import fired
from quant_train.neurons import ThresholdFire


@contextmanager
def in_use(network: nn.Module) -> Iterator[int]:
    """Let the layers of `network` that these kernels compute use them as long as the block runs; yield their number.

    What is not float32 in the memory of a CPU, such as maps of a training in bfloat16 or on a GPU, is left to torch.

    Raises:
        ToolNotFoundError: there is no C++ compiler.
        FlowError: it refuses the sources.
    """
    library()
    changed: list[tuple[nn.Module, str]] = []
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d) and takes(layer):
            layer._conv_forward = _convolution(layer._conv_forward)  # type: ignore[method-assign]
            changed.append((layer, "_conv_forward"))
        elif type(layer) is ThresholdFire and layer.surrogate == "arctan":
            layer.forward = _firing(layer)  # type: ignore[method-assign, assignment]
            changed.append((layer, "forward"))
    try:
        yield len(changed)
    finally:
        for layer, name in changed:
            del layer.__dict__[name]


def _computed_here(maps: Tensor) -> bool:
    return maps.device.type == "cpu" and maps.dtype == torch.float32 and not torch.is_autocast_enabled("cpu")


def _convolution(otherwise: Callable[..., Tensor]) -> Callable[..., Tensor]:
    def forward(maps: Tensor, weights: Tensor, bias: Any) -> Tensor:
        if not _computed_here(maps):
            return otherwise(maps, weights, bias)
        return convolved(maps, getattr(weights, "value", weights))  # of Brevitas' quantized tensor

    return forward


def _firing(neurons: ThresholdFire) -> Callable[[Tensor], Tensor]:
    def forward(vm: Tensor) -> Tensor:
        if not _computed_here(vm) or vm.dim() not in (2, 4):
            return ThresholdFire.forward(neurons, vm)
        return fired(vm, neurons.thresholds(), neurons.width)

    return forward
