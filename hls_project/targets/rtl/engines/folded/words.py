"""Words of the folded engine's memories, as its modules read them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hls_project.targets.rtl.engines import streaming
from hls_project.targets.rtl.engines.folded.shape import Shape
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import bits_of

WIDEST = 65_536
"""Bits of the widest word: Verilator 5.48 and Vivado HLS stop there."""


def weight_words(layer: HardwareLayer, shape: Shape) -> NDArray[np.uint8]:
    """Return the weights as bits `(kernel folds * steps, word bits)`, bit 0 first.

    A step is a tap row, tap column and slice of the channels; a word holds for each kernel of the fold and each operand
    {w1 + w2, w1} or w. Kernels and inputs that pad a fold are 0.
    """
    assert layer.weights is not None
    folds, pe, operands, bits = shape.kernel_folds, shape.fold.pe, shape.operands, layer.weight_bits
    taps = layer.weights.reshape(*shape.kernel, shape.channels, layer.kernels)
    kernels = np.zeros((*shape.kernel, shape.channels, folds * pe), np.int64)
    kernels[..., : layer.kernels] = taps
    if shape.paired:
        first, second = np.split(kernels, 2, axis=2)
        parts = np.concatenate([bits_of(first, bits), bits_of(first + second, bits + 1)], axis=-1)
    else:
        parts = bits_of(kernels, bits)
    rows, columns, inputs, _, word = parts.shape
    padded = np.zeros((rows, columns, shape.slices * operands, folds * pe, word), np.uint8)
    padded[:, :, :inputs] = parts
    split = padded.reshape(rows, columns, shape.slices, operands, folds, pe, word)
    # [fold][row][column][slice][kernel][operand][bit]
    return split.transpose(4, 0, 1, 2, 5, 3, 6).reshape(shape.words, shape.word_bits)


def threshold_words(layer: HardwareLayer, shape: Shape) -> NDArray[np.uint8]:
    """Return the thresholds as bits `(kernel folds, maps * pe * (vm_bits + 1))`; kernels that pad a fold have 0."""
    thresholds = streaming.clipped_thresholds(layer)
    padded = np.zeros((layer.maps, shape.kernel_folds * shape.fold.pe), np.int64)
    padded[:, : layer.kernels] = thresholds
    ordered = padded.reshape(layer.maps, shape.kernel_folds, shape.fold.pe).transpose(1, 0, 2)
    return bits_of(ordered, layer.vm_bits + 1).reshape(shape.kernel_folds, -1)
