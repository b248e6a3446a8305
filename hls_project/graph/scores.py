"""The last layer: real scores of one step, and biases, become integers whose first maximum is the same class.

A score of the file is `scale * Vm + offset`, with numbers of its own for each class. With one step for all classes it is
`step * (m + b)`, an integer m and a real b. Where b is an integer it is added; where the weights have room for a step that b
is a multiple of, that becomes the step. Else the integers are made `finer` times as fine, `finer * m + o`, with o near `finer * b`, such that every comparison of two classes, ties too, comes out as in real
numbers: that is proved below for each pair, for every m that there can be.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import floor, lcm

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from hls_project.graph.exact import Rationals, common_step, multiples
from hls_project.graph.signals import Potential
from hls_project.graph.source import SourceLayer
from hls_project.graph.weights import LARGEST_WEIGHT, bits_of

_LARGEST_SCORE = 2**31 - 1
_PAIRS_TRIED = 100
"""Classes up to which every pair is compared at every step; more take the ranks of their fractions."""


@dataclass(frozen=True, eq=False)
class Scores:
    """The last layer on integers: a score of the file is `step * (Vm + offsets)`, to within `error`.

    offsets: int64 (classes,). error: the largest difference, 0 where every score is exact; no label differs either way.
    """

    layer: SourceLayer
    offsets: NDArray[np.int64]
    step: Fraction
    error: Fraction


def integer_scores(layer: SourceLayer, potential: Potential) -> Scores:
    """Return the integer scores of the last `layer`, whose potentials end as `potential`.

    Raises:
        ConfigurationError: the classes' scales have no common step, or biases lie too close for the bits of the weights.
    """
    if potential.floor is not None:
        raise ConfigurationError(
            f"{_where(layer)}: a ReLU after the last layer makes scores equal that differ; leave it out"
        )
    step = common_step(potential.scale)
    factors = multiples(potential.scale, step)
    largest = np.abs(layer.weights).max(axis=(0, 1, 2)).tolist()
    if any(abs(factor) * weight > LARGEST_WEIGHT for factor, weight in zip(factors, largest, strict=True)):
        shown = sorted(set(map(float, potential.scale)))
        raise ConfigurationError(
            f"{_where(layer)}: the last layer must have one weight scale for all classes, or scores could not be compared; it has "
            f"{len(shown)}, from {shown[0]:.6g} to {shown[-1]:.6g}: use a weight quantizer with a scale per tensor there, and no "
            "batch norm behind it"
        )
    kept = [int(factor) if weight else 0 for factor, weight in zip(factors, largest, strict=True)]
    weights = layer.weights * np.array(kept, np.int64)
    real = tuple(offset / step for offset in potential.offset)
    room = LARGEST_WEIGHT // max(1, int(np.abs(weights).max()))
    finer, offsets = _offsets(layer, real, room)
    if (most := max(map(abs, offsets))) > _LARGEST_SCORE:
        raise ConfigurationError(
            f"{_where(layer)}: a bias of the scores is {most:.4g} of their steps, beyond the {_LARGEST_SCORE:,} of 32 bits; scale the "
            "biases of the last layer like its weights"
        )
    weights = weights * finer
    error = max(abs(Fraction(o, finer) - b) for o, b in zip(offsets, real, strict=True)) * step
    bits = max(layer.bits, bits_of(int(np.abs(weights).max())))
    return Scores(
        replace(layer, weights=weights, bits=bits), np.array(offsets, np.int64), step / finer, error
    )


def _where(layer: SourceLayer) -> str:
    return f"tensor {layer.vm!r}"


def _offsets(layer: SourceLayer, real: Rationals, room: int) -> tuple[int, list[int]]:
    """Return how much finer the integers are, 1 .. `room`, and the classes' offsets: exact ones where there is room."""
    exact = lcm(*(value.denominator for value in real))
    if exact <= room:
        return exact, [int(exact * value) for value in real]
    for finer in range(1, (room if len(real) <= _PAIRS_TRIED else 1) + 1):
        offsets = [round(finer * value) for value in real]
        if _same_order(real, offsets, finer):
            return finer, offsets
    # Every fraction its rank, which needs no more steps than there are fractions.
    ranks = {value: rank for rank, value in enumerate(sorted({value - floor(value) for value in real}))}
    finer = len(ranks)
    if finer <= room:
        return finer, [finer * floor(value) + ranks[value - floor(value)] for value in real]
    raise ConfigurationError(
        f"{_where(layer)}: the biases of the {len(real)} classes end in {finer} different fractions of a score's step, and weights "
        f"of {layer.bits} bits leave room for {room}; use fewer weight bits in the last layer ({_bits_with_room(finer)}), a bias "
        "that is a multiple of its scale (Brevitas' Int16Bias), or bias=False there"
    )


def _bits_with_room(finer: int) -> str:
    bits = (LARGEST_WEIGHT // finer + 1).bit_length()
    return f"{bits} are enough" if bits >= 2 else "even 2 are too many for so many classes"


def _same_order(real: Rationals, offsets: list[int], finer: int) -> bool:
    """Say whether `m + real[i]` and `n + real[j]` compare as `finer * m + offsets[i]` and `finer * n + offsets[j]` do, always.

    Only d = m - n counts, and only where the real difference changes its sign: at the integers on either side of it.
    """
    for first, a in enumerate(real):
        for second in range(first):
            turn = floor(real[second] - a)
            for d in (turn, turn + 1):
                exact = d + a - real[second]
                integer = finer * d + offsets[first] - offsets[second]
                if (exact > 0) - (exact < 0) != (integer > 0) - (integer < 0):
                    return False
    return True
