"""Options of the SystemVerilog core."""

from __future__ import annotations

from dataclasses import field

from pydantic import ConfigDict, PositiveFloat
from pydantic.dataclasses import dataclass

from hls_project.plan.fold import Fold


@dataclass(frozen=True, config=ConfigDict(extra="forbid"))
class RtlOptions:
    """Options of the SystemVerilog core.

    clock_period: target, in nanoseconds; reports use it. folds: of layers by name, others take a pixel or beat in each
    cycle; none at all fold each layer over its kernels or inputs as far as the frame rate of the unfolded network allows.
    """

    clock_period: PositiveFloat = 10.0
    folds: dict[str, Fold] = field(default_factory=dict)
