"""Networks as people write them in PyTorch, and their scores by plain PyTorch in float64: no code of this project.

In float64 a sum of integers times a float32 scale is exact; biases, batch norm and a normalised image round, at 1e-16. What is
a tie in real numbers therefore may come out as a potential a little below its threshold: within `TIE` it fires.
"""

from __future__ import annotations

import warnings

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import brevitas.nn as qnn
    from brevitas.quant import (
        Int8WeightPerChannelFloat,
        Int8WeightPerTensorFixedPoint,
        Int8WeightPerTensorFloat,
        SignedBinaryActPerTensorConst,
    )

from quant_train.neurons import ThresholdFire

TIE = 1e-10
WEIGHTS = (Int8WeightPerTensorFixedPoint, Int8WeightPerTensorFloat, Int8WeightPerChannelFloat)


class Normalise(nn.Module):
    """What data loaders do, inside the network."""

    def __init__(self, mean: float, std: float) -> None:
        super().__init__()
        self.mean, self.std = mean, std

    def forward(self, images: Tensor) -> Tensor:
        return (images - self.mean) / self.std


def binary() -> nn.Module:
    """Return an activation of -1 and +1."""
    return qnn.QuantIdentity(act_quant=SignedBinaryActPerTensorConst)


def scores(net: nn.Sequential, images: NDArray[np.uint8], pixel: float = 1 / 256) -> NDArray[np.float64]:
    """Return the scores (N, classes) of images (N, H, W, C), layer by layer in float64."""
    x = torch.from_numpy(images).permute(0, 3, 1, 2).double() * pixel
    with torch.no_grad():
        for layer in net:
            x = _layer(layer, x)
    return x.numpy()


def _weights(layer: nn.Module) -> Tensor:
    weight = layer.quant_weight()
    return torch.round(weight.value / weight.scale).double() * weight.scale.double()


def _layer(layer: nn.Module, x: Tensor) -> Tensor:
    bias = getattr(layer, "bias", None)
    bias = None if bias is None else bias.double()
    if isinstance(layer, qnn.QuantConv2d):
        return F.conv2d(x, _weights(layer), bias, layer.stride, layer.padding, groups=layer.groups)
    if isinstance(layer, qnn.QuantLinear):
        return F.linear(x, _weights(layer), bias)
    if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
        values = (layer.running_mean, layer.running_var, layer.weight, layer.bias)
        return F.batch_norm(x, *(value.double() for value in values), eps=float(np.float32(layer.eps)))
    if isinstance(layer, ThresholdFire):
        levels = layer.thresholds().double()
        shape = [1, -1] + [1] * (x.dim() - 2)
        return torch.cat([(x >= level.reshape(shape) - TIE).double() for level in levels], dim=1)
    if isinstance(layer, (qnn.QuantReLU, qnn.QuantIdentity)):
        quant = layer.act_quant
        scale = quant.scale().double()
        if quant.bit_width() == 1:
            return torch.where(x >= -TIE, scale, -scale)
        signed, narrow = bool(quant.is_signed), bool(quant.is_narrow_range)
        top = 2 ** (int(quant.bit_width()) - signed) - 1 - (narrow and not signed)
        return torch.round(x / scale).clamp(-top if signed else 0, top) * scale
    if isinstance(layer, Normalise):
        std = float(np.float32(layer.std))
        return (x - float(np.float32(layer.mean))) / std
    return layer(x)


