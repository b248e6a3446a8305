"""Options of the HLS project."""

from __future__ import annotations

from dataclasses import field

from pydantic import ConfigDict, PositiveFloat
from pydantic.dataclasses import dataclass

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
