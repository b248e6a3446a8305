"""Neurons of several timesteps, for stage one of a training: the membrane potential is carried over.

The iterative leaky integrate-and-fire model of Wu et al. 2018 (doi 10.3389/fnins.2018.00331, eq. 8-10), with two thresholds:

    Vm[t] = leak * reset(Vm[t - 1]) + current[t],    spike_k[t] = Vm[t] >= Vth_k,    Vm before the first timestep = 0

The current is batch norm's output, one value for each kernel and pixel, and there is one Vm for both thresholds. As
`Vth1 <= Vth2`, a neuron that fires at all fires at `Vth1`. What resets (this project's choice):

- hard: a neuron that fired, at either threshold, goes to 0.
- soft: a neuron that fired loses the highest threshold that it reached.

With `Vth2 = +inf` both are the reset of a conventional neuron, and with leak = 0 every timestep is the first. A reset passes no
gradient to the spike that caused it.
"""

from __future__ import annotations

from typing import Any, Literal

import torch
from torch import Tensor

from quant_train.neurons import ThresholdFire, fire

Reset = Literal["hard", "soft"]


class TimestepsFire(ThresholdFire):
    """Neurons that see `timesteps` currents of each image. leak, reset: see the module; the rest: see ThresholdFire.

    Takes `(T * N, C, ...)`, all images of timestep 1 first, or, where `constant`, the `(N, C, ...)` that is the current of
    every timestep. Returns spikes `(T * N, K * C, ...)`.
    """

    def __init__(self, *args: Any, timesteps: int, leak: float, reset: Reset, constant: bool, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.timesteps, self.leak, self.reset, self.constant = timesteps, leak, reset, constant

    def forward(self, vm: Tensor) -> Tensor:
        """Integrate, fire and reset, timestep by timestep."""
        currents = [vm] * self.timesteps if self.constant else vm.chunk(self.timesteps)
        thresholds = self.thresholds()
        potential, spikes = currents[0], [fire(currents[0], thresholds, self.surrogate, self.width)]
        for current in currents[1:]:
            potential = current + self.leak * self._after_reset(potential, spikes[-1].detach(), thresholds)
            spikes.append(fire(potential, thresholds, self.surrogate, self.width))
        return torch.cat(spikes)

    def _after_reset(self, vm: Tensor, spikes: Tensor, thresholds: Tensor) -> Tensor:
        """Return what is left of `vm` `(N, C, ...)`."""
        fired = spikes.chunk(len(thresholds), dim=1)
        if self.reset == "hard":
            return vm * (1 - fired[0])
        levels = thresholds.reshape(*thresholds.shape, *([1] * (vm.dim() - 2)))
        left = vm
        for spike, level in zip(fired, levels, strict=True):  # the highest that it reached is the last
            left = torch.where(spike > 0, vm - level, left)
        return left