def random_module(seed: int) -> tuple[nn.Sequential, tuple[int, int, int]]:
    """Return a random network, trained for nothing but with statistics as training leaves them, and (H, W, C) of its images."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    channels = int(rng.choice([1, 3]))
    size = int(rng.integers(10, 14))
    shape = (size, size + int(rng.integers(0, 3)), channels)
    layers: list[nn.Module] = []
    padded = True
    if rng.random() < 0.3:
        layers.append(
            Normalise(float(rng.choice([0.0, 0.1307, 0.5])), float(rng.choice([0.3081, 0.5, 0.225])))
        )
        padded = False
    at_minus_one = False
    for _ in range(int(rng.integers(1, 3))):
        kernels = int(rng.integers(2, 5))
        kernel = int(rng.choice([1, 2, 3]))
        padding = int(rng.integers(0, 2)) if padded and kernel == 3 and not at_minus_one else 0
        groups = channels if rng.random() < 0.15 else 1
        layers.append(
            qnn.QuantConv2d(
                channels, kernels * groups, kernel, padding=padding, groups=groups, **_options(rng, WEIGHTS)
            )
        )
        channels, padded = kernels * groups, True
        channels, at_minus_one = _add_firing(layers, rng, channels, maps=True)
    if rng.random() < 0.2:
        layers += [nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    else:
        layers.append(nn.Flatten())
    features = nn.Sequential(*layers).eval()(torch.zeros(2, shape[2], *shape[:2])).shape[1]
    if rng.random() < 0.5:
        units = int(rng.integers(3, 7))
        layers.append(qnn.QuantLinear(features, units, **_options(rng, WEIGHTS)))
        features, _ = _add_firing(layers, rng, units, maps=False)
    layers.append(qnn.QuantLinear(features, int(rng.integers(2, 6)), **_options(rng, WEIGHTS[:2], most=4)))
    net = nn.Sequential(*layers)
    _settle(net, shape, rng)
    return net.eval(), shape


def _options(rng: np.random.Generator, quantizers: tuple[type, ...], most: int = 6) -> dict[str, object]:
    return {
        "bias": bool(rng.random() < 0.6),
        "weight_quant": quantizers[rng.integers(len(quantizers))],
        "weight_bit_width": int(rng.integers(2, most + 1)),
    }


def _add_firing(
    layers: list[nn.Module], rng: np.random.Generator, channels: int, maps: bool
) -> tuple[int, bool]:
    """Add batch norm, pooling and firing in one of the orders that people use; return the channels, and whether -1 is among them."""
    norm = nn.BatchNorm2d if maps else nn.BatchNorm1d
    before: list[nn.Module] = [norm(channels)] if rng.random() < 0.7 else []
    pool = [nn.MaxPool2d(2)] if maps and rng.random() < 0.5 else []
    kind = rng.choice(["dual", "single", "binary", "levels"], p=[0.5, 0.2, 0.15, 0.15])
    fire: nn.Module = {
        "dual": lambda: ThresholdFire(channels, first=float(rng.normal() / 3), gap=float(rng.random())),
        "single": lambda: ThresholdFire(channels, 1, first=float(rng.normal() / 3)),
        "binary": binary,
        "levels": lambda: qnn.QuantReLU(bit_width=2, narrow_range=True),
    }[kind]()
    after = pool if rng.random() < 0.4 else []
    layers += [*before, *([] if after else pool), fire, *after]
    if rng.random() < 0.3:
        layers.append(nn.Dropout(0.2))
    return channels * (2 if kind == "dual" else 1), kind == "binary"


def _settle(net: nn.Sequential, shape: tuple[int, int, int], rng: np.random.Generator) -> None:
    """Give batch norm and activations their statistics, then random gains, a third of them negative."""
    net.train()
    with torch.no_grad():
        for layer in net:
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                layer.momentum = None
        for _ in range(2):
            net(torch.rand(16, shape[2], *shape[:2]))
        for layer in net:
            if isinstance(layer, (nn.BatchNorm1d, nn.BatchNorm2d)):
                gain = torch.from_numpy(
                    rng.uniform(0.3, 1.5, layer.num_features) * rng.choice([1, 1, -1], layer.num_features)
                )
                layer.weight.copy_(gain)
                layer.bias.copy_(torch.from_numpy(rng.normal(size=layer.num_features) / 3))
    net.eval()
