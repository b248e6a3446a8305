"""How much of a part a core may take, and how fast it must be."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

from dt_scnn.errors import ConfigurationError
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.parts import Part

_Percent = Annotated[float, Field(gt=0, le=100)]
_STRICT = ConfigDict(extra="forbid", strict=True)

RESOURCES = ("lut", "ff", "bram", "dsp")
"""What a budget bounds; bram counts whole block RAMs of 36 kbit, two of 18 kbit in each."""


@dataclass(frozen=True, config=_STRICT)
class Budget:
    """Percent of each resource of a part; the rest is for shell, DMA and routing."""

    lut: _Percent = 80.0
    ff: _Percent = 90.0
    bram: _Percent = 90.0
    dsp: _Percent = 90.0

    def limits(self, part: Part) -> dict[str, int]:
        """Return the most that a core may take of each resource, in the order of `RESOURCES`."""
        return {
            name: int(Fraction(getattr(self, name)) * amount / 100) for name, amount in whole(part).items()
        }

    def __str__(self) -> str:
        shares = {name: getattr(self, name) for name in RESOURCES}
        if len(set(shares.values())) == 1:
            return f"{self.lut:g} %"
        return ", ".join(f"{name.upper()} {share:g} %" for name, share in shares.items())


@dataclass(frozen=True, config=_STRICT)
class Goal:
    """What a plan is made for. images_per_second: at least; None for as many as fit."""

    images_per_second: Annotated[float, Field(gt=0, le=1e12)] | None = None
    budget: Budget = Field(default_factory=Budget)

    def __str__(self) -> str:
        rate = self.images_per_second
        wanted = "the highest rate" if rate is None else f"{rate:,.10g} images/s"
        return f"{wanted} within {self.budget}"


def whole(part: Part) -> dict[str, int]:
    """Return what the part has of what a budget bounds, in the order of `RESOURCES`."""
    return {"lut": part.lut, "ff": part.ff, "bram": part.bram36, "dsp": part.dsp}


def used(resources: Resources) -> dict[str, int]:
    """Return what counts against a budget, in the order of `RESOURCES`."""
    return {"lut": resources.lut, "ff": resources.ff, "bram": resources.bram36_used, "dsp": resources.dsp}


def parse_budget(text: str) -> Budget:
    """Return the budget of the command line: `70%` of everything, or `lut=70%,bram=50%`, the default for others.

    Raises:
        ConfigurationError: something else; the message says what would do.
    """
    shares: dict[str, float] = {}
    for item in text.split(","):
        name, separator, value = item.rpartition("=")
        name = name.strip().lower()
        if separator and name not in RESOURCES:
            raise ConfigurationError(
                f"BUDGET bounds {', '.join(RESOURCES)}, not {name!r}; such as BUDGET=lut=70%,bram=90%"
            )
        share = _share(value.strip(), text)
        names = (name,) if separator else RESOURCES
        if repeated := [one for one in names if one in shares]:
            raise ConfigurationError(f"BUDGET={text} bounds {repeated[0]} twice")
        shares |= dict.fromkeys(names, share)
    return Budget(**shares)


def _share(value: str, text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", value)
    if match is None:
        number = re.fullmatch(r"\d+(?:\.\d+)?", value)
        nearest = f"{float(value) * (100 if float(value) <= 1 else 1):g}%" if number else "70%"
        raise ConfigurationError(
            f"BUDGET is percent of a part, such as 70%, not {text!r}; did you mean BUDGET={nearest}?"
            if number
            else f"BUDGET is percent of a part, such as BUDGET={nearest} or BUDGET=lut=70%,bram=90%, not {text!r}"
        )
    share = float(match[1])
    if not 0 < share <= 100:
        nearest = "1%" if share <= 0 else "100%"
        raise ConfigurationError(
            f"BUDGET must be above 0 % and at most 100 % of a part, not {value}; the nearest is BUDGET={nearest}"
        )
    return share


def parse_rate(text: str) -> float | None:
    """Return the images/s of the command line, None for `max`, the highest rate.

    Raises:
        ConfigurationError: something else.
    """
    if text.strip().lower() == "max":
        return None
    try:
        rate = float(text.replace(",", "").replace("_", ""))
    except ValueError:
        rate = -1.0
    if not 0 < rate <= 1e12:  # NaN fails too
        raise ConfigurationError(
            f"FPS is a number of images/s above 0, such as FPS=6000, or FPS=max for the most that fit, not {text!r}"
        )
    return rate
