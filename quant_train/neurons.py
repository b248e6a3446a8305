"""Spiking neurons for one timestep: firing at one or two learnable thresholds, trained through surrogate gradients.

A spike is `Vm >= Vth`; its derivative is zero or undefined, so training by STBP (Wu et al. 2018,
doi 10.3389/fnins.2018.00331) puts a surrogate `h(Vm - Vth)` in its place. The surrogates here integrate to 1 over the
real line; `width` stretches them. The threshold's gradient is the negative of the potential's, summed over its channel.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from dt_scnn.qonnx_format import DOMAIN

Surrogate = Literal["rectangular", "arctan", "sigmoid"]


def rectangular(distance: Tensor, width: float) -> Tensor:
    """Return `1 / width` within `width / 2` of the threshold, else 0: eq. 24 of Wu et al. 2018."""
    return (distance.abs() < width / 2).to(distance.dtype) / width


def arctan(distance: Tensor, width: float) -> Tensor:
    """Return the derivative of `arctan(pi * distance / width) / pi`, as Fang et al. 2021 (arXiv 2007.05785) use it."""
    return (math.pi / width * distance).square_().add_(1).mul_(width).reciprocal_()


def sigmoid(distance: Tensor, width: float) -> Tensor:
    """Return the derivative of the logistic function of `4 * distance / width`; its peak is `1 / width`."""
    value = torch.sigmoid(4 / width * distance)
    return (4 / width * value).mul_(1 - value)


SURROGATES: dict[str, Callable[[Tensor, float], Tensor]] = {
    "rectangular": rectangular,
    "arctan": arctan,
    "sigmoid": sigmoid,
}


class _Fire(torch.autograd.Function):
    """`(N, C, ...)` potentials and `(K, C)` thresholds to `(N, K * C, ...)` spikes in block order."""

    @staticmethod
    def forward(ctx: Any, vm: Tensor, thresholds: Tensor, surrogate: str, width: float) -> Tensor:
        levels = thresholds.reshape(*thresholds.shape, *([1] * (vm.dim() - 2)))
        if any(ctx.needs_input_grad[:2]):
            ctx.save_for_backward(vm, levels)
            ctx.surrogate, ctx.width = SURROGATES[surrogate], width
        return torch.cat([vm >= level for level in levels], dim=1).to(vm.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor | None, None, None]:
        vm, levels = ctx.saved_tensors
        over_channel = [0, *range(2, vm.dim())]
        parts = grads[0].chunk(len(levels), dim=1)
        to_vm = [
            part * ctx.surrogate(vm - level, ctx.width) for part, level in zip(parts, levels, strict=True)
        ]
        to_thresholds = (
            torch.stack([-part.sum(over_channel) for part in to_vm]) if ctx.needs_input_grad[1] else None
        )
        total = to_vm[0] if len(to_vm) == 1 else to_vm[0].add_(to_vm[1])
        return total, to_thresholds, None, None

    @staticmethod
    def symbolic(g: Any, vm: Any, thresholds: Any, surrogate: str, width: float) -> Any:
        """Emit the one ONNX node `DualThresholdFire`."""
        node = g.op(f"{DOMAIN}::DualThresholdFire", vm, thresholds)
        sizes, levels = vm.type().sizes(), thresholds.type().sizes()
        if sizes is not None and levels is not None:
            node.setType(vm.type().with_sizes([sizes[0], levels[0] * sizes[1], *sizes[2:]]))
        return node


def fire(vm: Tensor, thresholds: Tensor, surrogate: Surrogate = "arctan", width: float = 2.0) -> Tensor:
    """Return spikes `vm >= threshold`; a tie fires.

    vm: `(N, C, ...)`. thresholds: `(K, C)`, K = 1 or 2. Returns `(N, K * C, ...)` of vm's dtype in {0, 1}, in block order
    `[Vth1 x C | Vth2 x C]`. Gradients: `surrogate` with `width`, in units of Vm.
    """
    return _Fire.apply(vm, thresholds, surrogate, width)  # type: ignore[no-any-return]


class ThresholdFire(nn.Module):
    """Neurons of one timestep with learnable thresholds for each kernel.

    The second threshold is the first plus the magnitude of a learned gap, so `Vth1 <= Vth2` whatever the updates.
    channels: kernels. n_thresholds: 2 for dual-threshold neurons, 1 for conventional ones. first, gap: initial values,
    in units of Vm (standard deviations, after batch norm). learn: train them.
    """

    def __init__(
        self,
        channels: int,
        n_thresholds: int = 2,
        first: float = 0.0,
        gap: float = 1.0,
        surrogate: Surrogate = "arctan",
        width: float = 2.0,
        learn: bool = True,
    ) -> None:
        super().__init__()
        self.surrogate, self.width = surrogate, width
        self.first = nn.Parameter(torch.full((channels,), first), learn)
        self.gap = nn.Parameter(torch.full((channels,), gap), learn) if n_thresholds == 2 else None

    def thresholds(self) -> Tensor:
        """Return the thresholds `(K, C)`, in ascending order for each channel."""
        if self.gap is None:
            return self.first[None]
        return torch.stack([self.first, self.first + self.gap.abs()])

    def forward(self, vm: Tensor) -> Tensor:
        """Fire: see `fire`."""
        return fire(vm, self.thresholds(), self.surrogate, self.width)


class FixedThresholdFire(nn.Module):
    """Neurons whose thresholds `(K, C)` are constants: what inference and the exported file have."""

    thresholds: Tensor

    def __init__(self, thresholds: Tensor) -> None:
        super().__init__()
        self.register_buffer("thresholds", thresholds)

    def forward(self, vm: Tensor) -> Tensor:
        """Fire: see `fire`."""
        return fire(vm, self.thresholds)
