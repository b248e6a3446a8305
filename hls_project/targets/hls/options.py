"""Options of the HLS project."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass

from dt_scnn.errors import ConfigurationError


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class HlsOptions:
    """Options of the HLS project.

    part: FPGA part number. clock_period: target, in nanoseconds. reuse_factor: cycles for each input pixel; "auto" folds
    each layer as far as the frame rate allows, a number holds for every layer, a table for the layers that it names (1
    for others).
    """

    part: str = "xc7z020clg400-1"
    clock_period: PositiveFloat = 10.0
    reuse_factor: Literal["auto"] | PositiveInt | dict[str, PositiveInt] = "auto"


def parse_reuse(values: list[str]) -> Literal["auto"] | int | dict[str, int]:
    """Return the reuse factor of the command line: none, one number, or LAYER=NUMBER items.

    Raises:
        ConfigurationError: something else.
    """
    if not values or values == ["auto"]:
        return "auto"
    if len(values) == 1 and values[0].isdecimal() and int(values[0]) > 0:
        return int(values[0])
    factors: dict[str, int] = {}
    for value in values:
        layer, separator, number = value.partition("=")
        if not (separator and layer and number.isdecimal() and int(number) > 0):
            raise ConfigurationError(f"--reuse takes one number above 0 or LAYER=NUMBER items, not {value!r}")
        factors[layer] = int(number)
    return factors
