"""Answers as HTML: the pixels of the maps, the scores, and names that are no HTML."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from board.demo.answer import Answer
from board.demo.samples import Sample
from board.demo.view import answer_html, gallery_html, png, spike_mosaic, text_html
from board.reference import LayerMaps
from board.results import Classification

DARK, ORANGE, YELLOW, GAP = (38, 43, 51, 255), (222, 111, 43, 255), (255, 221, 117, 255), (0, 0, 0, 0)


def maps(vm: np.ndarray, *thresholds: int) -> LayerMaps:
    levels = np.repeat(np.array(thresholds)[:, None], vm.shape[2], axis=1)
    return LayerMaps("conv0", vm, levels, np.concatenate([vm >= level for level in thresholds], axis=2))


def answer(scores: list[int], *layers: LayerMaps, classes: tuple[str, ...] = ("cat", "dog", "owl")) -> Answer:
    found = np.array(scores, np.int32)
    label = int(found.argmax())
    frame = np.arange(16, dtype=np.uint8).reshape(4, 4, 1)
    result = Classification(label, classes[label], found, 0.0042)
    return Answer(frame, result, 1234, 50.0, False, classes, None, layers)


def test_a_tile_is_a_kernel_coloured_by_its_thresholds() -> None:
    vm = np.array([[[0, 5], [1, 9]], [[7, 0], [3, 0]]])  # (2, 2, 2)
    mosaic = spike_mosaic(maps(vm, 1, 5))
    assert mosaic.shape == (56, 114, 4)  # each pixel 28 times as large, two tiles, a gap of 2
    assert [tuple(mosaic[row, column]) for row, column in ((0, 0), (27, 28), (28, 0), (55, 55))] == [
        DARK,
        ORANGE,
        YELLOW,
        ORANGE,
    ]
    assert (mosaic[:, 56:58] == GAP).all()
    assert [tuple(mosaic[row, column]) for row, column in ((0, 58), (0, 113), (55, 58))] == [
        YELLOW,
        YELLOW,
        DARK,
    ]


def test_a_spike_of_the_only_threshold_has_the_bright_colour() -> None:
    mosaic = spike_mosaic(maps(np.array([[[0], [4]]]), 4))
    assert {tuple(colour) for colour in mosaic.reshape(-1, 4)} == {DARK, YELLOW}


@pytest.mark.parametrize(
    ("kernels", "size", "shape"),
    [(24, 14, (3, 8)), (8, 28, (1, 8)), (192, 8, (11, 18)), (1, 1, (1, 1)), (96, 32, (6, 16))],
)
def test_many_kernels_fill_rows_of_the_same_length(kernels: int, size: int, shape: tuple[int, int]) -> None:
    mosaic = spike_mosaic(maps(np.zeros((size, size, kernels), int), 1, 2))
    side = max(1, (56 if kernels <= 32 else 32) // size) * size + 2
    assert mosaic.shape[:2] == (shape[0] * side - 2, shape[1] * side - 2) and mosaic.shape[1] <= 640


def test_scores_times_and_maps_stand_in_it() -> None:
    vm = np.array([[[0, 5], [1, 9]], [[7, 0], [3, 0]]])
    scores = LayerMaps("dense0", np.array([[[-50, 150, 0]]]), None, None)
    text = answer_html(answer([-50, 150, 0], maps(vm, 1, 5), scores))
    assert re.findall(r'<i style="left:([\d.]+)%;right:([\d.]+)%">', text) == [
        ("0.0", "75.0"),
        ("25.0", "0.0"),
        ("25.0", "75.0"),
    ]
    assert re.findall(r'class="number( first)?">([-\d,]+)<', text) == [
        ("", "-50"),
        (" first", "150"),
        ("", "0"),
    ]
    assert "24.68 &micro;s in hardware" in text and "1,234 cycles at 50 MHz" in text
    assert "4.2 ms from Python" in text and "the call of classify, measured" in text
    assert "2 kernels of 2 x 2; reached: Vth1 by 62.5 %, Vth2 by 37.5 %" in text
    assert "all 3 scores of both are equal" in text and "Vm reaches Vth1" in text
    assert text.count("<img") == 2
    simulated = answer_html(replace(answer([-50, 150, 0]), simulated=True))
    assert "1,234 simulated cycles at 50 MHz" in simulated and "the call of classify, simulated" in simulated


def test_scores_that_are_all_zero_have_bars_without_length() -> None:
    bars = re.findall(r'<i style="left:([\d.]+)%;right:([\d.]+)%">', answer_html(answer([0, 0, 0])))
    assert bars == [("0.0", "100.0")] * 3


def test_names_of_classes_and_layers_are_no_html() -> None:
    bad = "<script>&"
    text = answer_html(
        replace(
            answer([1, 0, 0], maps(np.zeros((1, 1, 1), int), 1)._replace(name=bad), classes=(bad, "a", "b")),
            truth=bad,
        )
    )
    text += gallery_html([Sample(3, np.zeros((2, 2, 1), np.uint8), bad)], bad) + text_html(bad)
    assert bad not in text and text.count("&lt;script&gt;&amp;") >= 7


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_images_are_enlarged_by_whole_factors(channels: int) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (3, 5, channels), np.uint8)
    picture = np.asarray(Image.open(io.BytesIO(png(pixels, 32))))
    wanted = np.rint(pixels.mean(axis=2)).astype(np.uint8) if channels == 2 else pixels.squeeze()
    assert picture.shape[:2] == (18, 30) and np.array_equal(picture[3::6, 3::6], wanted)


def test_the_gallery_shows_numbers_and_names() -> None:
    images = [np.full((2, 2, 1), value, np.uint8) for value in (10, 20)]
    text = gallery_html([Sample(4, images[0], "owl"), Sample(7, images[1], None)], "look")
    assert "4: owl</figure>" in text and "7</figure>" in text and "look" in text
    first = re.findall(r"base64,([^\"]+)", text)[0]
    assert np.asarray(Image.open(io.BytesIO(base64.b64decode(first)))).max() == 10
