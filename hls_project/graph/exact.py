"""Exact numbers: rationals of what a file holds, and integer thresholds of real ones.

A float is a rational number, and all that a file does between its integers is rational but for the square root of batch
norm's variance. That root is taken to `_BITS` bits after the point, the same rational wherever it stands, so whatever
cancels in real numbers cancels here; a quotient that then lies within 2^-`_SNAP` of an integer is that integer, since
numbers of such sizes cannot come so close without being equal.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import ceil, floor, gcd, isqrt

import numpy as np
from numpy.typing import NDArray

Rationals = tuple[Fraction, ...]
_BITS = 2048
_SNAP = 1024

NEVER = 2**40
"""Integer threshold of a neuron that never fires, far above any sum; its negative: of one that always does."""


def rationals(values: NDArray[np.generic]) -> Rationals:
    """Return the elements of an array of finite numbers, in C order, as what they are."""
    return tuple(Fraction(value) for value in values.reshape(-1).tolist())


def root(square: Fraction) -> Fraction:
    """Return the square root of a number from 0 up: itself where it is rational, else to `_BITS` bits."""
    top, bottom = isqrt(square.numerator), isqrt(square.denominator)
    if top * top == square.numerator and bottom * bottom == square.denominator:
        return Fraction(top, bottom)
    # Scaled so that a small root has as many significant bits as a large one.
    shift = _BITS + max(0, square.denominator.bit_length() - square.numerator.bit_length())
    return Fraction(isqrt((square.numerator << 2 * shift) // square.denominator), 1 << shift)


def first_at(bound: Fraction, strict: bool) -> int:
    """Return the least integer `n` with `n >= bound`, or `n > bound` where strict, kept within +-`NEVER`."""
    nearest = round(bound)
    if abs(bound - nearest) < Fraction(1, 1 << _SNAP):
        bound = Fraction(nearest)
    return max(-NEVER, min(NEVER, floor(bound) + 1 if strict else ceil(bound)))


def common_step(values: Iterable[Fraction]) -> Fraction:
    """Return the largest step of which all `values` are integer multiples; 1 where all are 0."""
    top, bottom = 0, 1
    for value in values:
        if value:
            top, bottom = (
                gcd(top * value.denominator, abs(value.numerator) * bottom),
                bottom * value.denominator,
            )
            common = gcd(top, bottom)
            top, bottom = top // common, bottom // common
    return Fraction(top, bottom) if top else Fraction(1)


def multiples(values: Sequence[Fraction], step: Fraction) -> NDArray[np.object_]:
    """Return how many steps each value is; Python integers, of any size."""
    return np.array([int(value / step) for value in values], object)


def is_power_of_two(value: Fraction) -> bool:
    """Say whether a positive number is one."""
    product = value.numerator * value.denominator
    return product > 0 and product & (product - 1) == 0
