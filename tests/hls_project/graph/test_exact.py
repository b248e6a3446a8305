"""Exact numbers: roots, first integers at a bound, common steps; against what rationals themselves say."""

from __future__ import annotations

from fractions import Fraction
from math import gcd

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hls_project.graph.exact import (
    NEVER,
    common_step,
    first_at,
    is_power_of_two,
    multiples,
    rationals,
    root,
)

fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=96)


def test_elements_are_what_they_are_in_c_order() -> None:
    values = np.array([[0.1, -2.5], [3.0, 2.0**-1074]])
    assert rationals(values) == (Fraction(0.1), Fraction(-5, 2), Fraction(3), Fraction(1, 2**1074))


@given(st.fractions(min_value=0, max_value=2**70, max_denominator=2**70))
def test_the_root_of_a_square_is_its_side(side: Fraction) -> None:
    assert root(side * side) == side


@pytest.mark.parametrize(
    "square",
    [
        Fraction(2),
        Fraction(1, 2),
        Fraction(4, 3),
        Fraction(3, 4),
        Fraction(2, 2**4001),
        Fraction(3 * 2**3001),
        Fraction(5, 7),
    ],
)
def test_another_root_is_right_to_two_thousand_bits(square: Fraction) -> None:
    found = root(square)
    assert found * found <= square
    assert square - found * found < square / 2**2040
    assert (found + found / 2**2040) ** 2 > square


def test_the_root_is_the_same_rational_wherever_it_stands() -> None:
    # The largest multiple of 2^-2048 that is not above it.
    for square in (2, 3, 5, 6, 7, 8, 10):
        steps = root(Fraction(square)) * 2**2048
        assert steps.denominator == 1 and steps**2 <= square * 4**2048 < (steps + 1) ** 2
    # Two numbers of one quotient that is no square: the smaller one's root has as many bits.
    small = root(Fraction(2, 2**100))
    assert abs(small * 2**50 - root(Fraction(2))) < Fraction(1, 2**2047)


@given(fractions)
def test_the_first_integer_is_at_or_above_the_bound(bound: Fraction) -> None:
    at, above = first_at(bound, strict=False), first_at(bound, strict=True)
    assert at - 1 < bound <= at
    assert above - 1 <= bound < above


@pytest.mark.parametrize("strict", [False, True])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_bound_within_rounding_of_an_integer_is_that_integer(strict: bool, sign: int) -> None:
    near, far = Fraction(sign, 2**1024 + 1), Fraction(sign, 2**1024)
    assert first_at(5 + near, strict) == first_at(Fraction(5), strict) == 5 + strict
    assert first_at(5 + far, strict) == (6 if sign > 0 else 5)


def test_what_never_and_always_fires_stays_at_the_ends() -> None:
    assert first_at(Fraction(2**41), False) == first_at(Fraction(NEVER), True) == NEVER == 2**40
    assert first_at(Fraction(-(2**41)), True) == first_at(Fraction(-NEVER), False) == -NEVER
    assert first_at(Fraction(-NEVER), True) == 1 - NEVER
    assert first_at(Fraction(NEVER - 1), True) == NEVER


@given(st.lists(fractions, min_size=1, max_size=5))
def test_the_step_divides_all_and_is_the_largest(values: list[Fraction]) -> None:
    step = common_step(values)
    assert step > 0
    counts = multiples(values, step)
    assert [count * step for count in counts] == values
    assert gcd(*counts) == (1 if any(values) else 0)


def test_the_step_of_zeros_is_one() -> None:
    assert common_step([Fraction(0), Fraction(0)]) == common_step([]) == 1


@pytest.mark.parametrize(
    "value", [Fraction(1), Fraction(2), Fraction(1024), Fraction(1, 2), Fraction(1, 2**60)]
)
def test_powers_of_two(value: Fraction) -> None:
    assert is_power_of_two(value)


@pytest.mark.parametrize(
    "value",
    [Fraction(0), Fraction(-1), Fraction(-2), Fraction(3), Fraction(6), Fraction(2, 3), Fraction(1, 12)],
)
def test_others_are_none(value: Fraction) -> None:
    assert not is_power_of_two(value)
