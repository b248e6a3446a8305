"""Engine `adders`: a convolution whose constant weights are shifts and adds found by da4ml, all kernels in each cycle."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Inputs
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.adders.adder_kernel import adder_kernel
from hls_project.targets.rtl.engines.adders.cost import kernel as kernel_cost
from hls_project.targets.rtl.engines.adders.solve import solve
from hls_project.targets.rtl.engines.engine import Written
from hls_project.targets.rtl.engines.streaming.cost import cost as cost_around
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import fill

_USUAL_LATENCY = 6
"""Cycles of a kernel, for its cost: da4ml's solution decides."""


class AddersEngine:
    """One graph of adders computes all kernels of a window of pixels."""

    name = "adders"
    modules = streaming.MODULES

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the folds over pixels."""
        if (fold := self.unfolded(layer)) is not None:
            yield from (replace(fold, mmv=mmv) for mmv in streaming.MMV if streaming.fits(layer, mmv))

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return all kernels in each cycle, for a convolution over pixels."""
        whole = _whole(layer)
        return whole if whole is not None and streaming.thresholds_fit(layer, 1) else None

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept all kernels in each cycle, of a convolution over pixels, and pixels of a row that the pool can take.

        Raises:
            ConfigurationError: something else.
        """
        only = _whole(layer)
        if only is None or fold.pe != only.pe:
            found = f"; the nearest is {replace(only, mmv=1)}, not {fold}" if only else ""
            raise ConfigurationError(
                f"layer {layer.source!r}: engine 'adders' computes all kernels of a convolution over pixels in every cycle"
                + (found or f", not a {layer.kind} over {layer.inputs.value}")
            )
        streaming.check(layer, fold)

    kernel_folds = staticmethod(streaming.kernel_folds)
    pixels = staticmethod(streaming.pixels)
    cycles = staticmethod(streaming.cycles)

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        return kernel_cost(layer, fold) + cost_around(layer, fold, _USUAL_LATENCY)

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer and its kernels."""
        assert layer.weights is not None
        graph = solve(layer.weights.reshape(layer.taps, -1), layer.input_bits)
        kernel = adder_kernel(graph, layer.input_bits, layer.vm_bits)
        values = streaming.values_of(layer, 1, layer.kernels, self.pixels(layer, fold), fold.mmv)
        found = {"body": kernel.body, "adds": len(graph.adds), "kernel_latency": kernel.latency}
        text = fill("engines/adders/templates/kernel_adders", values | found)
        return streaming.write_conv(layer, fold, folder, text, kernel.latency, values)


def _whole(layer: HardwareLayer) -> Fold | None:
    """Return all kernels in each cycle, of a convolution over pixels; None for other layers."""
    if layer.kind != "conv" or layer.inputs is not Inputs.PIXELS:
        return None
    return Fold(AddersEngine.name, layer.kernels, layer.taps, 1)
