"""Configuration of a network and of its training, read from a recipe (TOML)."""

from __future__ import annotations

import tomllib
from dataclasses import field
from pathlib import Path
from typing import Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from quant_train.errors import ConfigurationError

_STRICT = ConfigDict(extra="forbid")


@dataclass(frozen=True, config=_STRICT)
class NetworkConfig:
    """What the network is.

    spec: see `quant_train.spec`. n_thresholds: 2 dual-threshold, 1 conventional. weight_bits: of every layer.
    first_threshold, threshold_gap: initial, in standard deviations of Vm. surrogate, surrogate_width (same unit): see
    `quant_train.neurons`.
    """

    spec: str
    n_thresholds: Literal[1, 2] = 2
    weight_bits: int = Field(default=4, ge=2, le=8)
    first_threshold: float = Field(default=0.0, allow_inf_nan=False)
    threshold_gap: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    surrogate: Literal["rectangular", "arctan", "sigmoid"] = "arctan"
    surrogate_width: float = Field(default=2.0, gt=0, allow_inf_nan=False)


@dataclass(frozen=True, config=_STRICT)
class TrainingConfig:
    """How it is trained.

    epochs: passes over the training images. batch_size: images. learning_rate: peak of a one-cycle schedule.
    weight_decay: of AdamW. label_smoothing: share. shift: largest random shift of an image, in pixels each way.
    train_images: use only so many, 0 for all. seed: of weights, order and shifts.
    """

    epochs: int = Field(default=30, ge=1)
    batch_size: int = Field(default=128, ge=2)
    learning_rate: float = Field(default=5e-3, gt=0, allow_inf_nan=False)
    weight_decay: float = Field(default=1e-4, ge=0, allow_inf_nan=False)
    label_smoothing: float = Field(default=0.05, ge=0, lt=1)
    shift: int = Field(default=1, ge=0)
    train_images: int = Field(default=0, ge=0)
    seed: int = Field(default=0, ge=0)


@dataclass(frozen=True, config=_STRICT)
class Recipe:
    """A network, its data set and its training."""

    dataset: str
    network: NetworkConfig
    training: TrainingConfig = field(default_factory=TrainingConfig)


def read_recipe(path: Path, overrides: list[str] | None = None) -> Recipe:
    """Return the recipe in a TOML file; `overrides` are `section.key=value` items that replace single values.

    Raises:
        ConfigurationError: no such file, no TOML, an unknown key or a bad value; the message names it.
    """
    try:
        content = tomllib.loads(Path(path).read_text())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path} cannot be read as a recipe: {error}") from error
    for override in overrides or []:
        _override(content, override)
    return recipe_from(content, str(path))


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
    """Return nested dictionaries of plain values."""
    return TypeAdapter(Recipe).dump_python(recipe)  # type: ignore[no-any-return]


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
    try:
        target[key] = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        target[key] = text
