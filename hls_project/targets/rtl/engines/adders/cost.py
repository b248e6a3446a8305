"""What the engine takes, before da4ml has solved it: from the digits of its weights."""

from __future__ import annotations

import numpy as np

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.layer import HardwareLayer

# LUTs and flip-flops of one adder bit if each digit of a weight had an adder of its own: da4ml shares some.
_LUT, _FF = 0.43, 0.73


def kernel(layer: HardwareLayer, fold: Fold) -> Resources:
    """Return the adders of all pixels at once. Digits: those of the canonical signed-digit form that are not 0."""
    assert layer.weights is not None
    size = np.abs(layer.weights)
    digits = np.array([int(value ^ 3 * value).bit_count() for value in range(int(size.max(initial=0)) + 1)])
    bits = fold.mmv * int(digits[size].sum()) * (layer.input_bits + layer.weight_bits)
    return Resources(lut=round(_LUT * bits), ff=round(_FF * bits))
