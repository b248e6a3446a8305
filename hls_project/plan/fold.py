"""A fold: the engine that computes a layer, and how much of it that engine computes in a cycle."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field
from pydantic.dataclasses import dataclass

_Count = Annotated[int, Field(ge=1, le=1 << 20)]


@dataclass(frozen=True, order=True, config=ConfigDict(extra="forbid", strict=True))
class Fold:
    """engine: its name. pe: kernels at once. simd: inputs of a tap or beat at once. mmv: pixels of a row at once.

    What a count may be depends on engine and layer: `Engine.check` says it.
    """

    engine: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    pe: _Count = 1
    simd: _Count = 1
    mmv: _Count = 1

    def __str__(self) -> str:
        return f"{self.engine} {self.pe} x {self.simd} x {self.mmv}"
