"""Convolutions of 3 x 3 by Winograd's algorithm, with their gradients, on the CPU in float32."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor, nn

from quant_train.kernels.compiled import address, library

_CHANNELS = 8
"""Channels are taken in vectors of so many."""
_WORKERS = ThreadPoolExecutor(64, "winograd")


def takes(layer: nn.Conv2d) -> bool:
    """Return whether these kernels compute the convolution `layer`."""
    return (
        layer.kernel_size == (3, 3)
        and tuple(layer.padding) == (1, 1)
        and layer.padding_mode == "zeros"
        and tuple(layer.stride) == tuple(layer.dilation) == (1, 1)
        and layer.groups == 1
        and layer.bias is None
        and layer.in_channels % _CHANNELS == layer.out_channels % _CHANNELS == 0
    )


class _Convolution(torch.autograd.Function):
    """Maps `(N, C, H, W)` and weights `(K, C, 3, 3)` to `(N, K, H, W)`, float32, in channels-last memory."""

    @staticmethod
    def forward(ctx: Any, maps: Tensor, weights: Tensor) -> Tensor:
        maps, weights = _last(maps), weights.contiguous()
        ctx.save_for_backward(maps, weights)
        return _convolved(maps, weights, backward=False)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, Tensor | None]:
        maps, weights = ctx.saved_tensors
        gradient = _last(gradients[0])
        to_maps = _convolved(gradient, weights, backward=True) if ctx.needs_input_grad[0] else None
        to_weights = _weights_gradient(maps, gradient, weights) if ctx.needs_input_grad[1] else None
        return to_maps, to_weights


def convolved(maps: Tensor, weights: Tensor) -> Tensor:
    """Return the convolution of maps `(N, C, H, W)` with weights `(K, C, 3, 3)`, padded by 1: `(N, K, H, W)`.

    float32 on the CPU; C and K are multiples of 8. Spikes and weights of a few bits give the sums of `conv2d`, to the last bit.
    """
    return _Convolution.apply(maps, weights)  # type: ignore[no-any-return]


def _last(maps: Tensor) -> Tensor:
    return maps.contiguous(memory_format=torch.channels_last)


def _convolved(maps: Tensor, weights: Tensor, backward: bool) -> Tensor:
    count, channels, height, width = maps.shape
    kernels = weights.shape[1] if backward else weights.shape[0]
    code = library()
    transformed = torch.empty(code.winograd_floats(channels, kernels))
    code.winograd_weights(
        address(weights), len(weights), weights.shape[1], int(backward), address(transformed)
    )
    out = torch.empty((count, kernels, height, width), memory_format=torch.channels_last)

    def work(first: int, last: int) -> None:
        code.winograd_forward(
            *(
                address(maps),
                count,
                height,
                width,
                channels,
                address(transformed),
                kernels,
                first,
                last,
                address(out),
            )
        )

    _shared_out(code.winograd_tiles(count, height, width), work)
    return out


def _weights_gradient(maps: Tensor, gradient: Tensor, weights: Tensor) -> Tensor:
    count, channels, height, width = maps.shape
    kernels = len(weights)
    code = library()
    parts: dict[int, Tensor] = {}

    def work(first: int, last: int) -> None:
        parts[first] = torch.zeros(code.winograd_floats(channels, kernels))
        code.winograd_gradient(
            *(address(maps), address(gradient), count, height, width, channels, kernels, first, last),
            address(parts[first]),
        )

    _shared_out(code.winograd_tiles(count, height, width), work)
    sums = parts[0]
    for first in sorted(parts)[1:]:  # in order, so that the last bits are the same every time
        sums += parts[first]
    result = torch.empty(weights.shape)
    code.winograd_weights_gradient(address(sums), kernels, channels, address(result))
    return result


def _shared_out(tiles: int, work: Callable[[int, int], None]) -> None:
    """Call `work` with parts of `range(tiles)`, one for each of torch's threads."""
    threads = min(torch.get_num_threads(), tiles)
    bounds = [tiles * index // threads for index in range(threads + 1)]
    if threads == 1:
        work(0, tiles)
        return
    list(_WORKERS.map(work, bounds[:-1], bounds[1:]))
