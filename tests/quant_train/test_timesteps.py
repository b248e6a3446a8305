from __future__ import annotations

from typing import Literal, cast

import numpy as np
import pytest
import torch

from quant_train.config import NetworkConfig, StageOneConfig
from quant_train.network import SpikingNetwork
from quant_train.neurons import ThresholdFire, fire
from quant_train.timesteps import Reset, TimestepsFire
from tests.quant_train.networks import random_images, random_network

SPEC, SHAPE = "4C3-P2-6C3-FC8-FC10", (9, 8, 1)
RESETS = pytest.mark.parametrize("reset", ["hard", "soft"])


def neurons(
    timesteps: int, leak: float, reset: str, n_thresholds: int = 2, constant: bool = False
) -> TimestepsFire:
    made = TimestepsFire(
        3, n_thresholds, 0.2, 0.6, timesteps=timesteps, leak=leak, reset=cast(Reset, reset), constant=constant
    )
    made.first.data.copy_(torch.tensor([0.25, -0.5, 0.5]))
    return made


def network(stage_one: StageOneConfig | None) -> SpikingNetwork:
    """Return the network of `random_network`, with timesteps."""
    made = SpikingNetwork(NetworkConfig(SPEC), SHAPE, stage_one)
    made.load_state_dict(random_network(SPEC, SHAPE).state_dict())
    return made.eval()


@RESETS
@pytest.mark.parametrize("n_thresholds", [1, 2])
def test_neurons_follow_the_documented_equation(reset: str, n_thresholds: int) -> None:
    """Against a loop over single numbers; leak, thresholds and currents are dyadic, so every sum is exact."""
    leak, timesteps = 0.5, 5
    made = neurons(timesteps, leak, reset, n_thresholds)
    if made.gap is not None:
        made.gap.data.copy_(torch.tensor([0.5, 0.25, -1.0]))  # the gap's magnitude counts
    generator = torch.Generator().manual_seed(1)
    currents = torch.randint(-16, 17, (timesteps, 20, 3, 2), generator=generator) / 8
    with torch.no_grad():
        spikes = made(currents.flatten(0, 1)).unflatten(0, (timesteps, 20)).numpy()
        levels = made.thresholds().numpy()
    for image, channel, place in np.ndindex(20, 3, 2):
        potential = 0.0
        for step in range(timesteps):
            potential += float(currents[step, image, channel, place])
            reached = [float(level) for level in levels[:, channel] if potential >= level]
            for index in range(n_thresholds):
                assert spikes[step, image, index * 3 + channel, place] == (index < len(reached))
            if reached:
                potential = 0.0 if reset == "hard" else potential - max(reached)
            potential *= leak


@RESETS
def test_one_timestep_is_several_with_the_state_cleared(reset: str) -> None:
    images = random_images(SHAPE, 16)
    single = network(None)
    cleared = network(StageOneConfig(timesteps=4, leak=0.0, reset=cast(Reset, reset), weight_bits=4))
    with torch.no_grad():
        assert torch.equal(single(images), cleared(images))
    carried = network(StageOneConfig(timesteps=4, leak=1.0, reset=cast(Reset, reset), weight_bits=4))
    with torch.no_grad():
        assert not torch.equal(single(images), carried(images))  # so the state does matter


def test_the_gradients_of_cleared_timesteps_are_those_of_one() -> None:
    images = random_images(SHAPE, 16).double()
    gradients = []
    for stage_one in (None, StageOneConfig(timesteps=2, leak=0.0, weight_bits=4)):
        made = network(stage_one).double()
        made(images).square().sum().backward()
        gradients.append({name: value.grad for name, value in made.named_parameters()})
    for name, gradient in gradients[0].items():
        assert gradient is not None and torch.allclose(gradient, gradients[1][name], rtol=1e-9), name


@RESETS
@pytest.mark.parametrize("timesteps", [1, 3])
def test_a_single_threshold_is_two_with_the_second_at_infinity(reset: str, timesteps: int) -> None:
    torch.manual_seed(2)
    one, two = (neurons(timesteps, 0.5, reset, count) for count in (1, 2))
    assert two.gap is not None
    two.gap.data.fill_(torch.inf)
    vm = torch.randn(timesteps * 4, 3, 5)
    found = []
    for made in (one, two):
        potentials = vm.clone().requires_grad_()
        spikes = made(potentials)
        assert not spikes[:, 3:].any()  # there are none at infinity
        (spikes[:, :3] * torch.arange(5.0)).sum().backward()
        found.append((spikes[:, :3].detach(), potentials.grad, made.first.grad))
    for single, dual in zip(*found, strict=True):
        assert single is not None and dual is not None and torch.equal(single, dual)


@RESETS
def test_a_constant_current_is_the_current_of_every_timestep(reset: str) -> None:
    current = torch.randn(4, 3, 5, 6, generator=torch.Generator().manual_seed(0))
    constant, repeated = (neurons(3, 0.75, reset, constant=constant) for constant in (True, False))
    assert torch.equal(constant(current), repeated(current.repeat(3, 1, 1, 1)))


@pytest.mark.parametrize("surrogate", ["rectangular", "arctan", "sigmoid"])
def test_without_a_reset_gradients_are_those_of_the_summed_potentials(
    surrogate: Literal["rectangular", "arctan", "sigmoid"],
) -> None:
    """A potential that never fires is a plain weighted sum of currents, whose spikes' gradients are known."""
    made = TimestepsFire(
        2, 2, 50.0, 1.0, surrogate, 200.0, timesteps=3, leak=0.5, reset="hard", constant=False
    ).double()
    currents = torch.randn(3, 2, dtype=torch.float64, requires_grad=True)
    made(currents)[2].sum().backward()
    weights = torch.tensor([[0.25], [0.5], [1.0]], dtype=torch.float64)
    total = (currents.detach() * weights).sum(0, keepdim=True).requires_grad_()
    fire(total, made.thresholds().detach(), surrogate, 200.0).sum().backward()
    assert currents.grad is not None and total.grad is not None
    assert torch.allclose(currents.grad, weights * total.grad, rtol=1e-12)


def test_both_stages_have_the_same_parameters_and_stage_one_may_have_float_weights() -> None:
    one, two = network(StageOneConfig(timesteps=2)), network(None)
    shapes = [{name: value.shape for name, value in made.state_dict().items()} for made in (one, two)]
    assert shapes[0] == shapes[1]
    two.load_state_dict(one.state_dict())
    seen = random_images(SHAPE, 2)
    weight = one.features[0].weight
    exact = torch.nn.functional.conv2d(seen, weight, padding=1)
    assert torch.equal(one.features[0](seen), exact) and not torch.equal(two.features[0](seen), exact)


def test_a_network_without_neurons_has_one_timestep() -> None:
    made = SpikingNetwork(NetworkConfig("FC10"), SHAPE, StageOneConfig(timesteps=4))
    assert made.timesteps == 1 and made(random_images(SHAPE, 3)).shape == (3, 10)


@RESETS
def test_thresholds_stay_ordered_under_any_update_over_timesteps(reset: str) -> None:
    torch.manual_seed(0)
    made = neurons(3, 1.0, reset)
    optimizer = torch.optim.SGD(made.parameters(), lr=1.0)
    for _ in range(50):
        optimizer.zero_grad()
        (made(torch.randn(6, 3)) * torch.randn(6, 6)).sum().backward()
        optimizer.step()
        first, second = made.thresholds()
        assert bool((first <= second).all())


def test_fixed_thresholds_do_not_learn() -> None:
    assert not any(value.requires_grad for value in ThresholdFire(3, learn=False).parameters())
