"""What engines share that take a convolution's whole window in each cycle: window, firing, pooling, FIFO."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import signed_width
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.engines.engine import Fifo, Pixels, Written
from hls_project.targets.rtl.layer import HardwareLayer
from hls_project.targets.rtl.text import LONGEST_LITERAL, bits_of, fill, stride, table_literal, write

MMV = (1, 2, 4)
"""Pixels at once that are worth a look."""

_ONE_PIXEL = Pixels()

MODULES = ("engines/streaming/dt_window.sv", "engines/streaming/dt_fire.sv")


def kernel_folds(layer: HardwareLayer, fold: Fold) -> int:
    """Return the cycles of a window."""
    return layer.kernels // fold.pe


def pixels(layer: HardwareLayer, fold: Fold) -> Pixels:
    """Return the pixels of the layer's beats: a step over several takes all that lie below its windows."""
    takes = 1 if fold.mmv == 1 else fold.mmv * layer.stride[1]
    return Pixels(takes, pooled_pixels(layer, fold.mmv))


def pooled_pixels(layer: HardwareLayer, mmv: int) -> int:
    """Return the pixels that pooling makes at once of `mmv` pixels of a row."""
    return max(1, mmv // layer.pool)


def beats(shape: tuple[int, ...], pixels: int) -> int:
    """Return the beats of a frame of `shape` (H, W, ...), each with `pixels` pixels of a row."""
    return shape[0] * -(-shape[1] // pixels)


def cycles(layer: HardwareLayer, fold: Fold) -> int:
    """Return the cycles of one frame: one for each beat, more for those that complete windows."""
    steps = beats(layer.input_shape, pixels(layer, fold).takes)
    return steps + (kernel_folds(layer, fold) - 1) * beats(layer.vm_shape, fold.mmv)


def fits(layer: HardwareLayer, mmv: int) -> bool:
    """Say whether the layer has `mmv` pixels in a row, and its pool makes whole windows of them or takes them in whole parts."""
    return mmv <= layer.vm_shape[1] and (mmv % layer.pool == 0 or layer.pool % mmv == 0)


def check(layer: HardwareLayer, fold: Fold) -> None:
    """Accept folds over kernels, without a remainder, and pixels of a row that the pool can take.

    Raises:
        ConfigurationError: something else.
    """
    taps = layer.taps
    if layer.kernels % fold.pe or fold.simd != taps or not fits(layer, fold.mmv):
        divisors = [pe for pe in range(1, layer.kernels + 1) if layer.kernels % pe == 0]
        nearest = min(divisors, key=lambda pe: (abs(pe - fold.pe), pe))
        mmv = max(mmv for mmv in range(1, min(fold.mmv, layer.vm_shape[1]) + 1) if fits(layer, mmv))
        pool = f", which divides its pool's {layer.pool} or which that divides" if layer.pool > 1 else ""
        raise ConfigurationError(
            f"layer {layer.source!r}: engine {fold.engine!r} takes a whole window of {taps} inputs in each cycle, a "
            f"number of its {layer.kernels} kernels that divides them and a number of the {layer.vm_shape[1]} pixels of "
            f"a row{pool}, not {fold}; the nearest is {Fold(fold.engine, nearest, taps, mmv)}"
        )
    check_thresholds(layer, fold, kernel_folds(layer, fold))


def thresholds_fit(layer: HardwareLayer, folds: int) -> bool:
    """Say whether tools take the thresholds as one literal, a word for each of `folds`; a layer of scores has none."""
    word = layer.maps * layer.kernels // folds * (layer.vm_bits + 1)
    return layer.maps == 0 or folds * stride(word) <= LONGEST_LITERAL


def check_thresholds(layer: HardwareLayer, fold: Fold, folds: int) -> None:
    """Accept thresholds that fit into a literal.

    Raises:
        ConfigurationError: they don't.
    """
    if not thresholds_fit(layer, folds):
        raise ConfigurationError(
            f"layer {layer.source!r}: engine {fold.engine!r} writes the {layer.maps * layer.kernels:,} thresholds of "
            f"{layer.vm_bits + 1} bits as one literal, and tools take {LONGEST_LITERAL:,} bits; engine 'folded' keeps them in "
            "memories"
        )


def latency_of(layer: HardwareLayer, folds: int, kernel_latency: int) -> int:
    """Return the cycles of window, kernel, firing (one more cycle gathers the folds) and pooling."""
    return folds + kernel_latency + (2 if folds > 1 else 1) + (layer.pool > 1)


def fifo(layer: HardwareLayer, latency: int, window_cycles: int, mmv: int = 1) -> Fifo:
    """Return the FIFO behind a layer whose last stage is `latency` cycles after its window's first step.

    A layer looks at `room`, a cycle old, before each step, so the windows of `latency + 1` cycles may be under way; of
    those steps, each that ends a pooling window makes a beat. Beyond those the FIFO holds a row, which comes as a burst.
    """
    steps = -(-(latency + 1) // window_cycles)
    return fifo_of(layer, -(-steps // max(1, layer.pool // mmv)), pooled_pixels(layer, mmv))


def fifo_of(layer: HardwareLayer, under_way: int, gives: int = 1) -> Fifo:
    """Return a FIFO that holds the beats under way, and a row. gives: pixels of a beat."""
    row = -(-layer.output_shape[1] // gives) if layer.kind != "dense" else 1
    depth = 1 << max(2, (under_way + row - 1).bit_length())
    return Fifo(layer.output_shape[2] * gives, depth, under_way - 1)


def values_of(
    layer: HardwareLayer, folds: int, lanes: int, pixels: Pixels = _ONE_PIXEL, windows: int = 1
) -> dict[str, Any]:
    """Return what templates of a layer name. windows: potentials of a row that come at once."""
    height, width, channels = layer.input_shape
    values: dict[str, Any] = {
        "name": layer.name,
        "summary": summary(layer),
        "height": height,
        "width": width,
        "channels": channels,
        "beats": beats(layer.input_shape, pixels.takes),
        "beat_inputs": channels * pixels.takes,
        "input_bits": layer.input_bits,
        "pixel_bits": channels * layer.input_bits,
        "in_bits": channels * layer.input_bits * pixels.takes,
        "map_bits": layer.output_shape[2],
        "out_bits": layer.output_shape[2] * pixels.gives,
        "takes": pixels.takes,
        "windows": windows,
        "folds": folds,
        "fold_bits": max(1, (folds - 1).bit_length()),
        "lanes": lanes,
        "maps": layer.maps,
        "kernels": layer.kernels,
        "vm_bits": layer.vm_bits,
        "vm_height": layer.vm_shape[0],
        "vm_width": layer.vm_shape[1],
        "weight_bits": layer.weight_bits,
        "pool_factor": layer.pool,
        "kernel_height": layer.kernel[0],
        "kernel_width": layer.kernel[1],
        "stride_height": layer.stride[0],
        "stride_width": layer.stride[1],
        "taps_bits": prod(layer.kernel) * channels * layer.input_bits,
    }
    return values | dict(zip(("pad_top", "pad_left", "pad_bottom", "pad_right"), layer.pads, strict=True))


def summary(layer: HardwareLayer) -> str:
    """Return a line on the layer for the head of its file."""
    sizes = " -> ".join(" x ".join(map(str, shape)) for shape in (layer.input_shape, layer.output_shape))
    return f"{layer.kind}, {sizes}, {layer.fold} (engine, kernels x inputs x pixels a cycle)"


def threshold_literal(layer: HardwareLayer, folds: int) -> str:
    """Return the thresholds as module `dt_fire` takes them: fold, map, lane."""
    ordered = clipped_thresholds(layer).reshape(layer.maps, folds, -1).transpose(1, 0, 2)
    return table_literal(bits_of(ordered, layer.vm_bits + 1).reshape(folds, -1))


def clipped_thresholds(layer: HardwareLayer) -> Any:
    """Return thresholds in `vm_bits + 1` bits: one beyond what a potential can reach acts like the nearest that it can't."""
    assert layer.thresholds is not None
    limit = 1 << layer.vm_bits
    clipped = np.clip(layer.thresholds, -limit, limit - 1)
    assert signed_width(int(clipped.min()), int(clipped.max())) <= layer.vm_bits + 1
    return clipped


def write_conv(
    layer: HardwareLayer, fold: Fold, folder: Path, kernel: str, kernel_latency: int, values: dict[str, Any]
) -> Written:
    """Write a convolution around the text of its kernel module."""
    folds = kernel_folds(layer, fold)
    kernel_file, file = f"dtscnn_{layer.name}_kernel.sv", f"dtscnn_{layer.name}.sv"
    write(folder / kernel_file, kernel)
    latency = latency_of(layer, folds, kernel_latency)
    values = values | {"kernel_latency": kernel_latency, "thresholds": threshold_literal(layer, folds)}
    values["pool"] = pool_text(layer, values)
    buffer = fifo(layer, latency, folds, fold.mmv)
    body = fill("engines/streaming/templates/conv", values)
    write(folder / file, fill("templates/layer", values | vars(buffer) | {"body": body}))
    return Written((kernel_file, file), latency, buffer)


def pool_text(layer: HardwareLayer, values: dict[str, Any]) -> str:
    """Return what is between firing and FIFO."""
    return fill(
        "engines/streaming/templates/conv_pool"
        if layer.pool > 1
        else "engines/streaming/templates/conv_no_pool",
        values,
    )
