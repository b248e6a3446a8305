"""Folds for a network that no plan was made for: at the pace of its pixels, as far as one word holds a step's weights."""

from __future__ import annotations

from collections.abc import Iterator

from hls_project.graph.bounds import Inputs
from hls_project.graph.layer import Layer
from hls_project.plan.fold import Fold
from hls_project.targets.hls.layer_kernel import steps_of
from hls_project.targets.hls.limits import WORD_BITS


def automatic_folds(layers: tuple[Layer, ...]) -> dict[str, Fold]:
    """Return the fold of each layer that reads the fewest weights in a step and does not slow the network down.

    The slowest layer, at its fastest, sets the cycles of a frame: one that reads an image pixel by pixel takes a cycle for
    each, and one whose weights would exceed a word takes more. No other needs to be faster.
    """
    candidates = {layer.name: list(_candidates(layer)) for layer in layers}
    cycles = max(min(steps for steps, _, _ in options) for options in candidates.values())
    chosen = {}
    for name, options in candidates.items():
        enough = [(weights, steps, -fold.pe, fold) for steps, weights, fold in options if steps <= cycles]
        chosen[name] = min(enough)[3]
    return chosen


def _candidates(layer: Layer) -> Iterator[tuple[int, int, Fold]]:
    """Yield cycles of a frame, weights read in a cycle, and the fold."""
    height, width, channels = layer.input_shape
    kernels = layer.vm_shape[2]
    rows, columns = layer.kernel
    for pe in _divisors(kernels):
        constants = {"n_chan": channels, "n_kernels": kernels, "pe": pe}
        if layer.kind == "dense":
            constants["n_pixels"] = height * width
        else:
            top, left, bottom, right = layer.pads
            constants |= {"in_height": height, "in_width": width, "filt_height": rows, "filt_width": columns}
            constants |= {"pad_top": top, "pad_left": left, "pad_bottom": bottom, "pad_right": right}
            constants |= {"stride_height": layer.stride[0], "mmv": 1}
            constants |= {"out_height": layer.vm_shape[0], "out_width": layer.vm_shape[1]}
            window = rows * columns * channels
            if pe * window * layer.weight_bits <= WORD_BITS:
                yield steps_of("spiking_conv2d", constants), window * pe, Fold("tables", pe, window)
        for simd in _divisors(channels):
            if pe * simd * layer.weight_bits > WORD_BITS or (
                layer.inputs is Inputs.PAIRED_SPIKES and simd % 2
            ):
                continue
            function, engine = (
                ("spiking_dense", "dense") if layer.kind == "dense" else ("folded_conv2d", "folded")
            )
            yield steps_of(function, constants | {"simd": simd}), simd * pe, Fold(engine, pe, simd)


def _divisors(number: int) -> list[int]:
    return [divisor for divisor in range(1, number + 1) if number % divisor == 0]
