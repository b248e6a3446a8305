"""Engine `tables`: a convolution on spikes whose weights are constants in look-up tables, a whole window in each cycle."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hls_project.graph.bounds import Inputs
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.engine import Written
from hls_project.targets.rtl.engines.streaming.cost import cost as cost_around
from hls_project.targets.rtl.engines.tables.cost import kernel as kernel_cost
from hls_project.targets.rtl.engines.tables.cost import kernel_latency
from hls_project.targets.rtl.engines.tables.lane_tables import LaneTables, lane_tables
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import fill


class TablesEngine:
    """Groups of spikes and the kernel fold address tables of sums; a pipelined tree adds them."""

    name = "tables"
    modules = (*streaming.MODULES, "engines/tables/dt_spike_tables.sv")

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the folds over kernels and pixels."""
        if layer.kind != "conv" or layer.inputs is Inputs.PIXELS:
            return
        for pe in range(1, layer.kernels + 1):
            if layer.kernels % pe or not streaming.thresholds_fit(layer, layer.kernels // pe):
                continue
            for mmv in streaming.MMV:
                if streaming.fits(layer, mmv):
                    yield Fold(self.name, pe, layer.taps, mmv)

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return all kernels in each cycle."""
        if layer.kind != "conv" or layer.inputs is Inputs.PIXELS or not streaming.thresholds_fit(layer, 1):
            return None
        return Fold(self.name, layer.kernels, layer.taps, 1)

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept folds over kernels, without a remainder.

        Raises:
            ConfigurationError: something else.
        """
        streaming.check(layer, fold)

    kernel_folds = staticmethod(streaming.kernel_folds)
    pixels = staticmethod(streaming.pixels)
    cycles = staticmethod(streaming.cycles)

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        return kernel_cost(layer, fold) + cost_around(layer, fold, kernel_latency(layer, fold))

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer and its kernels."""
        assert layer.weights is not None
        folds, lanes = self.kernel_folds(layer, fold), fold.pe
        # [tap][fold * lanes + lane] to [fold][tap][lane].
        weights = layer.weights.reshape(-1, folds, lanes).transpose(1, 0, 2)
        tables = lane_tables(weights)
        values = streaming.values_of(layer, folds, lanes, self.pixels(layer, fold), fold.mmv) | {
            "taps": weights.shape[1],
            "group": tables.group,
            "groups": tables.groups,
            "sum_bits": tables.sum_bits,
        }
        text = [_lane(tables, lane, values) for lane in range(lanes)]
        kernel = fill("engines/tables/templates/kernel_spikes", values | {"body": "\n".join(text)})
        return streaming.write_conv(layer, fold, folder, kernel, 1 + (tables.groups - 1).bit_length(), values)


def _lane(tables: LaneTables, lane: int, values: dict[str, Any]) -> str:
    """Return one lane: its tables, in runs that a literal can hold, and the tree that adds them."""
    runs = []
    for first in range(0, tables.groups, tables.run):
        groups = min(tables.run, tables.groups - first)
        first_tap = first * tables.group
        run = {
            "lane": lane,
            "first_group": first,
            "run_groups": groups,
            "first_tap": first_tap,
            "run_taps": min(groups * tables.group, values["taps"] - first_tap),
            "literal": tables.literal(lane, first, groups),
        }
        runs.append(fill("engines/tables/templates/kernel_tables", values | run))
    return fill("engines/tables/templates/kernel_lane", values | {"lane": lane, "tables": "\n".join(runs)})
