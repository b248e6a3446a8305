from __future__ import annotations

import torch
from torch import nn

from quant_train.recalibration import recalibrate
from tests.quant_train.networks import random_images, random_network


def test_statistics_are_the_averages_over_the_batches_and_nothing_else_changes() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3))
    norm = network[1]
    network.train()(torch.randn(4, 1, 6, 6) * 50)
    network.eval()
    weights = [value.clone() for value in network.parameters()]
    batches = list(random_images((6, 6, 1), 12).split(4))
    recalibrate(network, [(images, torch.zeros(4)) for images in batches])
    with torch.no_grad():
        maps = [network[0](images) for images in batches]
    means = torch.stack([part.mean((0, 2, 3)) for part in maps]).mean(0)
    variances = torch.stack([part.var((0, 2, 3)) for part in maps]).mean(0)
    assert torch.allclose(norm.running_mean, means, rtol=1e-5)
    assert torch.allclose(norm.running_var, variances, rtol=1e-5)
    assert norm.momentum == 0.1 and not norm.training
    assert all(torch.equal(now, then) for now, then in zip(network.parameters(), weights, strict=True))


def test_it_does_not_matter_what_the_statistics_were() -> None:
    networks = [random_network("4C3-P2-6C3-FC10") for _ in range(2)]
    for module in networks[1].modules():
        if isinstance(module, nn.BatchNorm2d):
            module.running_mean.normal_()
    for network in networks:
        recalibrate(network, [(random_images((9, 8, 1), 32, seed), torch.zeros(32)) for seed in range(3)])
    for name, value in networks[0].state_dict().items():
        assert torch.equal(value, networks[1].state_dict()[name]), name
