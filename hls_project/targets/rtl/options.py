"""Options of the SystemVerilog core."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, PositiveFloat, PositiveInt
from pydantic.dataclasses import dataclass


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RtlOptions:
    """Options of the SystemVerilog core.

    clock_period: target, in nanoseconds; reports use it. reuse_factor: cycles for each window or beat; "auto" folds each
    layer as far as the frame rate allows, a number holds for every layer, a table for the layers that it names (1 for
    others).
    """

    clock_period: PositiveFloat = 10.0
    reuse_factor: Literal["auto"] | PositiveInt | dict[str, PositiveInt] = "auto"
