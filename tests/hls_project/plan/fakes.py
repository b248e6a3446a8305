"""Engines with made-up costs, for tests of the solver alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources


@dataclass(frozen=True)
class FakeLayer:
    """pixels: of an image; kernels, inputs: of a window."""

    name: str
    pixels: int
    kernels: int
    inputs: int


@dataclass(frozen=True)
class Folded:
    """Weights in block RAM of 36 bits, a LUT for each lane and eight beside them."""

    name: str = "folded"

    def candidates(self, layer: FakeLayer) -> Iterator[Fold]:
        for mmv in (1, 2):
            for pe in _divisors(layer.kernels):
                for simd in _divisors(layer.inputs):
                    yield Fold(self.name, pe, simd, mmv)

    def cycles(self, layer: FakeLayer, fold: Fold) -> int:
        return ceil(layer.pixels / fold.mmv) * (layer.kernels // fold.pe) * (layer.inputs // fold.simd)

    def cost(self, layer: FakeLayer, fold: Fold) -> Resources:
        lanes = fold.pe * fold.simd
        return Resources(
            lut=5 * lanes * fold.mmv + 8 * fold.pe, ff=6 * lanes * fold.mmv, bram18=ceil(4 * lanes / 36)
        )

    def check(self, layer: FakeLayer, fold: Fold) -> None:
        if layer.kernels % fold.pe:
            nearest = max(pe for pe in _divisors(layer.kernels) if pe <= fold.pe)
            raise ConfigurationError(
                f"{layer.name}: {fold.pe} does not divide {layer.kernels} kernels; the nearest is {nearest}"
            )


@dataclass(frozen=True)
class Tables:
    """Constants in look-up tables: a window in each cycle, no block RAM."""

    name: str = "tables"

    def candidates(self, layer: FakeLayer) -> Iterator[Fold]:
        for pe in _divisors(layer.kernels):
            yield Fold(self.name, pe, layer.inputs)

    def cycles(self, layer: FakeLayer, fold: Fold) -> int:
        return layer.pixels * (layer.kernels // fold.pe)

    def cost(self, layer: FakeLayer, fold: Fold) -> Resources:
        return Resources(lut=3 * layer.inputs * fold.pe + layer.kernels * layer.inputs // 8, ff=2 * fold.pe)

    def check(self, layer: FakeLayer, fold: Fold) -> None: ...


ENGINES = {engine.name: engine for engine in (Folded(), Tables())}
NETWORK = (
    FakeLayer("conv0", 1024, 16, 27),
    FakeLayer("conv1", 256, 32, 72),
    FakeLayer("dense0", 64, 10, 64),
)


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
