"""Every kernel alone against numpy: shapes, strides, paddings, folds, signs, ties, and inputs at the bounds."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pytest

from hls_project.graph.bounds import Inputs, Window, extremal_input, signed_width, vm_bounds
from hls_project.targets.hls.layer_kernel import instantiate
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


def frames_for(
    rng: np.random.Generator, weights: IntArray, window: Window, inputs: Inputs, count: int
) -> IntArray:
    """Random frames (N, H, W, Cin), then one for each bound that a kernel reaches."""
    frames = rng.integers(0, 256 if inputs is Inputs.PIXELS else 2, (count, *window.image, weights.shape[2]))
    if inputs is Inputs.PAIRED_SPIKES:
        half = weights.shape[2] // 2
        frames[..., half:] &= frames[..., :half]
    at_bounds = [
        extremal_input(weights, window, inputs, kernel, extreme)[0]
        for kernel in range(weights.shape[-1])
        for extreme in ("min", "max")
    ]
    return np.concatenate([frames, np.array(at_bounds)]).astype(np.int64)


def draw_fold(rng: np.random.Generator, channels: int, kernels: int, paired: bool) -> dict[str, int]:
    """Random numbers of kernels and channels at once, which need not divide; `paired` channels come in twos."""
    pe = int(rng.integers(1, kernels + 1))
    simd = 2 * int(rng.integers(1, channels // 2 + 1)) if paired else int(rng.integers(1, channels + 1))
    return {"paired": int(paired), "pe": pe, "simd": simd}


def narrow_words(rng: np.random.Generator, pe: int, bits: int) -> int:
    """A word of one to four rows of weights, so that small layers need several words."""
    return pe * bits * int(rng.integers(1, 5))


def ap_int(low: int, high: int) -> str:
    """The narrowest C++ type of all integers `low .. high`."""
    return f"ap_int<{signed_width(low, high)}>"


def input_type(inputs: Inputs, channels: int) -> str:
    """C++ of a beat."""
    return (
        f"nnet::array<ap_uint<8>, {channels}>"
        if inputs is Inputs.PIXELS
        else f"nnet::spike_vector<{channels}>"
    )


def conv_case(seed: int, function: str) -> tuple[Case, IntArray]:
    """A random fused convolution whose frames include one at each bound, and what must come out."""
    rng = np.random.default_rng(seed)
    inputs = list(Inputs)[seed % 3]
    kernel = (int(rng.integers(1, 8)), int(rng.integers(1, 8)))
    pads = tuple(int(rng.integers(0, max(1, k // 2 + 1))) for k in (*kernel, *kernel))
    pads = (pads[0], pads[1], min(pads[2], kernel[0] - 1 - pads[0]), min(pads[3], kernel[1] - 1 - pads[1]))
    image = tuple(
        int(rng.integers(max(1, k - before - after), 11))
        for k, before, after in zip(kernel, pads[:2], pads[2:], strict=True)
    )
    window = Window(image, kernel, (int(rng.integers(1, 4)), int(rng.integers(1, 4))), pads)
    channels, kernels = int(rng.integers(1, 6)), int(rng.integers(1, 8))
    if paired := inputs is Inputs.PAIRED_SPIKES:
        channels *= 2
    bits = int(rng.integers(2, 9))
    limit = 2 ** (bits - 1) - 1
    weights = rng.integers(-limit, limit + 1, (*kernel, channels, kernels))
    count = 1 + seed // 3 % 2

    frames = frames_for(rng, weights, window, inputs, 2)
    vm = convolve(frames, weights, window)
    low, high = vm_bounds(weights, window, inputs)
    assert (vm.min(axis=(0, 1, 2)) == low).all() and (vm.max(axis=(0, 1, 2)) == high).all()
    thresholds = thresholds_with_ties(rng, vm, count)
    pool = int(rng.integers(1, min(3, *window.output()) + 1))
    constants = {
        **{"in_height": image[0], "in_width": image[1], "n_chan": channels, "n_kernels": kernels},
        **{"filt_height": kernel[0], "filt_width": kernel[1]},
        **{"stride_height": window.stride[0], "stride_width": window.stride[1]},
        **{"pad_top": pads[0], "pad_left": pads[1]},
        **{"out_height": window.output()[0], "out_width": window.output()[1]},
        **{"n_thresholds": count, "pool": pool, **draw_fold(rng, channels, kernels, paired)},
    }
    if function == "spiking_conv2d":
        constants |= {"pad_bottom": pads[2], "pad_right": pads[3], "simd": channels}
    else:
        constants["mmv"] = int(rng.integers(1, 5))
    made = instantiate(
        *(function, constants, weights.reshape(1, -1, channels, kernels), thresholds, bits),
        word_bits=narrow_words(rng, constants["pe"], bits),
    )
    types = {
        "weight_t": ap_int(-limit, limit),
        "vm_t": ap_int(int(low.min()), int(high.max())),
        "threshold_t": ap_int(int(thresholds.min()), int(thresholds.max())),
    }
    case = Case(
        name=f"{function}{seed}",
        kernel=function,
        input_type=input_type(inputs, channels),
        output_type=f"nnet::spike_vector<{count * kernels}>",
        constants=made.constants,
        types=types,
        arrays={"w": (types["weight_t"], made.weights), "vth": (types["threshold_t"], made.thresholds)},
        frames=frames,
    )
    return case, or_pool(fire(vm, thresholds), pool)


def dense_case(seed: int) -> tuple[Case, IntArray]:
    """A random dense layer, hidden or last."""
    rng = np.random.default_rng(1000 + seed)
    inputs = list(Inputs)[seed // 3 % 3]
    pixels, channels, outputs = (int(rng.integers(1, limit)) for limit in (10, 9, 12))
    if paired := inputs is Inputs.PAIRED_SPIKES:
        channels *= 2
    count = seed % 3
    bits = int(rng.integers(2, 9))
    limit = 2 ** (bits - 1) - 1
    weights = rng.integers(-limit, limit + 1, (1, pixels, channels, outputs))
    window = Window((1, pixels), (1, pixels))
    frames = frames_for(rng, weights, window, inputs, 3)
    vm = convolve(frames, weights, window)
    low, high = vm_bounds(weights, window, inputs)
    assert vm.min() == low.min() and vm.max() == high.max()
    types = {"weight_t": ap_int(-limit, limit), "vm_t": ap_int(int(low.min()), int(high.max()))}
    thresholds = thresholds_with_ties(rng, vm, count) if count else None
    constants = {"n_pixels": pixels, "n_chan": channels, "n_kernels": outputs, "n_thresholds": count}
    constants |= draw_fold(rng, channels, outputs, paired)
    made = instantiate(
        *("spiking_dense", constants, weights.reshape(pixels, 1, channels, outputs), thresholds, bits),
        word_bits=narrow_words(rng, constants["pe"], bits),
    )
    arrays = {"w": (types["weight_t"], made.weights)}
    expected, output_type = vm, f"nnet::array<{types['vm_t']}, {outputs}>"
    if thresholds is not None:
        types["threshold_t"] = ap_int(int(thresholds.min()), int(thresholds.max()))
        arrays["vth"] = (types["threshold_t"], made.thresholds)
        expected, output_type = fire(vm, thresholds), f"nnet::spike_vector<{count * outputs}>"
    case = Case(
        name=f"dense{seed}",
        kernel="spiking_dense",
        input_type=input_type(inputs, channels),
        output_type=output_type,
        constants=made.constants,
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
        arrays={"vth": ("ap_int<10>", thresholds.reshape(-1))},
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
    "window": (partial(conv_case, function="spiking_conv2d"), 18),
    "folded": (partial(conv_case, function="folded_conv2d"), 36),
    "dense": (dense_case, 18),
    "fire": (fire_case, 6),
    "pool": (pool_case, 10),
    "argmax": (argmax_case, 6),
}


@pytest.mark.parametrize("widths", ["machine", "exact", pytest.param("exact, more", marks=pytest.mark.slow)])
@pytest.mark.parametrize("family", FAMILIES)
def test_kernel_equals_numpy(family: str, widths: str, tmp_path: Path) -> None:
    """Every value of every instance is equal, over several frames in a row; also in the widths that synthesis gives."""
    make, count = FAMILIES[family]
    # Exact ones take g++ long.
    cases = [make(seed) for seed in range({"machine": count, "exact": count // 6}.get(widths, count // 2))]
    # No array is left.
    flags = (
        ("-O0", "-fsanitize=bounds", "-fno-sanitize-recover=bounds")
        if widths == "machine"
        else ("-O0", "-DNNET_EXACT_WIDTHS")
    )
    results = run([case for case, _ in cases], tmp_path, flags)
    for case, expected in cases:
        assert np.array_equal(results[case.name], expected.reshape(-1)), case.constants
