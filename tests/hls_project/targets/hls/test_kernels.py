"""Every kernel alone against numpy: shapes, strides, paddings, folds, signs, ties, and inputs at the bounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hls_project.graph.bounds import Inputs, Window, extremal_input, signed_width, vm_bounds
from tests.hls_project.targets.hls.kernel_bench import Case, IntArray, run


def fire(vm: IntArray, thresholds: IntArray) -> IntArray:
    """Reference firing: block order, a tie fires."""
    return np.concatenate([vm >= row for row in thresholds], axis=-1).astype(np.int64)


def or_pool(spikes: IntArray, pool: int) -> IntArray:
    """Reference pooling of (N, H, W, C)."""
    n, height, width, channels = spikes.shape
    whole = spikes[:, : height // pool * pool, : width // pool * pool]
    return whole.reshape(n, height // pool, pool, width // pool, pool, channels).max(axis=(2, 4))


def convolve(frames: IntArray, weights: IntArray, window: Window) -> IntArray:
    """Reference convolution of (N, H, W, Cin) with (kh, kw, Cin, Cout)."""
    top, left, bottom, right = window.pads
    padded = np.pad(frames, ((0, 0), (top, bottom), (left, right), (0, 0)))
    rows, columns = window.output()
    vm = np.zeros((len(frames), rows, columns, weights.shape[-1]), np.int64)
    for row in range(rows):
        for column in range(columns):
            y, x = row * window.stride[0], column * window.stride[1]
            patch = padded[:, y : y + window.kernel[0], x : x + window.kernel[1]]
            vm[:, row, column] = np.einsum("nhwc,hwck->nk", patch, weights)
    return vm


def thresholds_with_ties(rng: np.random.Generator, vm: IntArray, count: int) -> IntArray:
    """Ordered thresholds (count, C), each equal to a membrane potential that occurs, so that ties are frequent."""
    flat = vm.reshape(-1, vm.shape[-1])
    rows = [rng.choice(flat[:, kernel], count) for kernel in range(flat.shape[-1])]
    return np.sort(np.array(rows).T, axis=0)


def divisor(rng: np.random.Generator, of: int) -> int:
    """A random divisor of `of`."""
    return int(rng.choice([d for d in range(1, of + 1) if of % d == 0]))


def conv_case(seed: int) -> tuple[Case, IntArray]:
    """A random fused convolution whose frames include one at each bound, and what must come out."""
    rng = np.random.default_rng(seed)
    inputs = Inputs.PIXELS if seed % 3 == 0 else Inputs.SPIKES
    kernel = (int(rng.integers(1, 8)), int(rng.integers(1, 8)))
    pads = tuple(int(rng.integers(0, max(1, k // 2 + 1))) for k in (*kernel, *kernel))
    pads = (pads[0], pads[1], min(pads[2], kernel[0] - 1 - pads[0]), min(pads[3], kernel[1] - 1 - pads[1]))
    image = tuple(
        int(rng.integers(max(1, k - before - after), 11))
        for k, before, after in zip(kernel, pads[:2], pads[2:], strict=True)
    )
    window = Window(image, kernel, (int(rng.integers(1, 4)), int(rng.integers(1, 4))), pads)
    channels, kernels = int(rng.integers(1, 6)), int(rng.integers(1, 7))
    limit = 2 ** (int(rng.integers(2, 9)) - 1) - 1
    weights = rng.integers(-limit, limit + 1, (*kernel, channels, kernels))
    count = 1 + seed % 2

    frames = rng.integers(0, 256 if inputs is Inputs.PIXELS else 2, (2, *image, channels))
    at_bounds = [
        extremal_input(weights, window, inputs, k, extreme)[0]
        for k in range(kernels)
        for extreme in ("min", "max")
    ]
    frames = np.concatenate([frames, np.array(at_bounds)]).astype(np.int64)
    vm = convolve(frames, weights, window)
    low, high = vm_bounds(weights, window, inputs)
    assert (
        np.array_equal(vm.min(axis=(0, 1, 2)), np.minimum(low, vm.min(axis=(0, 1, 2))))
        and (vm.max(axis=(0, 1, 2)) == high).all()
    )
    thresholds = thresholds_with_ties(rng, vm, count)
    pool = int(rng.integers(1, min(3, *window.output()) + 1))
    folds = divisor(rng, kernels)
    folded = weights.reshape(*kernel, channels, folds, kernels // folds).transpose(3, 0, 1, 2, 4)
    case = Case(
        name=f"conv{seed}",
        kernel="spiking_conv2d",
        input_type=f"nnet::array<ap_uint<8>, {channels}>"
        if inputs is Inputs.PIXELS
        else f"nnet::spike_vector<{channels}>",
        output_type=f"nnet::spike_vector<{count * kernels}>",
        constants={
            **{"in_height": image[0], "in_width": image[1], "n_chan": channels, "n_filt": kernels},
            **{"filt_height": kernel[0], "filt_width": kernel[1]},
            **{"stride_height": window.stride[0], "stride_width": window.stride[1]},
            **dict(zip(("pad_top", "pad_left", "pad_bottom", "pad_right"), pads, strict=True)),
            **{"out_height": window.output()[0], "out_width": window.output()[1]},
            **{"n_thresholds": count, "pool": pool, "reuse_factor": folds},
        },
        types={
            "weight_t": f"ap_int<{signed_width(-limit, limit)}>",
            "vm_t": f"ap_int<{signed_width(int(low.min()), int(high.max()))}>",
            "threshold_t": f"ap_int<{signed_width(int(thresholds.min()), int(thresholds.max()))}>",
        },
        arrays={
            "w": (f"ap_int<{signed_width(-limit, limit)}>", folded),
            "vth": (f"ap_int<{signed_width(int(thresholds.min()), int(thresholds.max()))}>", thresholds),
        },
        frames=frames,
    )
    return case, or_pool(fire(vm, thresholds), pool)


def dense_case(seed: int) -> tuple[Case, IntArray]:
    """A random dense layer, hidden or last."""
    rng = np.random.default_rng(1000 + seed)
    pixels, channels, outputs = (int(rng.integers(1, limit)) for limit in (10, 9, 12))
    count = seed % 3
    limit = 2 ** (int(rng.integers(2, 9)) - 1) - 1
    weights = rng.integers(-limit, limit + 1, (1, pixels, channels, outputs))
    window = Window((1, pixels), (1, pixels))
    at_bounds = [
        extremal_input(weights, window, Inputs.SPIKES, k, e)[0]
        for k in range(outputs)
        for e in ("min", "max")
    ]
    frames = np.concatenate([rng.integers(0, 2, (3, 1, pixels, channels)), np.array(at_bounds)]).astype(
        np.int64
    )
    vm = convolve(frames, weights, window)
    low, high = vm_bounds(weights, window, Inputs.SPIKES)
    assert vm.min() == low.min() and vm.max() == high.max()
    vm_type = f"ap_int<{signed_width(int(low.min()), int(high.max()))}>"
    weight_type = f"ap_int<{signed_width(-limit, limit)}>"
    types, arrays = {"weight_t": weight_type, "vm_t": vm_type}, {"w": (weight_type, weights)}
    expected, output_type = vm, f"nnet::array<{vm_type}, {outputs}>"
    if count:
        thresholds = thresholds_with_ties(rng, vm, count)
        threshold_type = f"ap_int<{signed_width(int(thresholds.min()), int(thresholds.max()))}>"
        types["threshold_t"], arrays["vth"] = threshold_type, (threshold_type, thresholds)
        expected, output_type = fire(vm, thresholds), f"nnet::spike_vector<{count * outputs}>"
    case = Case(
        name=f"dense{seed}",
        kernel="spiking_dense",
        input_type=f"nnet::spike_vector<{channels}>",
        output_type=output_type,
        constants={
            **{"n_pixels": pixels, "n_chan": channels, "n_out": outputs},
            **{"n_thresholds": count, "reuse_factor": divisor(rng, channels)},
        },
        types=types,
        arrays=arrays,
        frames=frames,
    )
    return case, expected


def fire_case(seed: int) -> tuple[Case, IntArray]:
    """Firing alone, with potentials one below, at and one above each threshold."""
    rng = np.random.default_rng(2000 + seed)
    pixels, channels, count = int(rng.integers(1, 12)), int(rng.integers(1, 70)), 1 + seed % 2
    thresholds = np.sort(rng.integers(-500, 500, (count, channels)), axis=0)
    vm = rng.choice(thresholds, (4, pixels)) + rng.integers(-1, 2, (4, pixels, channels))
    case = Case(
        name=f"fire{seed}",
        kernel="dual_threshold_fire",
        input_type=f"nnet::array<ap_int<11>, {channels}>",
        output_type=f"nnet::spike_vector<{count * channels}>",
        constants={"n_pixels": pixels, "n_chan": channels, "n_thresholds": count},
        types={"threshold_t": "ap_int<10>"},
        arrays={"vth": ("ap_int<10>", thresholds)},
        frames=vm,
    )
    return case, fire(vm, thresholds)


def pool_case(seed: int) -> tuple[Case, IntArray]:
    """Pooling alone."""
    rng = np.random.default_rng(3000 + seed)
    pool = int(rng.integers(1, 4))
    height, width, channels = (
        int(rng.integers(pool, 12)),
        int(rng.integers(pool, 12)),
        int(rng.integers(1, 70)),
    )
    spikes = (rng.random((3, height, width, channels)) < 0.2).astype(np.int64)
    case = Case(
        name=f"pool{seed}",
        kernel="spike_pool",
        input_type=f"nnet::spike_vector<{channels}>",
        output_type=f"nnet::spike_vector<{channels}>",
        constants={"in_height": height, "in_width": width, "pool": pool},
        types={},
        arrays={},
        frames=spikes,
    )
    return case, or_pool(spikes, pool)


def argmax_case(seed: int) -> tuple[Case, IntArray]:
    """Scores and the first maximum, with many equal scores."""
    rng = np.random.default_rng(4000 + seed)
    classes = 1 + seed
    scores = rng.integers(-3, 3, (20, 1, classes))
    case = Case(
        name=f"argmax{seed}",
        kernel="scores_argmax",
        input_type=f"nnet::array<ap_int<3>, {classes}>",
        output_type=f"nnet::array<ap_int<32>, {classes + 1}>",
        constants={"n_classes": classes},
        types={},
        arrays={},
        frames=scores,
    )
    return case, np.concatenate([scores, scores.argmax(axis=-1)[..., None]], axis=-1)


FAMILIES = {
    "conv": (conv_case, 24),
    "dense": (dense_case, 12),
    "fire": (fire_case, 6),
    "pool": (pool_case, 10),
    "argmax": (argmax_case, 6),
}


@pytest.mark.parametrize("family", FAMILIES)
def test_kernel_equals_numpy(family: str, tmp_path: Path) -> None:
    """Every value of every instance is equal, over several frames in a row."""
    make, count = FAMILIES[family]
    cases = [make(seed) for seed in range(count)]
    results = run([case for case, _ in cases], tmp_path)
    for case, expected in cases:
        assert np.array_equal(results[case.name], expected.reshape(-1)), case.constants
