from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import PIXEL_SCALE
from quant_train.batch_norm_folding import fold, weight_scale
from quant_train.config import NetworkConfig, StageOneConfig
from quant_train.network import SpikingNetwork
from quant_train.neurons import FixedThresholdFire
from tests.quant_train.networks import random_images, random_network

SPECS = ["4C3-P2-5C3s2-FC6-FC4", "3C3x1v-P2-P2-FC3", "4C1-4C4v-FC5", "FC7-FC3"]


@pytest.mark.parametrize("spec", SPECS)
@pytest.mark.parametrize("n_thresholds", [1, 2])
def test_folding_changes_no_score(spec: str, n_thresholds: int) -> None:
    for seed, bits in enumerate((2, 3, 4, 8)):
        network = random_network(spec, (9, 8, 3), bits, n_thresholds, seed)
        images = random_images((9, 8, 3), 100, seed + 1)
        folded = fold(network)
        assert not any(isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d) for layer in folded)
        with torch.no_grad():
            expected = network.double()(images.double())  # float64, as folding itself is
            assert torch.equal(folded(images).double(), expected)
        assert len(expected.unique()) > 2


def test_folding_leaves_the_network_alone() -> None:
    network = random_network("4C3-P2-FC4")
    before = {name: value.clone() for name, value in network.state_dict().items()}
    fold(network)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_pooling_follows_firing_and_thresholds_are_ordered() -> None:
    network = random_network("4C3-P2-P2-FC4")
    assert list(network.features._modules) == [
        "conv0",
        "norm0",
        "pool1",
        "pool2",
        "fire0",
        "flatten",
        "dense3",
    ]
    folded = fold(network)
    assert list(folded._modules) == ["conv0", "fire0", "pool1", "pool2", "flatten", "dense3"]
    assert torch.equal(folded.fire0.thresholds, folded.fire0.thresholds.sort(0).values)  # type: ignore[union-attr]


def test_a_kernel_without_gamma_never_fires_or_always() -> None:
    network = random_network("3C3-FC2")
    network.features.norm0.weight.data.zero_()
    network.features.norm0.bias.data.copy_(torch.tensor([-9.0, 9.0, -9.0]))
    folded = fold(network)
    steps = folded.fire0.thresholds.double() / (weight_scale(network.features.conv0) * PIXEL_SCALE)  # type: ignore[union-attr, operator]
    assert torch.equal(steps, torch.tensor([[2.0**60, -(2.0**60), 2.0**60]] * 2, dtype=torch.float64))


def test_what_is_not_for_export_is_refused() -> None:
    teacher = SpikingNetwork(NetworkConfig("2C3-FC2", neurons="relu"), (4, 4, 1))
    with pytest.raises(ConfigurationError, match="this network is a teacher"):
        fold(teacher)
    stage_one = SpikingNetwork(NetworkConfig("2C3-FC2"), (4, 4, 1), StageOneConfig(timesteps=2))
    with pytest.raises(ConfigurationError, match="a network of 2 timesteps is stage one's"):
        fold(stage_one)


# Batch norm of these is exact in float64, so whether a potential ties with a threshold is not a matter of rounding.
exact = st.integers(-64, 64).map(lambda value: value / 16)
gammas = st.sampled_from([-2.0, -1.0, -0.25, 0.0, 0.5, 1.0, 4.0])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(gammas, exact, exact, exact, exact), min_size=3, max_size=3),
    st.integers(2, 8),
    st.integers(0, 2**16),
)
def test_spikes_are_exact_at_ties_and_for_every_sign_of_gamma(
    channels: list[tuple[float, float, float, float, float]], bits: int, seed: int
) -> None:
    network = random_network("3C3-FC2", (4, 5, 1), bits, seed=seed)
    conv, norm, neurons = network.features.conv0, network.features.norm0, network.features.fire0
    step = weight_scale(conv).numpy() * PIXEL_SCALE  # type: ignore[arg-type]
    images = torch.randint(0, 3, (16, 1, 4, 5), generator=torch.Generator().manual_seed(seed)) / 256
    with torch.no_grad():
        vm = conv(images).numpy().astype(np.float64)
        norm.eps = 0.0
        norm.running_var.fill_(1.0)
        for index, (gamma, mean, beta, first, gap) in enumerate(channels):
            # Means in steps of Vm, everything else in normalized units of a power of two: all exact.
            norm.weight[index], norm.bias[index] = gamma, beta * step[index]
            norm.running_mean[index] = mean * step[index]
            neurons.first[index], neurons.gap[index] = first * step[index], gap * step[index]
    folded = fold(network)
    with torch.no_grad():
        spikes = folded.fire0(folded.conv0(images)).numpy().reshape(16, 2, 3, -1)  # type: ignore[operator]
    for index, (gamma, mean, beta, first, gap) in enumerate(channels):
        steps = [Fraction(value) for value in (vm[:, index].reshape(-1) / step[index])]
        for which, threshold in enumerate((Fraction(first), Fraction(first) + abs(Fraction(gap)))):
            expected = [Fraction(gamma) * (v - Fraction(mean)) + Fraction(beta) >= threshold for v in steps]
            assert spikes[:, which, index].reshape(-1).tolist() == expected


def test_a_tie_fires_on_both_sides_of_zero_gamma() -> None:
    network = random_network("2C1-FC2", (2, 2, 1))
    conv, norm, neurons = network.features.conv0, network.features.norm0, network.features.fire0
    with torch.no_grad():
        conv.weight.fill_(1.0)
        norm.eps = 0.0
        norm.running_mean.zero_(), norm.running_var.fill_(1.0), norm.bias.zero_()
        norm.weight.copy_(torch.tensor([1.0, -1.0]))
        unit = float(conv(torch.full((1, 1, 2, 2), 1 / 256))[0, 0, 0, 0])
        neurons.first.copy_(torch.tensor([5 * unit, -5 * unit])), neurons.gap.zero_()
        folded = fold(network)
        ramp = torch.tensor([4.0, 5.0, 6.0, 5.0]).reshape(1, 1, 2, 2) / 256
        spikes = folded.fire0(folded.conv0(ramp))  # type: ignore[operator]
    assert spikes[0, 0].flatten().tolist() == [0, 1, 1, 1]  # fires at 5 and above
    assert spikes[0, 1].flatten().tolist() == [1, 1, 0, 1]  # fires at 5 and below


def test_a_kernel_whose_gamma_is_zero_fires_always_or_never_and_stays_finite() -> None:
    network = random_network("3C3-FC2", (4, 4, 1))
    norm, neurons = network.features.norm0, network.features.fire0
    with torch.no_grad():
        norm.weight.zero_()
        norm.bias.copy_(torch.tensor([0.5, 0.5, 0.5]))
        neurons.first.copy_(torch.tensor([0.5, 0.25, 1.0])), neurons.gap.fill_(0.5)
        folded = fold(network)
        spikes = folded.fire0(folded.conv0(random_images((4, 4, 1), 8)))  # type: ignore[operator]
    fire = folded.fire0
    assert isinstance(fire, FixedThresholdFire) and bool(fire.thresholds.isfinite().all())
    assert [sorted(set(spikes[:, channel].flatten().tolist())) for channel in range(6)] == [
        [1.0],
        [1.0],
        [0.0],
        [0.0],
        [0.0],
        [0.0],
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_diverged_network_is_refused(value: float) -> None:
    network = random_network("3C3-FC2", (4, 4, 1))
    network.features.norm0.running_var.data[1] = value
    with pytest.raises(ConfigurationError, match="norm0.running_var"):
        fold(network)
