"""The folded engine: its memories add up to the convolution, its refusals name what works, its hardware is exact."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Inputs
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.engines import ENGINES, engine_of
from hls_project.targets.rtl.engines.folded.shape import Shape
from hls_project.targets.rtl.engines.folded.words import threshold_words, weight_words
from hls_project.targets.rtl.layer import HardwareLayer, from_integer_layer
from tests import models


def layers(spec: str, shape: tuple[int, int, int]) -> dict[str, HardwareLayer]:
    return {layer.name: from_integer_layer(layer) for layer in integerize(models.build(spec, shape)).layers}


def signed(bits: np.ndarray) -> np.ndarray:
    """Return two's complement of bits on the last axis, bit 0 first."""
    powers = 1 << np.arange(bits.shape[-1])
    powers[-1] *= -1
    return bits.astype(np.int64) @ powers


@pytest.mark.parametrize(
    ("spec", "name", "fold"),
    [
        ("6C3-5C3x2-FC3", "conv1", Fold("folded", 2, 4, 1)),  # neither kernels nor pairs divide
        ("6C3-4C1-FC3", "conv1", Fold("folded", 4, 12, 2)),
        ("5C3-FC3", "conv0", Fold("folded", 3, 2, 1)),  # pixels of three channels, two at once
        ("4C3-FC6-FC3", "dense0", Fold("folded", 4, 6, 1)),
    ],
)
def test_memories_hold_the_layer_and_nothing_else(spec: str, name: str, fold: Fold) -> None:
    layer = layers(spec, (5, 6, 3))[name]
    shape = Shape(layer, fold)
    words = weight_words(layer, shape).reshape(
        shape.kernel_folds, *shape.kernel, shape.slices, fold.pe, shape.operands, shape.operand_word_bits
    )
    bits = layer.weight_bits
    first = signed(words[..., :bits]).transpose(1, 2, 3, 5, 0, 4)
    first = first.reshape(*shape.kernel, shape.slices * shape.operands, -1)
    weights = layer.weights.reshape(*shape.kernel, shape.channels, layer.kernels)
    expected = np.split(weights, 2, axis=2) if shape.paired else [weights]
    assert (first[:, :, : shape.inputs, : layer.kernels] == expected[0]).all()
    assert not first[:, :, shape.inputs :].any() and not first[..., layer.kernels :].any()
    if shape.paired:
        both = signed(words[..., bits:]).transpose(1, 2, 3, 5, 0, 4).reshape(first.shape)
        assert (both[:, :, : shape.inputs, : layer.kernels] == expected[0] + expected[1]).all()
    thresholds = signed(
        threshold_words(layer, shape).reshape(shape.kernel_folds, layer.maps, fold.pe, layer.vm_bits + 1)
    )
    thresholds = thresholds.transpose(1, 0, 2).reshape(layer.maps, -1)
    assert (thresholds[:, : layer.kernels] == layer.thresholds).all()


@pytest.mark.parametrize(
    ("fold", "nearest"),
    [
        (Fold("folded", 9, 4, 1), "folded 8 x 4 x 1"),
        (Fold("folded", 2, 5, 1), "folded 2 x 4 x 1"),  # half a pair
        (Fold("folded", 2, 40, 1), "folded 2 x 12 x 1"),
        (Fold("folded", 2, 12, 16), "folded 2 x 12 x 8"),  # a row has 6 pixels
        (Fold("folded_lut", 2, 12, 99), "folded_lut 2 x 12 x 8"),
    ],
)
def test_what_cannot_be_built_is_refused_with_the_nearest(fold: Fold, nearest: str) -> None:
    layer = layers("6C3-8C3-FC3", (5, 6, 3))["conv1"]
    with pytest.raises(ConfigurationError, match=rf"'conv1'.*nearest is {nearest}$"):
        engine_of(layer.with_fold(fold))
    engine_of(layer.with_fold(Fold(nearest.split()[0], *(int(n) for n in nearest.split()[1:] if n != "x"))))


