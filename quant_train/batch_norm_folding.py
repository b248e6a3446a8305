"""Fold batch norm into integer multiples of Vm's step: what is left is weights and thresholds.

With gamma > 0, `gamma * (Vm - mean) / sigma + beta >= Vth` is `Vm >= u` for `u = mean + (Vth - beta) * sigma / gamma`. With
gamma < 0 it is `Vm <= u`, so that kernel's weights change sign and the threshold is `-u`; a tie fires either way. Vm moves
in steps of the kernel's weight scale times the input's, so `u` is rounded up to the next step: no spike changes, and every
comparison is exact in float32.
"""

from __future__ import annotations

from collections import OrderedDict
from copy import deepcopy

import torch
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import PIXEL_SCALE
from quant_train.network import SpikingNetwork
from quant_train.neurons import FixedThresholdFire, ThresholdFire

NEVER = float(2**60)
"""Integer threshold of a neuron that never fires; its negative: of one that always does."""


@torch.no_grad()
def fold(network: SpikingNetwork) -> nn.Sequential:
    """Return the inference network: the layers of `network` in eval mode, without batch norm, pooling after firing.

    Its thresholds are constants `(K, C)`, float32 multiples of the kernel's step of Vm. `network` is left as it is.

    Raises:
        ConfigurationError: a parameter is infinite or NaN, as after a training that diverged, or the network is stage
            one's, of several timesteps, or a teacher, which does not spike.
    """
    if network.config.neurons == "relu":
        raise ConfigurationError(
            "this network is a teacher: floating-point weights and no spikes; it is learned from and not exported"
        )
    if network.timesteps > 1:
        raise ConfigurationError(
            f"a network of {network.timesteps} timesteps is stage one's, not for export; use the checkpoint of stage two"
        )
    broken = [name for name, value in network.state_dict().items() if not value.isfinite().all()]
    if broken:
        raise ConfigurationError(
            f"the network has infinite or NaN values in {', '.join(broken)}; train it again"
        )
    source = OrderedDict(deepcopy(network).eval().features.named_children())
    folded: OrderedDict[str, nn.Module] = OrderedDict()
    input_scale = PIXEL_SCALE
    weighted: nn.Module | None = None
    norm: nn.BatchNorm2d | nn.BatchNorm1d | None = None
    pools: OrderedDict[str, nn.Module] = OrderedDict()
    for name, module in source.items():
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            norm = module
            continue
        if isinstance(module, nn.MaxPool2d):
            pools[name] = module
            continue
        if isinstance(module, ThresholdFire):
            assert weighted is not None and norm is not None  # the network's own structure
            module = FixedThresholdFire(_fold_one(weighted, norm, module.thresholds(), input_scale))
            input_scale = 1.0
        elif hasattr(module, "weight"):
            weighted = module
        folded[name] = module
        folded |= pools  # those before this layer's firing: see SpikingNetwork; a pool that is there keeps its place
    return nn.Sequential(folded).eval()


def weight_scale(weighted: nn.Module) -> Tensor:
    """Return the power-of-two scale of a Brevitas layer's weights: `(C,)` float64, or one element for all channels."""
    return weighted.quant_weight().scale.detach().double().reshape(-1)  # type: ignore[operator, no-any-return]


def _fold_one(
    weighted: nn.Module, norm: nn.BatchNorm2d | nn.BatchNorm1d, thresholds: Tensor, input_scale: float
) -> Tensor:
    """Return the thresholds `(K, C)` on Vm; kernels with negative gamma are negated in place."""
    gamma, beta = norm.weight.double(), norm.bias.double()
    assert norm.running_mean is not None and norm.running_var is not None
    mean, sigma = norm.running_mean.double(), (norm.running_var.double() + norm.eps).sqrt()
    weight: Tensor = weighted.weight  # type: ignore[assignment]
    negative = gamma < 0
    weight[negative] *= -1
    step = weight_scale(weighted) * input_scale
    distance = thresholds.double() - beta
    u = (mean + distance * sigma / gamma.abs().clamp_min(1e-300) * torch.where(negative, -1.0, 1.0)) / step
    steps = torch.where(negative, -u, u).ceil()
    # gamma = 0: batch norm puts out beta whatever Vm is.
    constant = torch.where(distance <= 0, -NEVER, NEVER)
    steps = torch.where(gamma == 0, constant, steps).clamp(-NEVER, NEVER)
    return (steps * step).float()
