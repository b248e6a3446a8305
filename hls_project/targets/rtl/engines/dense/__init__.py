"""Engine `dense`: a dense layer that adds the weights of some inputs of a beat to all its outputs in each cycle."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.dense.cost import in_block_ram
from hls_project.targets.rtl.engines.dense.cost import kernel as kernel_cost
from hls_project.targets.rtl.engines.engine import Pixels, Written
from hls_project.targets.rtl.engines.streaming import cost as cost_around
from hls_project.targets.rtl.layer import HardwareLayer, IntArray
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
        """Return the folds over the inputs of a pixel, and whole beats of several pixels."""
        if self.unfolded(layer) is None:
            return
        _, width, channels = layer.input_shape
        for simd in range(1, channels + 1):
            if channels % simd == 0:
                yield Fold(self.name, layer.kernels, simd, 1)
        for mmv in streaming.MMV[1:]:
            if mmv <= width:
                yield Fold(self.name, layer.kernels, mmv * channels, mmv)

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return a beat in each cycle."""
        if layer.kind != "dense" or not streaming.thresholds_fit(layer, 1):
            return None
        return Fold(self.name, layer.kernels, layer.input_shape[2], 1)

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept a divisor of a beat's inputs, all outputs, and as many pixels a beat as a row has.

        Raises:
            ConfigurationError: something else.
        """
        if layer.kind != "dense":
            raise ConfigurationError(f"layer {layer.source!r}: engine 'dense' computes no {layer.kind}")
        _, width, channels = layer.input_shape
        mmv = min(fold.mmv, width)
        inputs = channels * mmv
        if (fold.pe, fold.mmv) != (layer.kernels, mmv) or inputs % fold.simd:
            divisors = (simd for simd in range(1, inputs + 1) if inputs % simd == 0)
            simd = min(divisors, key=lambda known: (abs(known - fold.simd), known))
            raise ConfigurationError(
                f"layer {layer.source!r}: engine 'dense' takes all {layer.kernels} outputs and a number of inputs that "
                f"divides a beat's, {channels} for each of at most {width} pixels, not {fold}; the nearest is "
                f"{Fold(self.name, layer.kernels, simd, mmv)}"
            )
        streaming.check_thresholds(layer, fold, 1)

    def kernel_folds(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return 1: all outputs at once."""
        return 1

    def pixels(self, layer: HardwareLayer, fold: Fold) -> Pixels:
        """Return the pixels of the layer's beats."""
        return Pixels(fold.mmv)

    def cycles(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the cycles of one frame: of its inputs, or of its sums' way out, which the next frame's end waits for."""
        leaving = _latency(fold) + (1 if layer.maps else layer.kernels + 1)
        return max(streaming.beats(layer.input_shape, fold.mmv) * _beat_folds(layer, fold), leaving)

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        around = Resources()
        if layer.thresholds is not None:
            around = cost_around.fire(layer, fold, 1) + cost_around.buffer(
                streaming.fifo_of(layer, _UNDER_WAY)
            )
        beats = streaming.beats(layer.input_shape, fold.mmv)
        return kernel_cost(layer, fold, beats, _beat_folds(layer, fold)) + around

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer and its memory."""
        assert layer.weights is not None
        folds = _beat_folds(layer, fold)
        bits = bits_of(_beat_weights(layer, fold), layer.weight_bits)
        bits = bits.reshape(streaming.beats(layer.input_shape, fold.mmv) * folds, -1)
        (folder / f"dtscnn_{layer.name}.mem").write_text(memory(bits, bits.shape[1]))
        latency = _latency(fold)
        values = streaming.values_of(layer, folds, fold.simd, self.pixels(layer, fold))
        values["block_ram"] = int(in_block_ram(*bits.shape))
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


def _latency(fold: Fold) -> int:
    """Return the cycles of memory, terms, tree and accumulator."""
    return (fold.simd - 1).bit_length() + 4


def _beat_folds(layer: HardwareLayer, fold: Fold) -> int:
    """Return the cycles of a beat."""
    return layer.input_shape[2] * fold.mmv // fold.simd


def _beat_weights(layer: HardwareLayer, fold: Fold) -> IntArray:
    """Return the weights in the order of the beats' inputs, 0 for pixels of a row's last beat that don't count."""
    assert layer.weights is not None
    height, width, channels = layer.input_shape
    padded = -(-width // fold.mmv) * fold.mmv
    weights = np.zeros((height, padded, channels, layer.kernels), np.int64)
    weights[:, :width] = layer.weights.reshape(height, width, channels, layer.kernels)
    return weights
