"""Bounds of integer sums against brute force over every input of tiny layers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hls_project.graph.bounds import (
    FLOAT32_EXACT,
    Inputs,
    Window,
    extremal_input,
    partial_sum_bound,
    signed_width,
    vm_bounds,
)


def convolve(image: np.ndarray, weights: np.ndarray, window: Window) -> np.ndarray:
    """Return the membrane potentials (H', W', Cout) of an image (H, W, Cin), written out plainly."""
    top, left, bottom, right = window.pads
    padded = np.pad(image.astype(np.int64), ((top, bottom), (left, right), (0, 0)))
    rows, columns = window.kernel
    return np.array(
        [
            [
                np.einsum("rci,rcio->o", padded[row : row + rows, column : column + columns], weights)
                for column in range(0, padded.shape[1] - columns + 1, window.stride[1])
            ]
            for row in range(0, padded.shape[0] - rows + 1, window.stride[0])
        ]
    )


def tap_values(inputs: Inputs, channels: int) -> list[tuple[int, ...]]:
    """Return all values of one pixel's channels; of 0 .. 255 only the ends, for sums are linear."""
    ends = (0, 255) if inputs is Inputs.PIXELS else (0, 1)
    values = itertools.product(ends, repeat=channels)
    if inputs is not Inputs.PAIRED_SPIKES:
        return list(values)
    half = channels // 2
    return [value for value in values if all(a >= b for a, b in zip(value[:half], value[half:], strict=True))]


@st.composite
def tiny_layers(draw: st.DrawFn) -> tuple[np.ndarray, Window, Inputs]:
    """Draw a layer of so few inputs that all of them can be tried."""
    inputs = draw(st.sampled_from(list(Inputs)))
    channels = 2 if inputs is Inputs.PAIRED_SPIKES else draw(st.integers(1, 2))
    image = draw(st.sampled_from([(1, 1), (1, 3), (2, 2), (3, 1), (2, 3)]))
    kernel, stride, pads = [], [], [0, 0, 0, 0]
    for axis in (0, 1):
        taps = draw(st.integers(1, 4))
        padding = draw(st.integers(max(0, taps - image[axis]), taps + 1))
        pads[axis] = draw(st.integers(0, padding))
        pads[axis + 2] = padding - pads[axis]
        kernel.append(taps)
        stride.append(draw(st.integers(1, 3)))
    window = Window(image, tuple(kernel), tuple(stride), tuple(pads))
    size = (*kernel, channels, 2)
    weights = draw(st.lists(st.integers(-7, 7), min_size=int(np.prod(size)), max_size=int(np.prod(size))))
    return np.array(weights, np.int64).reshape(size), window, inputs


@settings(max_examples=60, deadline=None)
@given(tiny_layers())
def test_bounds_are_what_brute_force_reaches(layer: tuple[np.ndarray, Window, Inputs]) -> None:
    weights, window, inputs = layer
    height, width = window.image
    channels = weights.shape[2]
    values = tap_values(inputs, channels)
    low, high = np.full(2, 10**9), np.full(2, -(10**9))
    for pixels in itertools.product(values, repeat=height * width):
        vm = convolve(np.array(pixels).reshape(height, width, channels), weights, window)
        assert vm.shape[:2] == window.output()
        low, high = np.minimum(low, vm.min(axis=(0, 1))), np.maximum(high, vm.max(axis=(0, 1)))
    smallest, largest = vm_bounds(weights, window, inputs)
    assert np.array_equal(smallest, low)
    assert np.array_equal(largest, high)
    bound = partial_sum_bound(weights, inputs)
    assert -bound <= low.min() and high.max() <= bound


@settings(max_examples=60, deadline=None)
@given(tiny_layers(), st.integers(0, 1))
def test_extremal_input_reaches_the_bound(layer: tuple[np.ndarray, Window, Inputs], kernel: int) -> None:
    weights, window, inputs = layer
    for extreme, bound in zip(("min", "max"), vm_bounds(weights, window, inputs), strict=True):
        image, position = extremal_input(weights, window, inputs, kernel, extreme)
        assert convolve(image, weights, window)[(*position, kernel)] == bound[kernel]
        for pixel in image.reshape(-1, weights.shape[2]).tolist():
            assert tuple(pixel) in tap_values(inputs, weights.shape[2])


