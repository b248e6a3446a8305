"""What a layer is to the folded engine: steps, words, rows of the ring, cycles, latency."""

from __future__ import annotations

from functools import cached_property
from math import prod

from hls_project.graph.bounds import Inputs
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.engines import parts
from hls_project.targets.rtl.engines.engine import Fifo
from hls_project.targets.rtl.layer import HardwareLayer

CHAIN = 4
"""Operands that are added one after the other before a tree adds the sums: longer chains wait in shift registers."""

LUTS_OF_A_BLOCK_RAM = 190
"""LUTs of xc7z020 for each of its block RAMs of 18 kbit: a memory goes where it takes the smaller share of the part."""


def operands_of(layer: HardwareLayer, channels: int) -> int:
    """Return what is added for the channels: one operand for a pair of spikes of one kernel."""
    return channels // 2 if layer.inputs is Inputs.PAIRED_SPIKES else channels


class Shape:
    """A layer with its fold; a dense layer is a convolution whose kernel covers its map, a row of beats.

    All names as in the parameters of module `dt_fold_conv`.
    """

    def __init__(self, layer: HardwareLayer, fold: Fold) -> None:
        self.layer, self.fold = layer, fold
        self.paired = layer.inputs is Inputs.PAIRED_SPIKES
        self.height, self.width, self.channels = layer.input_shape
        if layer.kind == "dense":
            self.height, self.width = 1, self.height * self.width
        self.kernel = (1, self.width) if layer.kind == "dense" else layer.kernel
        self.inputs = operands_of(layer, self.channels)
        self.operands = max(1, operands_of(layer, fold.simd))
        self.slices = -(-self.inputs // self.operands)
        self.kernel_folds = -(-layer.kernels // fold.pe)
        self.steps = prod(self.kernel) * self.slices
        self.groups = -(-layer.vm_shape[1] // fold.mmv)

    @property
    def operand_word_bits(self) -> int:
        """Return the bits of memory of one operand: {w1 + w2, w1}, or w."""
        return 2 * self.layer.weight_bits + 1 if self.paired else self.layer.weight_bits

    @property
    def operand_bits(self) -> int:
        """Return the bits of one operand."""
        if self.paired:
            return self.layer.weight_bits + 1
        return self.layer.weight_bits + (self.layer.input_bits if self.layer.input_bits > 1 else 0)

    @property
    def input_bits(self) -> int:
        """Return the bits of the input of one operand."""
        return 2 if self.paired else self.layer.input_bits

    @property
    def words(self) -> int:
        """Return the words of the weights' memory."""
        return self.kernel_folds * self.steps

    @property
    def word_bits(self) -> int:
        """Return the width of the weights' memory."""
        return self.fold.pe * self.operands * self.operand_word_bits

    @property
    def cycles(self) -> int:
        """Return the cycles of one frame in steady state."""
        written = self.height * self.width * self.slices
        return max(self.layer.vm_shape[0] * self.groups * self.kernel_folds * self.steps, written)

    @cached_property
    def rows(self) -> int:
        """Return the rows of the ring: those of a window and those that arrive while it is computed.

        Each output row's, and the next one's, of the next frame after the last.
        """
        top_pad, stride, height = self.layer.pads[0], self.layer.stride[0], self.height
        tops = [row * stride - top_pad for row in range(self.layer.vm_shape[0])]
        firsts = [min(max(0, top), height) for top in tops]
        needs = [min(height, top + self.kernel[0]) for top in tops]
        needs[-1] = height
        ahead = [need - first for need, first in zip(needs[1:], firsts, strict=False)]
        return max(*ahead, height + needs[0] - firsts[-1], 2)

    @property
    def places(self) -> int:
        """Return the words of one bank of the ring: powers of two for columns and slices."""
        phases = 1 << (self.layer.stride[1] - 1).bit_length()
        columns = -(-self.width // self.layer.stride[1])
        stored = -(-columns // self.fold.mmv)
        return self.rows * phases * (1 << (stored - 1).bit_length()) * (1 << (self.slices - 1).bit_length())

    @property
    def slice_bits(self) -> int:
        """Return the width of one bank of the ring."""
        return self.operands * self.input_bits

    @property
    def block_rows(self) -> bool:
        """Say whether the ring is in block RAM."""
        blocks = parts.block_ram18(self.places, self.slice_bits)
        return parts.distributed_ram(self.places, self.slice_bits) > LUTS_OF_A_BLOCK_RAM * blocks

    @property
    def lane_latency(self) -> int:
        """Return the cycles from a step's inputs to the potential's adder."""
        chains = -(-self.operands // CHAIN)
        return (
            max(1, min(self.operands, CHAIN) - 1)
            + (chains - 1).bit_length()
            + (1 if self.layer.input_bits > 1 else 0)
        )

    @property
    def latency(self) -> int:
        """Return the cycles from the first step of a group to the arrival of its last beat in the FIFO."""
        firing = 1 + (self.fold.mmv - 1) + 3
        return self.kernel_folds * self.steps + 3 + self.lane_latency + firing + (self.layer.pool > 1)

    @property
    def fifo(self) -> Fifo:
        """Return the FIFO: for the groups that may be under way when its room ends, a group more, and what a pool holds back.

        A row of pooled pixels comes in the time of one row of a window's `pool`; a reader at the mean rate has taken one
        in `pool` of them by then.
        """
        pool, row = self.layer.pool, self.layer.output_shape[1]
        groups = -(-(self.latency + 1) // (self.kernel_folds * self.steps))
        under_way = -(-groups * self.fold.mmv // pool)
        depth = under_way + -(-self.fold.mmv // pool) + -(-row * (pool - 1) // pool)
        depth = 1 << max(2, (depth - 1).bit_length())
        return Fifo(self.layer.output_shape[2], depth, under_way - 1)
