"""Configuration of a network and of its training, read from a recipe (TOML)."""

from __future__ import annotations

import tomllib
from dataclasses import field, replace
from pathlib import Path
from typing import Any, Literal, Optional, Self

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic.dataclasses import dataclass

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from quant_train.data.config import DataConfig
from quant_train.spec import widened

BASELINE_OF = "baseline_of"
LARGEST_SEED = 2**32 - 1
"""The largest that every library takes."""
_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class NetworkConfig:
    """What the network is.

    spec: the layers, such as `8C3-P2-16C3-FC10`, see `quant_train.spec`. n_thresholds: 2 dual-threshold, 1 conventional.
    weight_bits: of every layer. first_threshold: initial, in standard deviations of Vm. threshold_gap: from there to the
    second, initial, in the same unit. surrogate: in place of the derivative of a spike, see `quant_train.neurons`.
    surrogate_width: in standard deviations of Vm. final_surrogate_width: width of the last epoch, towards which it changes by
    the same factor in every epoch, 0 to keep it. learn_thresholds: train them, or keep the initial ones. neurons: threshold,
    or relu for a teacher: rectified maps and floating-point weights, which are not exported.
    """

    spec: str
    n_thresholds: Literal[1, 2] = 2
    weight_bits: int = Field(default=4, ge=2, le=8)
    first_threshold: float = Field(default=0.0, ge=-1000, le=1000)
    threshold_gap: float = Field(default=1.0, ge=0, le=1000)
    surrogate: Literal["rectangular", "arctan", "sigmoid"] = "arctan"
    surrogate_width: float = Field(default=2.0, gt=0, allow_inf_nan=False)
    final_surrogate_width: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    learn_thresholds: bool = True
    neurons: Literal["threshold", "relu"] = "threshold"


@dataclass(frozen=True, config=_STRICT)
class StageOneConfig:
    """Stage one of a two-stage training: several timesteps, from which the training at one timestep starts.

    timesteps: of an image. leak: share of the membrane potential that is left after a timestep. reset: what a spike does
    to it, see `quant_train.timesteps`. epochs: passes over the training images. learning_rate: peak of its one-cycle
    schedule. weight_bits: of every layer, 0 for floating-point weights. distillation: share of stage two's loss that is
    the cross-entropy with stage one's labels, 0 for none.
    """

    timesteps: int = Field(default=2, ge=1)
    leak: float = Field(default=0.5, ge=0, le=1)
    reset: Literal["hard", "soft"] = "hard"
    epochs: int = Field(default=10, ge=1)
    learning_rate: float = Field(default=5e-3, gt=0, allow_inf_nan=False)
    weight_bits: Literal[0, 2, 3, 4, 5, 6, 7, 8] = 0
    distillation: float = Field(default=0.0, ge=0, le=1)


@dataclass(frozen=True, config=_STRICT)
class TeacherConfig:
    """A trained network that the training at one timestep learns from, beside the labels.

    recipe: of a teacher that is trained first, on the same data, in the training's own folder: a model of the zoo that has one, or the
    path of a recipe (TOML) from the current folder. checkpoint: of a teacher that is there already; it goes first. share: of the loss that is the cross-entropy with the
    teacher's labels. temperature: what both scores are divided by for it (Hinton et al. 2015, arXiv 1503.02531). sha256: of the
    checkpoint; found when training begins, and refused when it differs.
    """

    checkpoint: str = ""
    recipe: str = ""
    share: float = Field(default=0.5, gt=0, le=1)
    temperature: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    sha256: str = ""


@dataclass(frozen=True, config=_STRICT)
class TrainingConfig:
    """How it is trained; where there is a stage one, epochs and learning_rate are stage two's.

    epochs: passes over the training images. batch_size: images, of all devices together. optimizer: adamw, or muon (Jordan 2024)
    for the convolutions after the first and the hidden dense layers, and AdamW for the rest. learning_rate: peak of AdamW's.
    muon_learning_rate: peak of Muon's. schedule: one-cycle, by cosines, or linear, which rises for a tenth of the steps and
    falls to zero. weight_decay: of every optimizer. label_smoothing: share. shift: largest random shift of an image, in pixels
    each way. rotation: largest random angle, in degrees each way. zoom: largest random magnification less 1: with 0.1 an image is
    magnified to 110 % at most and shrunk to 91 %. padding: what comes in at its edges then. flip: mirror every other image, left to right. flip_order: random, or
    alternating, by which an image that is mirrored in one epoch is not in the next. cutout: side in pixels of the square that
    is blackened at a random place, 0 for none. cutmix: share of the images that get a part of another one, and of its label
    (Yun et al. 2019, arXiv 1905.04899). train_images: use only so many, 0 for all. held_out: this many training images,
    the last ones, are not trained on, and stand in for the test images. whitening: begin with first kernels that whiten patches
    of the training images. average: share of the moving average of weights that a step keeps, 0 for no average. recalibrate:
    measure batch norm's means and variances anew, over all training images, after the last epoch. recalibrate_augmented: on
    images as the training saw them, turned, shifted, mirrored and cut, as many as fill batches of 500. channels_last: memory layout
    of the maps; faster, but other last bits. precision: of the maps while training; spikes and weights are exact in bfloat16,
    membrane potentials are rounded to 8 bits, and what is exported is not; automatic takes bfloat16 where the processor has
    units for it. kernels: torch's, or compiled: on a CPU in float32 and channels_last this project's own, the same potentials for
    spikes, faster, with other last bits in gradients; on a GPU the step compiled and recorded. seed: of weights, order and augmentation.
    """

    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=128, ge=2)
    optimizer: Literal["adamw", "muon"] = "adamw"
    learning_rate: float = Field(default=5e-3, gt=0, allow_inf_nan=False)
    muon_learning_rate: float = Field(default=0.02, gt=0, allow_inf_nan=False)
    schedule: Literal["one-cycle", "linear"] = "one-cycle"
    weight_decay: float = Field(default=1e-4, ge=0, allow_inf_nan=False)
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    shift: int = Field(default=1, ge=0)
    rotation: float = Field(default=0.0, ge=0, le=180)
    zoom: float = Field(default=0.0, ge=0, le=1)
    padding: Literal["black", "reflection"] = "black"
    flip: bool = False
    flip_order: Literal["random", "alternating"] = "random"
    cutout: int = Field(default=0, ge=0)
    cutmix: float = Field(default=0.0, ge=0, le=1)
    train_images: int = Field(default=0, ge=0)
    held_out: int = Field(default=0, ge=0)
    whitening: bool = False
    average: float = Field(default=0.0, ge=0, lt=1)
    recalibrate: bool = False
    recalibrate_augmented: bool = False
    channels_last: bool = False
    precision: Literal["float32", "bfloat16", "automatic"] = "float32"
    kernels: Literal["torch", "compiled"] = "torch"
    seed: int = Field(default=0, ge=0, le=LARGEST_SEED)

    @model_validator(mode="after")
    def _recalibrates(self) -> Self:
        if self.recalibrate_augmented and not self.recalibrate:
            raise ValueError("recalibrate_augmented says on what to recalibrate, and recalibrate is false")
        return self


