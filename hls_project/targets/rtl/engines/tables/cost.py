"""What the engine takes: table bits and adder bits of its lanes, and what is around them."""

from __future__ import annotations

import numpy as np

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.engines import parts
from hls_project.targets.rtl.engines.tables.lane_tables import LUT_INPUTS
from hls_project.targets.rtl.layer import HardwareLayer

_ALIKE = 0.94
"""Of table and adder bits, the share that yosys finds no equal of."""


def kernel(layer: HardwareLayer, fold: Fold) -> Resources:
    """Return the lanes of all pixels at once.

    A table has as many bits as the sums of its group need; what is wider is a copy of the sign.
    """
    assert layer.weights is not None
    folds = layer.kernels // fold.pe
    group = max(1, LUT_INPUTS - (folds - 1).bit_length())
    weights = layer.weights.reshape(-1, folds, fold.pe)
    groups = -(-len(weights) // group)
    padded = np.zeros((groups * group, folds, fold.pe), np.int64)
    padded[: len(weights)] = weights
    grouped = padded.reshape(groups, group, folds, fold.pe)
    low = np.minimum(grouped, 0).sum(axis=1).min(axis=1)
    high = np.maximum(grouped, 0).sum(axis=1).max(axis=1)
    magnitude = np.maximum(high, -low - 1)
    bits = np.where(high - low > 0, np.ceil(np.log2(magnitude + 1)).astype(int) + 1, 0)
    blocks = -(-(folds << group) // (1 << LUT_INPUTS))  # LUTs of a table's bit: more than one for many folds
    adders, registers = parts.signed_tree(groups, int(bits.max(initial=1)), layer.vm_bits)
    lut = blocks * int(bits.sum()) + fold.pe * adders
    ff = int(bits.sum()) + fold.pe * registers
    return Resources(lut=round(_ALIKE * fold.mmv * lut), ff=round(_ALIKE * fold.mmv * ff))


def kernel_latency(layer: HardwareLayer, fold: Fold) -> int:
    """Return the cycles of tables and tree."""
    group = max(1, LUT_INPUTS - (layer.kernels // fold.pe - 1).bit_length())
    return 1 + (-(-layer.taps // group) - 1).bit_length()
