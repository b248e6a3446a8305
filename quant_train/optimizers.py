"""Optimizers and their schedules, by recipe."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from quant_train.config import TrainingConfig

_WARM_UP = 0.1
_TO_ZERO = 1e9
"""The last learning rate of a linear schedule is the first one divided by this."""


def configured(module: nn.Module, network: nn.Module, config: TrainingConfig, peak: float, steps: int) -> Any:
    """Return the optimizer of all parameters of `module`, with its schedule over `steps` steps, as Lightning takes them.

    network: the part whose hidden layers Muon takes. peak: AdamW's learning rate.

    Raises:
        ConfigurationError: Muon is wanted and there is no hidden layer.
    """
    steps = max(steps, 2)
    if config.optimizer == "muon":
        optimizer, peaks = _muon(module, network, config, peak), [config.muon_learning_rate, peak]
    else:
        on_gpu = all(value.is_cuda for value in module.parameters())
        optimizer = torch.optim.AdamW(
            module.parameters(), lr=peak, weight_decay=config.weight_decay, fused=True if on_gpu else None
        )
        peaks = [peak]
    linear = config.schedule == "linear"
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        peaks,
        total_steps=steps,
        pct_start=max(_WARM_UP, 1.5 / steps),  # of few steps, within the first
        anneal_strategy="linear" if linear else "cos",
        cycle_momentum=config.optimizer == "adamw",
        **({"final_div_factor": _TO_ZERO} if linear else {}),
    )
    return {"optimizer": optimizer, "lr_scheduler": {"scheduler": schedule, "interval": "step"}}


def hidden_weights(network: nn.Module) -> list[nn.Parameter]:
    """Return the weights of all layers but the first and the last one."""
    weights = [value for value in network.parameters() if value.dim() > 1 and value.requires_grad]
    return weights[1:-1]


def _muon(
    module: nn.Module, network: nn.Module, config: TrainingConfig, peak: float
) -> torch.optim.Optimizer:
    from pytorch_optimizer import Muon
    from pytorch_optimizer.optimizer.utils.matrix import zero_power_via_gram_newton_schulz

    class Float32Muon(Muon):  # type: ignore[misc]
        """Orthogonalizes in float32: bfloat16, the library's choice, is as slow as a training step where it is emulated."""

        @staticmethod
        def _orthogonalize(group: dict[str, Any], updates: list[Tensor]) -> list[Tensor]:
            return [
                zero_power_via_gram_newton_schulz(
                    update.reshape(len(update), -1),
                    num_steps=group["ns_steps"],
                    weights=group["ns_coeffs"],
                    dtype=torch.float32,
                    reset_steps=group["ns_reset_steps"],
                )
                for update in updates
            ]

    hidden = hidden_weights(network)
    if not hidden:
        raise ConfigurationError(
            "training.optimizer is muon, which trains hidden layers, and the network has none between its first and its last; use adamw"
        )
    taken = {id(value) for value in hidden}
    rest = [value for value in module.parameters() if value.requires_grad and id(value) not in taken]
    decay = config.weight_decay
    return Float32Muon(
        [
            {"params": hidden, "lr": config.muon_learning_rate, "weight_decay": decay, "use_muon": True},
            {"params": rest, "lr": peak, "weight_decay": decay, "betas": (0.9, 0.999), "use_muon": False},
        ]
    )


def narrowed(width: float, final: float, epoch: int, epochs: int) -> float:
    """Return a surrogate's width in an epoch, from `width` in the first to `final` in the last by equal factors; 0: no change."""
    if not final or epochs < 2:
        return width
    return math.exp(math.log(width) + epoch / (epochs - 1) * (math.log(final) - math.log(width)))
