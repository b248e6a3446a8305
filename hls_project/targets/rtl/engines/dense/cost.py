"""What the engine takes: memory, terms, trees and accumulators."""

from __future__ import annotations

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import parts
from hls_project.targets.rtl.layer import HardwareLayer

_BLOCK_BITS = 3072
"""Bits from which a block RAM of 18 kbit is cheaper: yosys makes 16 bits of a deep constant memory a LUT, and xc7z020 has 190
LUTs for each of its block RAMs."""

_CONTROL = (35, 49)


def kernel(layer: HardwareLayer, fold: Fold, beats: int, folds: int) -> Resources:
    """Return the layer without the firing and the FIFO of a hidden one. beats: of a frame. folds: cycles of a beat."""
    inputs, outputs = fold.simd, layer.kernels
    words = beats * folds
    width = inputs * outputs * layer.weight_bits
    blocks = parts.block_ram18(words, width)
    in_blocks = in_block_ram(words, width)
    term = layer.weight_bits + (layer.input_bits if layer.input_bits > 1 else 0)
    adders, registers = parts.signed_tree(inputs, term, layer.vm_bits)
    # Yosys merges an accumulator's start with its adder, but for an adder of a single term.
    lut = outputs * (adders + layer.vm_bits * (2 if inputs == 1 else 1))
    lut += inputs * layer.input_bits * parts.multiplexer(folds)
    lut += parts.block_ram_multiplexers(words, width) if in_blocks else -(-words // 64) * width
    ff = outputs * (inputs * term + registers + layer.vm_bits) + inputs * layer.input_bits
    ff += 0 if in_blocks else width
    if not layer.maps:  # scores leave one after the other
        lut += outputs * layer.vm_bits
        ff += outputs * layer.vm_bits
    multipliers = inputs * outputs if layer.input_bits > 1 and term >= 9 else 0
    return Resources(
        lut=lut + _CONTROL[0], ff=ff + _CONTROL[1], bram18=blocks if in_blocks else 0, dsp=multipliers
    )


def in_block_ram(words: int, width: int) -> bool:
    """Say whether weights of `words` words of `width` bits are in block RAM, or else in LUTs."""
    return words * width > parts.block_ram18(words, width) * _BLOCK_BITS
