"""Engine `dense`: a dense layer that adds the weights of some inputs of a beat to all its outputs in each cycle."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.dense.cost import cost
from hls_project.targets.rtl.engines.engine import Written
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import bits_of, fill, memory, write

_UNDER_WAY = 3
"""Beats of a firing dense layer that may come after its FIFO's room has ended."""


class DenseEngine:
    """Weights in a memory, one accumulator for each output; nothing of the frame is kept."""

    name = "dense"
    modules = (
        "engines/dense/dt_dense.sv",
        "engines/dense/dt_result.sv",
        "engines/streaming/dt_fire.sv",
    )

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the folds over the inputs of a beat."""
        if layer.kind != "dense":
            return
        channels = layer.input_shape[2]
        for simd in range(1, channels + 1):
            if channels % simd == 0:
                yield Fold(self.name, layer.kernels, simd, 1)

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return a beat in each cycle."""
        return Fold(self.name, layer.kernels, layer.input_shape[2], 1) if layer.kind == "dense" else None

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept a divisor of a beat's inputs, and all outputs.

        Raises:
            ConfigurationError: something else.
        """
        if layer.kind != "dense":
            raise ConfigurationError(f"layer {layer.source!r}: engine 'dense' computes no {layer.kind}")
        if fold not in (folds := list(self.candidates(layer))):
            nearest = min(folds, key=lambda known: (abs(known.simd - fold.simd), known.simd))
            raise ConfigurationError(
                f"layer {layer.source!r}: engine 'dense' takes all {layer.kernels} outputs and a number of inputs that "
                f"divides a beat's {layer.input_shape[2]}, not {fold}; the nearest is {nearest}"
            )

    def kernel_folds(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return 1: all outputs at once."""
        return 1

    def cycles(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the cycles of one frame."""
        return prod(layer.input_shape) // fold.simd

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        return cost(layer, fold)

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer and its memory."""
        assert layer.weights is not None
        folds = layer.input_shape[2] // fold.simd
        bits = bits_of(layer.weights, layer.weight_bits).reshape(layer.input_shape[1] * folds, -1)
        (folder / f"dtscnn_{layer.name}.mem").write_text(memory(bits, bits.shape[1]))
        latency = (fold.simd - 1).bit_length() + 4
        values = streaming.values_of(layer, folds, fold.simd)
        values["dense"] = fill("engines/dense/templates/dense", values)
        file, buffer = f"dtscnn_{layer.name}.sv", None
        if layer.thresholds is None:
            text = fill("engines/dense/templates/dense_scores", values)
        else:
            buffer = streaming.fifo_of(layer, _UNDER_WAY)
            values["thresholds"] = streaming.threshold_literal(layer, 1)
            body = fill("engines/dense/templates/dense_fire", values)
            text = fill("templates/layer", values | vars(buffer) | {"body": body})
        write(folder / file, text)
        return Written((file,), latency, buffer)
