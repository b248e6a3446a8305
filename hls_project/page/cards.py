"""Accuracy by the cards that `train` leaves: of the model, of the conventional network beside it, and with other seeds."""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from dt_scnn import models, zoo
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256

BASELINE_SUFFIX = "-scnn"


class Seeded(BaseModel):
    """A training by the same recipe with another seed. correct: right labels of the card's test images."""

    model_config = ConfigDict(frozen=True)

    seed: int
    correct: int


class Card(BaseModel):
    """What a card says. parity: of PyTorch and onnxruntime on the sample, where the training noted it."""

    model_config = ConfigDict(frozen=True)

    dataset: str
    spec: str
    n_thresholds: int
    weight_bits: int
    test_images: int = Field(gt=0)
    correct: int
    seed: int
    command: str
    recipe: dict[str, Any]
    versions: dict[str, str]
    model_sha256: str
    parity: dict[str, int] | None = None
    other_seeds: tuple[Seeded, ...] = ()


@dataclass(frozen=True)
class Trained:
    """A network by its card. card: None where there is none that is true of the model; why says so.

    seeds: right labels by seed, the card's own among them.
    """

    name: str
    card: Card | None = None
    why: str = ""
    seeds: dict[int, int] = field(default_factory=dict)

    @property
    def shares(self) -> list[float]:
        """Accuracy of each seed, 0 to 1, in the seeds' order."""
        assert self.card is not None
        return [self.seeds[seed] / self.card.test_images for seed in sorted(self.seeds)]


def read_trained(model: Path, name: str, build: Path) -> Trained:
    """Return what the card beside the QONNX file `model` says, and the cards of trainings with other seeds."""
    path = model.with_name("card.json")
    try:
        card = _load(path)
    except FileNotFoundError:
        return Trained(
            name, why=f"there is no card beside {model}: its accuracy on all test images was not noted"
        )
    except (OSError, ValueError, RecursionError) as error:
        return Trained(name, why=f"{path} is damaged: {_brief(error)}")
    if card.model_sha256 != sha256(model):
        return Trained(name, why=f"{path} is of another file than {model}")
    seeds = {one.seed: one.correct for one in card.other_seeds}
    for other in sorted(models.work_folder(build).glob("*/card.json")):
        try:
            found = _load(other)
        except (OSError, ValueError, RecursionError):
            continue  # of another training, whose own page says it
        if (
            _without_seed(found.recipe) == _without_seed(card.recipe)
            and found.test_images == card.test_images
        ):
            seeds.setdefault(found.seed, found.correct)
    return Trained(name, card, "", seeds | {card.seed: card.correct})


def read_baseline(name: str, dual: Trained, build: Path) -> Trained:
    """Return the conventional network beside the model `name`, by its card."""
    wanted = f"{name}{BASELINE_SUFFIX}"
    try:
        found = models.find(wanted, build)
    except ConfigurationError as error:
        return Trained(wanted, why=str(error))
    other = read_trained(found.path, wanted, build)
    if other.card is None or dual.card is None:
        return other
    if (other.card.dataset, other.card.n_thresholds) != (dual.card.dataset, 1):
        return replace(other, card=None, why=f"{wanted} is no conventional network for {dual.card.dataset}")
    return other


def training_command(trained: Trained, command: Callable[..., str]) -> str:
    """Return what trains a network: as it was trained, else by the zoo's recipe of its name; "" if there is none.

    command: of a verb for the page's model.
    """
    if trained.card is not None:
        return trained.card.command
    return command("train", model=trained.name) if trained.name in zoo.names() else ""


def _load(path: Path) -> Card:
    try:
        return TypeAdapter(Card).validate_python(json.loads(path.read_text()))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _without_seed(recipe: dict[str, Any]) -> dict[str, Any]:
    """Return a recipe with no seed in it."""
    kept = deepcopy(recipe)
    if isinstance(kept.get("training"), dict):
        kept["training"].pop("seed", None)
    return kept


def _brief(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error)).splitlines()[0][:200]
