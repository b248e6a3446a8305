"""A plan: the saved choice of engine and fold for every layer of one network on one part."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import read_json, write_json
from hls_project.plan.budget import Goal
from hls_project.plan.fold import Fold

FILE = "plan.json"
FORMAT = 1
"""Of the file; `Plan.format`."""
MOST_MHZ = 10_000.0
"""No clock is faster."""

Clock = Annotated[float, Field(gt=0, le=MOST_MHZ)]
"""MHz; neither infinite nor no number."""

_SHOWN = 12
"""Digits of a digest in messages."""


@dataclass(frozen=True, config=ConfigDict(extra="forbid", strict=True))
class Plan:
    """network: its name. model: SHA-256 of its QONNX file. clock_mhz: MHz. folds: by layer, in the order of the network.

    board: name or file of the board that it was made for, None for a bare part. goal: what the solver was asked for,
    None for a plan that was written by hand.
    """

    network: str
    model: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    part: str
    clock_mhz: Clock
    folds: dict[str, Fold]
    board: str | None = None
    goal: Goal | None = None
    format: Literal[1] = 1

    def images_per_second(self, cycles: int) -> float:
        """Return the images/s of a core that takes `cycles` for each."""
        return self.clock_mhz * 1e6 / cycles

    def to_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        content: dict[str, Any] = TypeAdapter(Plan).dump_python(self, mode="json")
        return {"format": content.pop("format"), **content}

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_json(path, self.to_json())

    def check_network(self, network: str, model: str, layers: Iterable[str], source: object) -> None:
        """Accept a plan of the network called `network`, whose file has the digest `model`. source: where it was read.

        Raises:
            ConfigurationError: it is of another network, or its layers are not the network's.
        """
        if self.model != model:
            raise ConfigurationError(
                f"{source} is a plan of {self.network!r} (model {self.model[:_SHOWN]}...), not of {network!r} "
                f"(model {model[:_SHOWN]}...); leave PLAN out, or make one: make explore MODEL={network}"
            )
        expected = list(layers)
        if unknown := [name for name in self.folds if name not in expected]:
            raise ConfigurationError(
                f"{source}: folds of unknown layers {', '.join(unknown)}; the layers are {', '.join(expected)}"
            )
        if missing := [name for name in expected if name not in self.folds]:
            raise ConfigurationError(f"{source}: no folds of the layers {', '.join(missing)}")


def load(path: Path) -> Plan:
    """Read a plan.

    Raises:
        ConfigurationError: the file is missing, damaged or something else; keys and values that are wrong are named.
    """
    try:
        content = read_json(path, _without_repetition)
    except OSError as error:
        raise ConfigurationError(
            f"{path}: the plan cannot be read ({error.strerror}); make explore MODEL=... writes one"
        ) from error
    except ValueError as error:
        raise ConfigurationError(f"{path}: not a plan, or damaged: {error}") from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        found = content.get("format") if isinstance(content, dict) else type(content).__name__
        raise ConfigurationError(f'{path}: a plan has "format": {FORMAT}, not {found!r}')
    try:
        return TypeAdapter(Plan).validate_json(json.dumps(content))
    except ValidationError as error:
        problems = [_problem(item) for item in error.errors()]
        raise ConfigurationError(f"{path}: " + "; ".join(problems)) from error


def _problem(item: Any) -> str:
    place = ".".join(map(str, item["loc"]))
    if item["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"unknown key {place}"
    if item["type"] in ("missing", "missing_argument"):
        return f"no {place}"
    return f"{place}: {item['msg']}, not {item['input']!r}"


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)!r} is there twice")
    return content
