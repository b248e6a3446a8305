from __future__ import annotations

import pytest
import torch
from torch import Tensor

from quant_train.kernels.firing import fired
from quant_train.neurons import fire


@pytest.mark.parametrize("levels", [1, 2])
@pytest.mark.parametrize("shape", [(3, 5, 4, 7), (2, 8, 1, 1), (9, 6), (40, 3, 16, 16)])
def test_spikes_are_the_same_and_gradients_up_to_rounding(shape: tuple[int, ...], levels: int) -> None:
    generator = torch.Generator().manual_seed(0)
    vm = torch.randn(shape, generator=generator)
    thresholds = torch.randn(levels, shape[1], generator=generator).sort(0).values
    at = vm.transpose(0, 1).flatten(1)
    at[:, 0] = thresholds[0]  # ties
    vm = at.view(shape[1], shape[0], *shape[2:]).transpose(0, 1)
    gradient = torch.randn((shape[0], levels * shape[1], *shape[2:]), generator=generator)

    def results(neurons: object) -> tuple[Tensor, Tensor, Tensor]:
        one, two = vm.clone().requires_grad_(), thresholds.clone().requires_grad_()
        spikes = neurons(one, two)  # type: ignore[operator]
        spikes.backward(gradient)
        return spikes.detach(), one.grad, two.grad  # type: ignore[return-value]

    spikes, to_vm, to_thresholds = results(lambda one, two: fired(one, two, 1.5))
    expected = results(lambda one, two: fire(one, two, "arctan", 1.5))
    assert torch.equal(spikes, expected[0])
    assert torch.allclose(to_vm, expected[1], rtol=1e-5, atol=1e-7)
    assert torch.allclose(to_thresholds, expected[2], rtol=1e-4, atol=1e-4)
