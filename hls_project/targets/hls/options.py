"""Options of the HLS project."""

from __future__ import annotations

from dataclasses import field
from typing import Literal

from pydantic import ConfigDict, PositiveFloat
from pydantic.dataclasses import dataclass

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class HlsOptions:
    """Options of the HLS project.

    part: FPGA part number. clock_period: target, in nanoseconds. folds: of layers by name, as a plan has them; other layers
    get automatic ones (`automatic_folds`).
    """

    part: str = "xc7z020clg400-1"
    clock_period: PositiveFloat = 10.0
    folds: dict[str, Fold] = field(default_factory=dict)


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