@dataclass(frozen=True, config=_STRICT)
class Recipe:
    """A network, its data set and its training: at one timestep from the beginning, or in two stages.

    dataset: a name, or a path from the current folder, see docs/own-data.md. data: how a data set at a path is read.
    """

    dataset: str
    network: NetworkConfig
    training: TrainingConfig = field(default_factory=TrainingConfig)
    stage_one: Optional[StageOneConfig] = None
    teacher: Optional[TeacherConfig] = None
    data: DataConfig = field(default_factory=DataConfig)


def read_recipe(path: Path, overrides: list[str] | None = None) -> Recipe:
    """Return the recipe in a TOML file; `overrides` are `section.key=value` items that replace single values, or,
    with the value `none`, leave them or a whole section out: `stage_one=none`.

    A file that says `baseline_of = "<zoo model>"` and nothing else is that model's recipe for a conventional network with
    the same spike maps, see `conventional`.

    Raises:
        ConfigurationError: no such file, no TOML, an unknown key or a bad value; the message names it.
    """
    content = _read_toml(path)
    if BASELINE_OF in content:
        if len(content) > 1 or not isinstance(content[BASELINE_OF], str):
            raise ConfigurationError(f'{path}: a baseline is {BASELINE_OF} = "<zoo model>" and nothing else')
        entry = zoo.find(content[BASELINE_OF])
        content = recipe_to_dict(conventional(recipe_from(_read_toml(entry.recipe), str(entry.recipe))))
    for override in overrides or []:
        _override(content, override)
    return recipe_from(content, str(path))


def conventional(recipe: Recipe) -> Recipe:
    """Return the recipe of the conventional network with the same spike maps, trained alike.

    One threshold instead of two, and so twice the kernels in every layer that fires; all else stays.

    Raises:
        ConfigurationError: `recipe` is of a conventional network.
    """
    if recipe.network.n_thresholds == 1:
        raise ConfigurationError(f"network {recipe.network.spec!r} has one threshold: it is its own baseline")
    network = replace(recipe.network, spec=widened(recipe.network.spec, 2), n_thresholds=1)
    return replace(recipe, network=network)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(
            Path(path).read_text("utf-8-sig")
        )  # editors may put a byte order mark before the text
    except RecursionError as error:
        raise ConfigurationError(f"{path} cannot be read as a recipe: it is nested too deep") from error
    except (OSError, ValueError) as error:  # no UTF-8, no TOML, numbers of too many digits
        raise ConfigurationError(f"{path} cannot be read as a recipe: {error}") from error


def recipe_from(content: Any, source: str) -> Recipe:
    """Return the recipe in nested dictionaries.

    Raises:
        ConfigurationError: an unknown key or a bad value in `source`; the message names it.
    """
    try:
        return TypeAdapter(Recipe).validate_python(content)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigurationError(f"{source}: " + "; ".join(problems)) from error


def recipe_to_dict(recipe: Recipe) -> dict[str, Any]:
    """Return nested dictionaries of plain values; what is left out is not there."""
    return TypeAdapter(Recipe).dump_python(recipe, exclude_none=True)  # type: ignore[no-any-return]


def _override(content: dict[str, Any], override: str) -> None:
    name, separator, text = override.partition("=")
    *sections, key = name.split(".")
    if not separator or not key:
        raise ConfigurationError(
            f"an override is section.key=value, such as training.epochs=5, not {override!r}"
        )
    target = content
    for section in sections:
        target = target.setdefault(section, {})
        if not isinstance(target, dict):
            raise ConfigurationError(f"override {override!r}: {section!r} is a value, not a section")
    if text == "none":
        target.pop(key, None)
        return
    try:
        target[key] = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        target[key] = text