def test_pairs_are_tighter_than_single_spikes() -> None:
    weights = np.array([5, -5, -3, 4], np.int64).reshape(1, 1, 4, 1)  # pairs (5, -3) and (-5, 4)
    window = Window((1, 1), (1, 1))
    assert [bound.item() for bound in vm_bounds(weights, window, Inputs.PAIRED_SPIKES)] == [-5, 5]
    assert extremal_input(weights, window, Inputs.PAIRED_SPIKES, 0, "max")[0].tolist() == [[[1, 0, 0, 0]]]
    assert extremal_input(weights, window, Inputs.PAIRED_SPIKES, 0, "min")[0].tolist() == [[[0, 1, 0, 0]]]
    assert [bound.item() for bound in vm_bounds(weights, window, Inputs.SPIKES)] == [-8, 9]


@pytest.mark.parametrize(
    ("inputs", "bound"), [(Inputs.PIXELS, 9 * 255), (Inputs.SPIKES, 9), (Inputs.PAIRED_SPIKES, 9)]
)
@pytest.mark.parametrize("sign", [-1, 1])
def test_partial_sums_reach_the_larger_of_the_positive_and_the_negative_weights(
    inputs: Inputs, bound: int, sign: int
) -> None:
    weights = np.zeros((2, 3, 2, 3), np.int64)
    weights[0, 0, 0], weights[1, 2, 1], weights[1, 1, 0] = (4, 0, 1), (5, 0, -3), (-8, 0, -2)
    assert partial_sum_bound(sign * weights, inputs) == bound
    assert partial_sum_bound(weights[..., 1:2], inputs) == 0


def test_a_window_says_where_it_lies() -> None:
    window = Window((5, 7), (3, 2), (2, 3), (1, 0, 1, 2))
    assert window.output() == (3, 3)
    assert [window.first_pixel(0, row) for row in range(3)] == [-1, 1, 3]
    assert [window.first_pixel(1, column) for column in range(3)] == [0, 3, 6]
    assert window.masks(0).tolist() == [[False, True, True], [True] * 3, [True, True, False]]
    assert window.masks(1).tolist() == [[True, True], [True, True], [True, False]]
    assert {window, Window((5, 7), (3, 2), (2, 3), (1, 0, 1, 2))} == {window}
    whole = Window((5, 7), (3, 2))
    assert (whole.stride, whole.pads, whole.output()) == ((1, 1), (0, 0, 0, 0), (3, 6))


def test_float32_holds_every_integer_up_to_the_limit() -> None:
    limit = np.float32(FLOAT32_EXACT)
    assert int(limit) == FLOAT32_EXACT and limit - np.float32(1) != limit and limit + np.float32(1) == limit


@pytest.mark.parametrize("inputs", Inputs)
def test_a_weight_of_zero_takes_the_input_zero(inputs: Inputs) -> None:
    weights, window = np.zeros((1, 2, 2, 1), np.int64), Window((3, 4), (1, 2))
    for extreme in ("min", "max"):
        image, position = extremal_input(weights, window, inputs, 0, extreme)
        assert not image.any() and position == (0, 0)


def test_small_image_never_sees_all_taps() -> None:
    weights = np.ones((5, 5, 1, 1), np.int64)
    window = Window((2, 3), (5, 5), pads=(2, 2, 2, 2))
    assert vm_bounds(weights, window, Inputs.SPIKES)[1].item() == 6


@pytest.mark.parametrize(
    ("low", "high", "width"),
    [
        (0, 0, 1),
        (-1, 0, 1),
        (0, 1, 2),
        (-2, 1, 2),
        (-3, 0, 3),
        (0, 127, 8),
        (-128, 127, 8),
        (-129, 0, 9),
        (3, 4, 4),
        (-9, -5, 5),
        (-8, -8, 4),
        (-1, -1, 1),
    ],
)
def test_signed_width(low: int, high: int, width: int) -> None:
    assert signed_width(low, high) == width


@given(st.integers(-(2**40), 2**40), st.integers(0, 2**40))
def test_signed_width_is_the_least_that_holds_both(low: int, span: int) -> None:
    width, high = signed_width(low, low + span), low + span
    assert -(2 ** (width - 1)) <= low and high < 2 ** (width - 1)
    assert width == 1 or not (-(2 ** (width - 2)) <= low and high < 2 ** (width - 2))


def test_a_first_spike_of_weight_one_fires_without_its_second() -> None:
    weights = np.array([[[[1], [-1]]]])  # (1, 1, a pair, 1)
    image, _ = extremal_input(weights, Window((1, 1), (1, 1)), Inputs.PAIRED_SPIKES, 0, "max")
    assert image.tolist() == [[[1, 0]]]
    assert vm_bounds(weights, Window((1, 1), (1, 1)), Inputs.PAIRED_SPIKES)[1].tolist() == [1]
