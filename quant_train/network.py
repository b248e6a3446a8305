"""The network in PyTorch: Brevitas weights, batch norm, firing, pooling."""

from __future__ import annotations

import warnings
from collections import OrderedDict
from typing import Any

from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from quant_train import spec as notation
from quant_train.config import NetworkConfig, StageOneConfig
from quant_train.neurons import ThresholdFire
from quant_train.timesteps import TimestepsFire

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import brevitas.nn as qnn
    from brevitas.quant import Int8WeightPerTensorFixedPoint


LARGEST = 1 << 28
"""Weights of a network: a gigabyte, and gigabytes more while they are trained."""


class PerChannelWeights(Int8WeightPerTensorFixedPoint):  # type: ignore[misc]
    """Signed narrow-range weights with a power-of-two scale for each output channel."""

    scaling_per_output_channel = True


class SpikingNetwork(nn.Module):
    """A spiking CNN of one timestep, or, for stage one of a training, of several.

    Input `(N, C, H, W)` float32, pixels / 256; output `(N, classes)` float32 scores. `features` holds layers named
    conv<i>, norm<i>, pool<i>, fire<i>, flatten, dense<i>.

    Pooling comes before firing here and after it in the folded network. The spikes are the same, as the largest of some
    potentials reaches a threshold when any of them does; but gradients go to the potential that decides, and the
    neurons' maps are smaller. Over several timesteps that is a network of its own, with a potential for each pooled pixel.

    With `neurons = "relu"` it is a floating-point network with rectified maps in place of spikes: a teacher.

    stage_one: its timesteps and weights. Every timestep sees the same image, the layers before the first neurons compute
    once, and the scores are the mean of the timesteps'. Parameters have the same names and shapes either way.
    """

    def __init__(
        self,
        config: NetworkConfig,
        input_shape: tuple[int, int, int],
        stage_one: StageOneConfig | None = None,
    ) -> None:
        super().__init__()
        self.config, self.input_shape = config, input_shape
        self.features = nn.Sequential(_layers(config, input_shape, stage_one))
        steps = [layer.timesteps for layer in self.features if isinstance(layer, TimestepsFire)]
        self.timesteps = max(steps, default=1)  # without neurons there is nothing to carry over

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores."""
        scores: Tensor = self.features(images)
        return scores if self.timesteps == 1 else scores.unflatten(0, (self.timesteps, -1)).mean(0)


def _layers(
    config: NetworkConfig, input_shape: tuple[int, int, int], stage_one: StageOneConfig | None
) -> OrderedDict[str, nn.Module]:
    """Return the named layers for images of (H, W, C)."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    tokens = notation.parse(config.spec)
    bits = stage_one.weight_bits if stage_one else config.weight_bits
    if config.neurons == "relu":
        bits = 0
    height, width, channels = input_shape
    weights = 0
    for index, token in enumerate(tokens):
        if isinstance(token, notation.Conv):
            (pad_y, pad_x), (rows, columns) = token.padding, token.size
            weights += channels * rows * columns * token.kernels
            _check_weights(weights, config.spec, index)
            layers[f"conv{index}"] = qnn.QuantConv2d(
                channels,
                token.kernels,
                token.size,
                stride=token.stride,
                padding=token.padding,
                bias=False,
                **_quantizer(PerChannelWeights, bits),
            )
            height = (height + 2 * pad_y - rows) // token.stride + 1
            width = (width + 2 * pad_x - columns) // token.stride + 1
            channels = _add_firing(
                layers, index, token.kernels, config, stage_one, nn.BatchNorm2d(token.kernels)
            )
        elif isinstance(token, notation.Pool):
            _, neurons = firing = layers.popitem()
            layers[f"pool{index}"] = nn.MaxPool2d(token.size)
            layers[firing[0]] = neurons
            height, width = height // token.size, width // token.size
        else:
            if "flatten" not in layers:
                layers["flatten"] = nn.Flatten()
            last = index == len(tokens) - 1
            inputs = height * width * channels
            weights += inputs * token.units
            _check_weights(weights, config.spec, index)
            layers[f"dense{index}"] = qnn.QuantLinear(
                inputs,
                token.units,
                bias=False,
                **_quantizer(Int8WeightPerTensorFixedPoint if last else PerChannelWeights, bits),
            )
            height = width = 1
            channels = token.units
            if not last:
                channels = _add_firing(
                    layers, index, token.units, config, stage_one, nn.BatchNorm1d(token.units)
                )
        if min(height, width) < 1:
            raise ConfigurationError(
                f"network {config.spec!r}, token {index + 1}: nothing is left of {input_shape[0]} x {input_shape[1]} images"
            )
    return layers


def _check_weights(count: int, spec: str, index: int) -> None:
    if count > LARGEST:
        raise ConfigurationError(
            f"network {spec!r}, token {index + 1}: it has {count:,} weights up to there; at most {LARGEST:,} are trained"
        )


def _quantizer(quantizer: type, bits: int) -> dict[str, Any]:
    """Return Brevitas' arguments for weights of `bits`, or of floating point for 0."""
    return {"weight_quant": quantizer, "weight_bit_width": bits} if bits else {"weight_quant": None}


def _add_firing(
    layers: OrderedDict[str, nn.Module],
    index: int,
    kernels: int,
    config: NetworkConfig,
    stage_one: StageOneConfig | None,
    norm: nn.Module,
) -> int:
    """Add batch norm and neurons; return the number of spike maps."""
    first = not any(isinstance(layer, ThresholdFire) for layer in layers.values())
    layers[f"norm{index}"] = norm
    if config.neurons == "relu":
        layers[f"fire{index}"] = nn.ReLU()
        return kernels
    common: dict[str, Any] = {
        "channels": kernels,
        "n_thresholds": config.n_thresholds,
        "first": config.first_threshold,
        "gap": config.threshold_gap,
        "surrogate": config.surrogate,
        "width": config.surrogate_width,
        "learn": config.learn_thresholds,
    }
    if stage_one is None:
        layers[f"fire{index}"] = ThresholdFire(**common)
    else:
        layers[f"fire{index}"] = TimestepsFire(
            **common,
            timesteps=stage_one.timesteps,
            leak=stage_one.leak,
            reset=stage_one.reset,
            constant=first,
        )
    return config.n_thresholds * kernels
