"""Engine `pool`: an OR of spikes that stands alone, a pixel or more in each cycle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.engine import Pixels, Written
from hls_project.targets.rtl.engines.streaming import cost as cost_around
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import fill, write

_UNDER_WAY = 3
"""Beats that may come after its FIFO's room has ended."""


class PoolEngine:
    """A row of spikes, and the OR of each window."""

    name = "pool"
    modules: tuple[str, ...] = ()

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the folds over pixels."""
        if (fold := self.unfolded(layer)) is not None:
            yield from (replace(fold, mmv=mmv) for mmv in streaming.MMV if streaming.fits(layer, mmv))

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return all channels of a pixel in each cycle."""
        channels = layer.input_shape[2]
        return Fold(self.name, channels, channels, 1) if layer.kind == "pool" else None

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept all channels of pixels that the pool divides or that divide it.

        Raises:
            ConfigurationError: something else.
        """
        only = self.unfolded(layer)
        if only is None or replace(only, mmv=fold.mmv) != fold or not streaming.fits(layer, fold.mmv):
            raise ConfigurationError(
                f"layer {layer.source!r}: engine 'pool' takes all channels of pixels that its factor divides or that divide it"
                + (f"; the nearest is {only}, not {fold}" if only else f", and computes no {layer.kind}")
            )

    def kernel_folds(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return 1."""
        return 1

    def pixels(self, layer: HardwareLayer, fold: Fold) -> Pixels:
        """Return the pixels of the layer's beats."""
        return Pixels(fold.mmv, streaming.pooled_pixels(layer, fold.mmv))

    def cycles(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the beats of a frame."""
        return streaming.beats(layer.input_shape, fold.mmv)

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        gives = self.pixels(layer, fold).gives
        return cost_around.pool(layer, fold.mmv) + cost_around.buffer(
            streaming.fifo_of(layer, _UNDER_WAY, gives)
        )

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer."""
        pixels = self.pixels(layer, fold)
        buffer = streaming.fifo_of(layer, _UNDER_WAY, pixels.gives)
        values = streaming.values_of(layer, 1, 1, pixels, fold.mmv)
        body = fill("engines/pool/templates/pool", values)
        file = f"dtscnn_{layer.name}.sv"
        write(folder / file, fill("templates/layer", values | vars(buffer) | {"body": body}))
        return Written((file,), 1, buffer)
