"""The model zoo: trained models, shipped with a card, a sample and the recipe that made them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import ConfigurationError

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class ZooEntry:
    """Files of one model: QONNX file, sample with golden scores, card and training recipe. Some may not be there yet."""

    name: str
    model: Path
    sample: Path
    card: Path
    recipe: Path


def names() -> list[str]:
    """Return the names of the models that have a recipe."""
    return sorted(recipe.parent.name for recipe in _FOLDER.glob("*/recipe.toml"))


def find(name: str) -> ZooEntry:
    """Return the entry called `name`.

    Raises:
        ConfigurationError: there is none.
    """
    if name not in names():
        raise ConfigurationError(
            f"there is no model {name!r} in the zoo; it has {', '.join(names()) or 'none'}"
        )
    folder = _FOLDER / name
    files = ("model.onnx", "sample.npz", "card.json", "recipe.toml")
    return ZooEntry(name, *(folder / file for file in files))
