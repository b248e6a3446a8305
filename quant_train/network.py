"""The network in PyTorch: Brevitas weights, batch norm, firing, pooling."""

from __future__ import annotations

import math
import warnings
from collections import OrderedDict

from torch import Tensor, nn

from quant_train import spec as notation
from quant_train.config import NetworkConfig
from quant_train.errors import ConfigurationError
from quant_train.neurons import ThresholdFire

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import brevitas.nn as qnn
    from brevitas.quant import Int8WeightPerTensorFixedPoint

PIXEL_SCALE = 1 / 256


class PerChannelWeights(Int8WeightPerTensorFixedPoint):  # type: ignore[misc]
    """Signed narrow-range weights with a power-of-two scale for each output channel."""

    scaling_per_output_channel = True


class SpikingNetwork(nn.Module):
    """A spiking CNN of one timestep.

    Input `(N, C, H, W)` float32, pixels / 256; output `(N, classes)` float32 scores. `features` holds layers named
    conv<i>, norm<i>, pool<i>, fire<i>, flatten, dense<i>.

    Pooling comes before firing here and after it in the folded network. The spikes are the same, as the largest of some
    potentials reaches a threshold when any of them does; but gradients go to the potential that decides, and the
    neurons' maps are smaller.
    """

    def __init__(self, config: NetworkConfig, input_shape: tuple[int, int, int]) -> None:
        super().__init__()
        self.config, self.input_shape = config, input_shape
        self.features = nn.Sequential(_layers(config, input_shape))

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores."""
        return self.features(images)  # type: ignore[no-any-return]


def _layers(config: NetworkConfig, input_shape: tuple[int, int, int]) -> OrderedDict[str, nn.Module]:
    """Return the named layers for images of (H, W, C)."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    tokens = notation.parse(config.spec)
    height, width, channels = input_shape
    for index, token in enumerate(tokens):
        if isinstance(token, notation.Conv):
            (pad_y, pad_x), (rows, columns) = token.padding, token.size
            layers[f"conv{index}"] = qnn.QuantConv2d(
                channels,
                token.kernels,
                token.size,
                stride=token.stride,
                padding=token.padding,
                bias=False,
                weight_quant=PerChannelWeights,
                weight_bit_width=config.weight_bits,
            )
            height = (height + 2 * pad_y - rows) // token.stride + 1
            width = (width + 2 * pad_x - columns) // token.stride + 1
            channels = _add_firing(layers, index, token.kernels, config, nn.BatchNorm2d(token.kernels))
        elif isinstance(token, notation.Pool):
            _, neurons = firing = layers.popitem()
            layers[f"pool{index}"] = nn.MaxPool2d(token.size)
            layers[firing[0]] = neurons
            height, width = height // token.size, width // token.size
        else:
            if "flatten" not in layers:
                layers["flatten"] = nn.Flatten()
            last = index == len(tokens) - 1
            layers[f"dense{index}"] = qnn.QuantLinear(
                math.prod((height, width, channels)),
                token.units,
                bias=False,
                weight_quant=Int8WeightPerTensorFixedPoint if last else PerChannelWeights,
                weight_bit_width=config.weight_bits,
            )
            height = width = 1
            channels = token.units
            if not last:
                channels = _add_firing(layers, index, token.units, config, nn.BatchNorm1d(token.units))
        if min(height, width) < 1:
            raise ConfigurationError(
                f"network {config.spec!r}, token {index + 1}: nothing is left of {input_shape[0]} x {input_shape[1]} images"
            )
    return layers


def _add_firing(
    layers: OrderedDict[str, nn.Module], index: int, kernels: int, config: NetworkConfig, norm: nn.Module
) -> int:
    """Add batch norm and neurons; return the number of spike maps."""
    layers[f"norm{index}"] = norm
    layers[f"fire{index}"] = ThresholdFire(
        kernels,
        config.n_thresholds,
        config.first_threshold,
        config.threshold_gap,
        config.surrogate,
        config.surrogate_width,
    )
    return config.n_thresholds * kernels
