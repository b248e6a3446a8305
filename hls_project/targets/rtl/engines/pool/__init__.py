"""Engine `pool`: an OR of spikes that stands alone, a pixel in each cycle."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.engine import Written
from hls_project.targets.rtl.engines.pool.cost import cost
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import fill, write

_UNDER_WAY = 3
"""Beats that may come after its FIFO's room has ended."""


class PoolEngine:
    """A row of spikes, and the OR of each window."""

    name = "pool"
    modules: tuple[str, ...] = ()

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the one fold."""
        if (fold := self.unfolded(layer)) is not None:
            yield fold

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return all channels of a pixel in each cycle."""
        channels = layer.input_shape[2]
        return Fold(self.name, channels, channels, 1) if layer.kind == "pool" else None

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept the one fold.

        Raises:
            ConfigurationError: something else.
        """
        if (only := self.unfolded(layer)) != fold:
            raise ConfigurationError(
                f"layer {layer.source!r}: engine 'pool' takes all channels of a pool's pixel in each cycle"
                + (f"; its fold is {only}, not {fold}" if only else f", and computes no {layer.kind}")
            )

    def kernel_folds(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return 1."""
        return 1

    def cycles(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the pixels of a frame."""
        return prod(layer.input_shape[:2])

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        return cost(layer)

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer."""
        buffer = streaming.fifo_of(layer, _UNDER_WAY)
        values = streaming.values_of(layer, 1, 1)
        body = fill("engines/pool/templates/pool", values)
        file = f"dtscnn_{layer.name}.sv"
        write(folder / file, fill("templates/layer", values | vars(buffer) | {"body": body}))
        return Written((file,), 1, buffer)
