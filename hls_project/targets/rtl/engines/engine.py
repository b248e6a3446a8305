"""What an engine consists of, for those who write cores and those who choose folds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.layer import HardwareLayer


@dataclass(frozen=True)
class Fifo:
    """A FIFO behind a pipeline that never stalls. reserve: beats that may come after `room` has ended."""

    bits: int
    depth: int
    reserve: int


@dataclass(frozen=True)
class Pixels:
    """Pixels of a row in a beat that a layer takes, and in one that it gives; of a row's last beat the first ones count."""

    takes: int = 1
    gives: int = 1


@dataclass(frozen=True)
class Written:
    """What an engine has written of a layer.

    files: names in the folder, in compile order. latency: cycles from the first step of a window, group or beat to the
    arrival of its last beat in the FIFO. fifo: None for the layer of scores.
    """

    files: tuple[str, ...]
    latency: int
    fifo: Fifo | None


class Engine(Protocol):
    """A way to compute a layer in hardware."""

    @property
    def name(self) -> str:
        """What a fold calls it."""
        ...

    @property
    def modules(self) -> tuple[str, ...]:
        """SystemVerilog files of the engine that its layers need, beside those of `lib`, in compile order."""
        ...

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the folds worth a look; none if the engine cannot compute the layer."""
        ...

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return the fold that takes a pixel or beat in each cycle, None if the engine cannot compute the layer."""
        ...

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept a fold that the engine can build.

        Raises:
            ConfigurationError: it cannot; the message names the nearest fold that it can.
        """
        ...

    def kernel_folds(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the parts in which a window's kernels are computed one after the other."""
        ...

    def pixels(self, layer: HardwareLayer, fold: Fold) -> Pixels:
        """Return the pixels of the layer's beats."""
        ...

    def cycles(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the cycles of one frame in steady state, when no neighbour makes the layer wait."""
        ...

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part, its FIFO included."""
        ...

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write module `dtscnn_<name>` and the files that it reads into `folder`."""
        ...
