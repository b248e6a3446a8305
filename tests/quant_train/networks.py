"""Small random networks, batch norm with every sign of gamma, for the tests of folding and export."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from quant_train.config import NetworkConfig, Recipe
from quant_train.network import SpikingNetwork


def random_network(
    spec: str, shape: tuple[int, int, int] = (9, 8, 1), bits: int = 4, n_thresholds: int = 2, seed: int = 0
) -> SpikingNetwork:
    """Return a network in eval mode whose statistics fit its potentials, so that about half of the neurons fire."""
    torch.manual_seed(seed)
    config = NetworkConfig(spec, weight_bits=bits, n_thresholds=n_thresholds)  # type: ignore[arg-type]
    network = SpikingNetwork(config, shape)
    for module in network.modules():
        if isinstance(module, _BatchNorm):
            module.weight.data.normal_()
            module.weight.data[0] = -module.weight.data[0].abs()
            module.bias.data.normal_(0, 0.3)
        if hasattr(module, "first"):
            module.first.data.normal_(-0.3, 0.5)
    images = random_images(shape, 64, seed)
    for _ in range(30):
        network.train()(images)
    return network.eval()


def random_images(shape: tuple[int, int, int], count: int, seed: int = 0) -> Tensor:
    """Return images (N, C, H, W) of pixels / 256; the first two are black and white."""
    height, width, channels = shape
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(0, 256, (count, channels, height, width), generator=generator).float()
    images[0], images[1] = 0, 255
    return images / 256


def recipe_of(network: SpikingNetwork, dataset: str = "digits") -> Recipe:
    """Return a recipe for the network."""
    return Recipe(dataset, network.config)


def firing_layers(network: nn.Module) -> list[str]:
    """Return the names of its firing layers."""
    return [name for name, _ in network.named_modules() if name.split(".")[-1].startswith("fire")]
