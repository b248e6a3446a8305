"""What computes a layer: the C++ kernel of its engine, that kernel's constants, and its ROMs in the order it reads them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hls4ml.model.layers import Layer

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Inputs
from hls_project.layers.membrane import inputs_of
from hls_project.layers.spiking_conv2d import SpikingConv2D
from hls_project.layers.types import IntArray, integer_array, unsigned_input_bits
from hls_project.plan.fold import Fold
from hls_project.targets.hls.limits import WORD_BITS

WINDOW_ENGINES = ("tables", "adders")
"""Engines that take the whole window of a kernel at once; `spiking_conv2d` stands for each."""


@dataclass(frozen=True, eq=False)
class LayerKernel:
    """A kernel and what it is instantiated with.

    function: in namespace nnet, and of its header. constants: of its configuration. steps: cycles of a frame, beside the
    pipeline's depth. weights: (folds, words, weights of a word). thresholds: (kernel folds, maps * pe), None for scores.
    """

    function: str
    constants: dict[str, int]
    steps: int
    weights: IntArray
    thresholds: IntArray | None


def fold_of(node: Layer) -> Fold:
    """Return the fold of a layer, from its configuration.

    Raises:
        ConfigurationError: there is none, or no kernel computes it so; the message names the nearest that works.
    """
    engine = node.get_attr("engine")
    if engine is None:
        raise ConfigurationError(
            f"layer {node.name!r}: hls4ml's configuration gives it no engine; let hls_project.convert plan and write the whole "
            f"project, or give each layer one: config['LayerName'][{node.name!r}] |= {{'Engine': "
            f"{'folded' if isinstance(node, SpikingConv2D) else 'dense'!r}, 'Pe': 1, 'Simd': 1, 'Mmv': 1}}"
        )
    fold = Fold(str(engine), *(int(node.get_attr(name, 1)) for name in ("pe", "simd", "mmv")))
    _check(node, fold)
    return fold


def layer_kernel(node: Layer) -> LayerKernel:
    """Return the kernel of a convolution or dense layer.

    Raises:
        ConfigurationError: as `fold_of`.
    """
    fold = fold_of(node)
    weights = integer_array(node.name, "weights", node.get_attr("weight_data"))
    thresholds = node.get_attr("threshold_data")
    if thresholds is not None:
        thresholds = integer_array(node.name, "thresholds", thresholds)
    # Engine `dense` may split a beat anywhere; a fold of whole pairs adds one operand for each.
    paired = inputs_of(node) is Inputs.PAIRED_SPIKES and (fold.engine in WINDOW_ENGINES or fold.simd % 2 == 0)
    bits = int(node.get_weights("weight").type.precision.width)
    constants = {
        "n_chan": int(node.get_attr("n_chan")),
        "n_kernels": weights.shape[-1],
        "n_thresholds": 0 if thresholds is None else len(thresholds),
        "paired": int(paired),
        "pe": fold.pe,
        "simd": fold.simd,
    }
    if not isinstance(node, SpikingConv2D):
        taps = weights.reshape(-1, 1, constants["n_chan"], weights.shape[-1])
        return instantiate("spiking_dense", constants | {"n_pixels": len(taps)}, taps, thresholds, bits)
    geometry = (
        *("in_height", "in_width", "filt_height", "filt_width", "stride_height", "stride_width"),
        *("pad_top", "pad_left", "pool"),
    )
    constants |= {name: int(node.get_attr(name)) for name in geometry}
    constants |= {f"out_{axis}": int(node.get_attr(f"vm_{axis}")) for axis in ("height", "width")}
    taps = weights.reshape(1, -1, *weights.shape[2:])
    if fold.engine in WINDOW_ENGINES:
        constants |= {name: int(node.get_attr(name)) for name in ("pad_bottom", "pad_right")}
        constants["simd"] = constants["n_chan"]
        return instantiate("spiking_conv2d", constants, taps, thresholds, bits)
    constants["mmv"] = fold.mmv
    return instantiate("folded_conv2d", constants, taps, thresholds, bits)


def instantiate(
    function: str,
    constants: dict[str, int],
    taps: IntArray,
    thresholds: IntArray | None,
    weight_bits: int,
    word_bits: int = WORD_BITS,
) -> LayerKernel:
    """Return `function` with `constants` and what follows from them: the words of its ROMs, its steps.

    taps: integers (beats of a frame or 1, taps of a window or 1, Cin, Cout). thresholds: (maps, Cout), None for scores.
    word_bits: of the widest ROM word, no less than a row of `pe` weights.
    """
    taps_at_once = taps.shape[1] if function == "spiking_conv2d" else 1
    rows = taps_at_once * constants["simd"]
    constants = constants | {"words": -(-rows // (word_bits // (constants["pe"] * weight_bits)))}
    steps = steps_of(function, constants)
    if function == "folded_conv2d":
        constants["steps"] = steps
    if thresholds is not None:
        folds = _padded(thresholds, 1, constants["pe"]).reshape(len(thresholds), -1, constants["pe"])
        thresholds = folds.transpose(1, 0, 2).reshape(folds.shape[1], -1)
    return LayerKernel(function, constants, steps, _rom(taps, constants, taps_at_once), thresholds)


def steps_of(function: str, c: dict[str, int]) -> int:
    """Return the steps that `function` with the constants `c` takes for a frame; each is a cycle."""
    kernel_folds = -(-c["n_kernels"] // c["pe"])
    if function == "spiking_conv2d":
        lead = c["pad_bottom"] * c["in_width"] + c["pad_right"]
        return (c["in_height"] * c["in_width"] + lead) * kernel_folds
    channel_folds = -(-c["n_chan"] // c["simd"])
    if function == "spiking_dense":
        return c["n_pixels"] * kernel_folds * channel_folds
    groups = -(-c["out_width"] // c["mmv"])
    folds = kernel_folds * c["filt_height"] * c["filt_width"] * channel_folds
    row = groups * max(folds, c["mmv"])
    first = min(c["in_height"], c["filt_height"] - c["pad_top"])
    rows = [first + c["stride_height"] * (row + 1) for row in range(c["out_height"] - 1)]
    wanted = [first, *(min(c["in_height"], last) for last in rows), c["in_height"]]
    reads = [(after - before) * c["in_width"] for before, after in zip(wanted[:-1], wanted[1:], strict=True)]
    last_group = c["out_width"] - (groups - 1) * c["mmv"]
    return first * c["in_width"] + sum(max(row, read) for read in reads) + last_group - 1


def _rom(taps: IntArray, constants: dict[str, int], taps_at_once: int) -> IntArray:
    """Return the weights as (folds, words, weights of a word).

    Folds count beats, then kernel folds, then taps, then channel folds. A fold's rows, one for each of its taps and inputs,
    of `pe` weights each, fill its words.
    """
    pe, simd, words = constants["pe"], constants["simd"], constants["words"]
    groups = 2 if constants["paired"] else 1  # first spikes, second spikes
    beats, window, channels, kernels = taps.shape
    split = taps.reshape(beats, window, groups, channels // groups, kernels)
    split = _padded(_padded(split, 3, simd // groups), 4, pe)
    # Axes: beat, tap fold, tap, group, channel fold, channel, kernel fold, lane.
    split = split.reshape(
        *(beats, window // taps_at_once, taps_at_once, groups, -1, simd // groups),
        *(split.shape[4] // pe, pe),
    )
    rows = split.transpose(0, 6, 1, 4, 2, 3, 5, 7).reshape(-1, taps_at_once * simd, pe)
    return _padded(rows, 1, words).reshape(len(rows), words, -1)


def _padded(values: IntArray, axis: int, multiple: int) -> IntArray:
    """Return `values` with zeros after the end of `axis`, so that its size is a multiple."""
    pads = [(0, 0)] * values.ndim
    pads[axis] = (0, -values.shape[axis] % multiple)
    return np.pad(values, pads)


def _check(node: Layer, fold: Fold) -> None:
    kernels = int(np.shape(node.get_attr("weight_data"))[-1])
    channels = int(node.get_attr("n_chan"))
    paired = inputs_of(node) is Inputs.PAIRED_SPIKES
    bits = int(node.get_weights("weight").type.precision.width)
    where = f"layer {node.name!r}: "
    conv = isinstance(node, SpikingConv2D)
    engines = ("folded", *WINDOW_ENGINES) if conv else ("dense", "folded")
    if fold.engine not in engines:
        raise ConfigurationError(
            f"{where}its engine must be one of {', '.join(engines)}, not {fold.engine!r}"
        )
    if fold.pe > kernels:
        raise ConfigurationError(f"{where}{fold.pe} kernels at once are more than it has: at most {kernels}")
    beat = channels * unsigned_input_bits(node)
    if beat > WORD_BITS:
        raise ConfigurationError(
            f"{where}a pixel of {channels:,} channels has {beat:,} bits; HLS takes {WORD_BITS:,}: fewer kernels before it"
        )
    if fold.pe * bits > WORD_BITS:
        raise ConfigurationError(
            f"{where}{fold.pe:,} kernels at once take words of {fold.pe * bits:,} bits of weights; HLS takes {WORD_BITS:,}: at "
            f"most {WORD_BITS // bits:,} kernels"
        )
    if fold.engine in WINDOW_ENGINES:
        return
    if fold.simd > channels:
        raise ConfigurationError(
            f"{where}{fold.simd} channels at once are more than it has: at most {channels}"
        )
    if paired and fold.simd % 2 and fold.engine != "dense":
        nearest = " or ".join(str(simd) for simd in (fold.simd - 1, fold.simd + 1) if simd > 0)
        raise ConfigurationError(
            f"{where}simd counts the spikes of whole pairs: it must be even, {nearest}, not {fold.simd}"
        )