def test_scores_are_not_for_this_engine() -> None:
    layer = layers("6C3-8C3-FC3", (5, 6, 3))["dense0"]
    with pytest.raises(ConfigurationError, match="'dense0'.*layers that fire"):
        engine_of(layer.with_fold(Fold("folded", 1, 2, 1)))


def test_more_pixels_than_a_kernel_has_steps_are_refused() -> None:
    layer = layers("6C3-8C1-FC3", (5, 6, 3))["conv1"]
    with pytest.raises(ConfigurationError, match="nearest is folded 2 x 12 x 1"):
        engine_of(layer.with_fold(Fold("folded", 2, 12, 4)))


@pytest.mark.parametrize("spec", ["6C3-5C3x2-FC3", "4C5s2v-3C3-FC5-FC2"])
def test_every_candidate_can_be_built_and_costs_something(spec: str) -> None:
    for layer, engine in product(layers(spec, (9, 8, 3)).values(), ENGINES):
        for fold in engine.candidates(layer):
            engine.check(layer, fold)
            assert engine.cycles(layer, fold) > 0
            cost = engine.cost(layer, fold)
            assert cost.lut > 0 and cost.ff > 0 and cost.lut >= cost.lut_memory


def test_block_ram_is_taken_where_it_is_asked_for() -> None:
    layer = layers("16C3-16C3-FC3", (5, 6, 3))["conv1"]
    fold = Fold("folded", 4, 8, 1)
    # 4 kernels x 4 pairs x 9 bits, 4 x 9 x 4 words: 144 bits, 144 deep.
    engines = {engine.name: engine for engine in ENGINES}
    assert engines["folded"].cost(layer, fold).bram18 == 4
    assert engines["folded_lut"].cost(layer, Fold("folded_lut", 4, 8, 1)).bram18 == 0


@pytest.mark.parametrize(
    ("height", "kernel", "stride", "pads"),
    [
        (5, 3, 1, (1, 1)),
        (5, 3, 1, (0, 0)),
        (9, 3, 2, (1, 0)),
        (2, 7, 1, (3, 3)),
        (11, 1, 3, (0, 0)),
        (12, 3, 5, (0, 0)),
    ],
)
def test_the_ring_holds_every_window_and_the_next_one_s_rows(
    height: int, kernel: int, stride: int, pads: tuple[int, int]
) -> None:
    rows = (height + sum(pads) - kernel) // stride + 1
    layer = HardwareLayer(
        *("x", "x", "conv", Inputs.SPIKES, (height, 4, 2), (rows, 4, 2), 1, (kernel, 1), (stride, 1)),
        *(
            (pads[0], 0, pads[1], 0),
            (rows, 4),
            4,
            2,
            np.ones((kernel, 1, 2, 2), np.int64),
            np.zeros((1, 2), int),
        ),
    )
    ring = Shape(layer, Fold("folded", 1, 1, 1)).rows
    # Rows of three frames in a line: each window's rows, from the first that a window still needs to the next one's last.
    windows = [
        (
            frame * height + max(0, row * stride - pads[0]),
            frame * height + min(height, row * stride - pads[0] + kernel),
        )
        for frame in range(3)
        for row in range(rows)
    ]
    for (first, last), (_, following) in zip(windows, windows[1:], strict=False):
        assert last - first <= following - first <= ring


def test_the_memory_files_are_what_the_modules_read(tmp_path: Path) -> None:
    layer = layers("6C3-5C3x2-FC3", (5, 6, 3))["conv1"].with_fold(Fold("folded", 2, 4, 2))
    written = engine_of(layer).write(layer, layer.fold, tmp_path)
    shape = Shape(layer, layer.fold)
    lines = (tmp_path / "dtscnn_conv1_weights.mem").read_text().split()
    assert len(lines) == shape.words
    assert {len(line) for line in lines} == {-(-shape.word_bits // 4)}
    assert int(lines[0], 16) == int("".join(str(bit) for bit in weight_words(layer, shape)[0][::-1]), 2)
    assert written.fifo == shape.fifo and written.latency == shape.latency
