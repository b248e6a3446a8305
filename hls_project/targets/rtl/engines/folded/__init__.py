"""Engine `folded`: a convolution whose weights come from memory, folded over kernels, inputs and pixels of a row.

Weights are in block RAM; those of engine `folded_lut`, else the same, in look-up tables.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.engine import Pixels, Written
from hls_project.targets.rtl.engines.folded import words
from hls_project.targets.rtl.engines.folded.cost import layer_cost
from hls_project.targets.rtl.engines.folded.shape import CHAIN, Shape, operands_of
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import fill, memory, write

_MODULES = ("rows", "steps", "weights", "skew", "lane", "array", "fire", "conv")


BLOCK, TABLES = "folded", "folded_lut"


class FoldedEngine:
    """Rows in a ring, a sequence of steps, lanes that add the operands of a step to one kernel's potential at one pixel."""

    def __init__(self, name: str) -> None:
        self.name = name

    modules = (
        "engines/folded/dt_gated_add.sv",
        *(f"engines/folded/dt_fold_{module}.sv" for module in _MODULES),
    )

    def candidates(self, layer: HardwareLayer) -> Iterable[Fold]:
        """Return the folds that waste few lanes."""
        if layer.thresholds is None:
            return
        width = layer.vm_shape[1]
        per_operand = operands_of(layer, layer.input_shape[2]), layer.input_shape[2]
        inputs, spikes = per_operand[0], per_operand[1] // per_operand[0]
        for mmv in (1, 2, 4, 8, 16):
            if mmv > 1 and mmv // 2 >= width:
                break
            for operands in _even_parts(inputs, 64):
                for pe in _even_parts(layer.kernels, 96):
                    fold = Fold(self.name, pe, operands * spikes, mmv)
                    shape = Shape(layer, fold)
                    if shape.steps >= mmv and shape.word_bits <= words.WIDEST:
                        yield fold

    def unfolded(self, layer: HardwareLayer) -> Fold | None:
        """Return None: the other engines are better at it, where they can."""
        if layer.thresholds is None:
            return None
        return Fold(self.name, 1, layer.input_shape[2] // operands_of(layer, layer.input_shape[2]), 1)

    def check(self, layer: HardwareLayer, fold: Fold) -> None:
        """Accept folds that the memories and the firing can serve; folds that do not divide are padded.

        Raises:
            ConfigurationError: something else.
        """
        channels, inputs = layer.input_shape[2], operands_of(layer, layer.input_shape[2])
        if layer.thresholds is None:
            raise ConfigurationError(
                f"layer {layer.source!r}: engine {self.name!r} computes layers that fire, not a {layer.kind} without thresholds"
            )
        spikes = channels // inputs
        largest = Fold(self.name, min(fold.pe, layer.kernels), min(fold.simd, channels), fold.mmv)
        if fold.simd % spikes:
            largest = Fold(self.name, largest.pe, max(spikes, largest.simd // spikes * spikes), fold.mmv)
        steps = Shape(layer, largest).steps
        # As many as a row has, or the next power of two.
        if largest.mmv > (most := min(steps, 1 << (layer.vm_shape[1] - 1).bit_length())):
            largest = Fold(self.name, largest.pe, largest.simd, most)
        if largest != fold:
            raise ConfigurationError(
                f"layer {layer.source!r}: engine {self.name!r} takes at most {layer.kernels} kernels, {channels} inputs"
                + (" (pairs of spikes)" if spikes == 2 else "")
                + f" and as many pixels of a row ({layer.vm_shape[1]}) as a kernel has steps, not {fold}; the nearest is {largest}"
            )
        if (bits := Shape(layer, fold).word_bits) > words.WIDEST:
            raise ConfigurationError(
                f"layer {layer.source!r}: {fold} reads words of {bits:,} bits, over {words.WIDEST:,}; take fewer kernels or "
                "inputs and more pixels at once"
            )

    def kernel_folds(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the parts in which a window's kernels are computed one after the other."""
        return Shape(layer, fold).kernel_folds

    def pixels(self, layer: HardwareLayer, fold: Fold) -> Pixels:
        """Return one pixel a beat: rows are kept, and pixels fire one after the other."""
        return Pixels()

    def cycles(self, layer: HardwareLayer, fold: Fold) -> int:
        """Return the cycles of one frame: of its steps, or of writing its rows where that takes longer."""
        return Shape(layer, fold).cycles

    def cost(self, layer: HardwareLayer, fold: Fold) -> Resources:
        """Return what the layer takes of a 7-series part."""
        return layer_cost(layer, fold, self.name == BLOCK)

    def write(self, layer: HardwareLayer, fold: Fold, folder: Path) -> Written:
        """Write the layer and its memories."""
        shape = Shape(layer, fold)
        weights, thresholds = words.weight_words(layer, shape), words.threshold_words(layer, shape)
        name = f"dtscnn_{layer.name}"
        (folder / f"{name}_weights.mem").write_text(memory(weights, weights.shape[1]))
        (folder / f"{name}_thresholds.mem").write_text(memory(thresholds, thresholds.shape[1]))
        values = streaming.values_of(layer, shape.kernel_folds, fold.pe) | {
            "height": shape.height,
            "width": shape.width,
            "kernel_height": shape.kernel[0],
            "kernel_width": shape.kernel[1],
            "paired": int(shape.paired),
            "pe": fold.pe,
            "operands": shape.operands,
            "mmv": fold.mmv,
            "chain": CHAIN,
            "rows": shape.rows,
            "block_rows": int(shape.block_rows),
            "block_weights": int(self.name == BLOCK),
        }
        values["pool"] = streaming.pool_text(layer, values)
        body = fill("engines/folded/templates/conv", values)
        file = f"{name}.sv"
        write(folder / file, fill("templates/layer", values | vars(shape.fifo) | {"body": body}))
        return Written((file,), shape.latency, shape.fifo)


def _even_parts(size: int, most: int) -> list[int]:
    """Return for each number of parts the smallest part that makes up `size`, at most `most`."""
    return sorted({part for parts in range(1, size + 1) if (part := -(-size // parts)) <= most})
