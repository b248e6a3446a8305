"""Training of a module that somebody else wrote, by this project's recipe: in one stage, or in two where its neurons allow it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import torch
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from quant_train.checkpoints import OWN_MODULE
from quant_train.config import NetworkConfig, StageOneConfig
from quant_train.neurons import ThresholdFire
from quant_train.own_module import scores_of
from quant_train.timesteps import TimestepsFire

_CHECKED = 8
_TOLERANCE = 1e-3


class OwnModule(nn.Module):
    """A module as the training has it: scores as a plain tensor, over several timesteps their mean.

    module: takes (N, C, H, W), pixels / 256. input_shape: (H, W, C). timesteps: how often it sees each image; it then gets
    (T * N, C, H, W), all images of timestep 1 first, as `TimestepsFire` has it.
    """

    def __init__(self, module: nn.Module, input_shape: tuple[int, int, int], timesteps: int = 1) -> None:
        super().__init__()
        self.module, self.input_shape, self.timesteps = module, input_shape, timesteps

    def forward(self, images: Tensor) -> Tensor:
        """Return the scores (N, classes)."""
        result = self.module(images if self.timesteps == 1 else images.repeat(self.timesteps, 1, 1, 1))
        scores: Tensor = getattr(result, "value", result)  # of Brevitas' QuantTensor
        return scores if self.timesteps == 1 else scores.unflatten(0, (self.timesteps, -1)).mean(0)


def own_network(module: nn.Module, input_shape: tuple[int, int, int], classes: int) -> OwnModule:
    """Return a module for training, once it is known to fit the data.

    Raises:
        ConfigurationError: it is none, has nothing to train, or does not give `classes` scores for such images.
    """
    if not isinstance(module, nn.Module):
        raise ConfigurationError(f"module must be a torch.nn.Module, not a {type(module).__name__}")
    if not any(parameter.requires_grad for parameter in module.parameters()):
        raise ConfigurationError("the module has no parameter to train: none has requires_grad")
    height, width, channels = input_shape
    found = scores_of(module.eval(), torch.zeros(1, channels, height, width))
    if found != classes:
        raise ConfigurationError(
            f"the module gives {found} scores for an image, and the data have {classes} classes; its last layer must have {classes} "
            "outputs"
        )
    return OwnModule(module.train(), input_shape)  # Lightning leaves the mode as it is


def described(module: nn.Module) -> NetworkConfig:
    """Return what stands for the module's network in a recipe: a digest of its layers and of its parameters' shapes."""
    layers = [f"{name}:{type(part).__name__}" for name, part in module.named_modules()]
    shapes = [f"{name}:{tuple(value.shape)}" for name, value in module.state_dict().items()]
    return NetworkConfig(f"{OWN_MODULE} {sha256(repr((layers, shapes)).encode())[:16]}")


def over_timesteps(network: OwnModule, config: StageOneConfig) -> OwnModule:
    """Return the network of stage one: a copy whose neurons carry their potential from timestep to timestep.

    It needs a module whose neurons are `ThresholdFire`, and which treats each image of a batch alone. `weight_bits` 0 trains with
    floating-point weights; the module's own bits keep its quantizers.

    Raises:
        ConfigurationError: it has no such neurons, or a variant of them; mixes the images of a batch; or its weights have
            other bits than `weight_bits`.
    """
    copy = deepcopy(network.module)
    _set_weights(copy, config.weight_bits)
    expected = OwnModule(deepcopy(copy), network.input_shape)
    replaced: dict[int, nn.Module] = {}
    _replace(copy, config, replaced, "")
    if not replaced:
        raise ConfigurationError(
            "stage one carries the membrane potentials of ThresholdFire from timestep to timestep, and the module has no such neurons; "
            "train it in one stage: leave stage_one out"
        )
    result = OwnModule(copy, network.input_shape, config.timesteps)
    _check(result, expected)
    return result.train()


def _set_weights(module: nn.Module, bits: int) -> None:
    quantizers = [
        (name, part.weight_quant)
        for name, part in module.named_modules()
        if getattr(getattr(part, "weight_quant", None), "is_quant_enabled", False)
    ]
    for name, quantizer in quantizers:
        own = int(quantizer.bit_width())
        if bits == 0:
            quantizer.disable_quant = True
        elif bits != own:
            raise ConfigurationError(
                f"stage_one.weight_bits is {bits}, and {name} has weights of {own} bits of its own; say {own}, or 0 for floating point"
            )


def _replace(parent: nn.Module, config: StageOneConfig, replaced: dict[int, nn.Module], prefix: str) -> None:
    """Put neurons of several timesteps in place of those of one."""
    for name, child in list(parent.named_children()):
        if id(child) in replaced:  # the same neurons at two places
            setattr(parent, name, replaced[id(child)])
        elif isinstance(child, ThresholdFire):
            if type(child) is not ThresholdFire:
                raise ConfigurationError(
                    f"{prefix}{name}: stage one knows ThresholdFire itself, not {type(child).__name__}; train in one stage: leave "
                    "stage_one out"
                )
            replaced[id(child)] = _over_time(child, config)
            setattr(parent, name, replaced[id(child)])
        else:
            _replace(child, config, replaced, f"{prefix}{name}.")


def _over_time(neurons: ThresholdFire, config: StageOneConfig) -> TimestepsFire:
    result = TimestepsFire(
        len(neurons.first),
        1 if neurons.gap is None else 2,
        surrogate=neurons.surrogate,
        width=neurons.width,
        timesteps=config.timesteps,
        leak=config.leak,
        reset=config.reset,
        constant=False,
    )
    result.load_state_dict(neurons.state_dict())
    for own, given in zip(result.parameters(), neurons.parameters(), strict=True):
        own.requires_grad_(given.requires_grad)
    return result


@torch.no_grad()
def _check(network: OwnModule, expected: OwnModule) -> None:
    """Compare, with nothing carried over, a batch over several timesteps with each image alone: each timestep is then the first.

    Raises:
        ConfigurationError: the scores of half of the images differ, so something in the module mixes the images of a batch.
    """
    height, width, channels = network.input_shape
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (_CHECKED, channels, height, width), generator=generator).float() / 256
    neurons = [part for part in network.modules() if isinstance(part, TimestepsFire)]
    leaks = [part.leak for part in neurons]
    for part in neurons:
        part.leak = 0.0
    try:
        found: Any = network.eval()(images)
        wanted = torch.cat([expected.eval()(image[None]) for image in images])
    except Exception as error:  # whatever the layers of somebody else raise
        raise ConfigurationError(
            f"stage one calls the module with a batch of timesteps x images, which it does not take: {str(error).splitlines()[0]}"
        ) from error
    for part, leak in zip(neurons, leaks, strict=True):
        part.leak = leak
    different = int(((found - wanted).abs().amax(1) > _TOLERANCE * wanted.abs().max().clamp_min(1e-30)).sum())
    if 2 * different >= _CHECKED:
        raise ConfigurationError(
            f"stage one: with nothing carried over, {different} of {_CHECKED} images get other scores than from the module itself; "
            "something in it mixes the images of a batch; train in one stage: leave stage_one out"
        )
