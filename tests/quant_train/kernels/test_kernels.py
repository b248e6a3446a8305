"""The kernels in a network and in a training."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from quant_train import kernels
from quant_train.config import NetworkConfig, Recipe, TrainingConfig
from quant_train.network import SpikingNetwork
from quant_train.training import train
from tests.quant_train.networks import random_images, random_network

RECIPE = Recipe(
    "digits",
    NetworkConfig("8C3-8C3-P2-16C3-FC10"),
    TrainingConfig(
        epochs=2, batch_size=32, learning_rate=0.01, train_images=320, channels_last=True, kernels="compiled"
    ),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def test_a_network_s_scores_are_the_same_and_its_layers_go_back_to_torch() -> None:
    network = random_network("8C3-8C3-P2-16C3-FC8-FC10")
    images = random_images((9, 8, 1), 20)
    with torch.no_grad():
        expected = network(images)
        with kernels.in_use(network) as count:
            assert count == 6  # two convolutions of spikes, neurons of four layers
            assert torch.equal(network(images), expected)
    assert not any(
        "forward" in part.__dict__ or "_conv_forward" in part.__dict__ for part in network.modules()
    )


def test_neurons_of_another_surrogate_and_bfloat16_are_left_to_torch() -> None:
    network = SpikingNetwork(NetworkConfig("8C3-8C3-FC10", surrogate="sigmoid"), (8, 8, 1)).eval()
    images = random_images((8, 8, 1), 4)
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        expected = network(images)
        with kernels.in_use(network) as count:
            assert count == 1 and torch.equal(network(images), expected)


def test_a_training_with_them_repeats_itself_and_is_near_torch_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    convolved = kernels.convolved
    monkeypatch.setattr(kernels, "convolved", lambda *given: calls.append(1) or convolved(*given))
    one, two = (train(RECIPE, tmp_path / name, terminal=False) for name in ("one", "two"))
    assert len(calls) >= 2 * 2 * 20  # two convolutions in each of 20 steps, twice
    for name, value in one.network.state_dict().items():
        assert torch.equal(value, two.network.state_dict()[name]), name
    calls.clear()
    recipe = replace(RECIPE, training=replace(RECIPE.training, kernels="torch", epochs=1))
    short = replace(RECIPE, training=replace(RECIPE.training, epochs=1, train_images=32))
    torches = replace(recipe, training=replace(short.training, kernels="torch"))
    weights = [
        train(found, tmp_path / name, terminal=False).network.features.conv1.weight
        for name, found in (("ours", short), ("torch", torches))
    ]
    assert torch.allclose(*weights, atol=1e-5)  # after one step
