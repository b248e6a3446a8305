"""Whatever is drawn, no label leaves its picture and no two labels of an axis collide."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dt_scnn import zoo
from hls_project.compare import plots
from hls_project.compare.activity import watch
from hls_project.graph.integer import integerize
from hls_project.graph.validate import load
from hls_project.page import contents
from hls_project.pictures import comparison, firing, hardware, network
from hls_project.plan.fold import Fold

PART = {"lut": 53_200, "ff": 106_400, "bram": 140, "dsp": 220}
LONG = "fashion-mnist-accurate-scnn"


def ticks(axes: Any, shown: bool) -> list[Any]:
    """Return the ticks of both axes that are shown, or those beyond the ends, which nothing draws."""
    found = []
    for axis in (axes.xaxis, axes.yaxis):
        low, high = sorted(axis.get_view_interval())
        every = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
        found += [tick for tick in every if bool(low <= tick.get_loc() <= high) is shown]
    return found


def problems(figure: Any) -> list[str]:
    """Return the labels that leave the figure, and those of an axis that collide."""
    from matplotlib.text import Text

    figure.canvas.draw()
    renderer, found = figure.canvas.get_renderer(), []
    beyond = {tick.label1 for axes in figure.axes for tick in ticks(axes, shown=False)}
    for text in figure.findobj(lambda one: hasattr(one, "get_text")):
        if not text.get_text().strip() or not text.get_visible() or text in beyond:
            continue
        box = text.get_window_extent(renderer)
        left, low = figure.bbox.x0 - 1, figure.bbox.y0 - 1
        if box.x0 < left or box.y0 < low or box.x1 > figure.bbox.x1 + 1 or box.y1 > figure.bbox.y1 + 1:
            found.append(f"{text.get_text()!r} leaves the figure")
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            shown = [tick for tick in axis.get_major_ticks() if tick in ticks(axes, shown=True)]
            boxes = [tick.label1.get_window_extent(renderer) for tick in shown if tick.label1.get_text()]
            found += [
                "ticks collide" for one, two in zip(boxes, boxes[1:], strict=False) if one.overlaps(two)
            ]
        # Of a note without the line that leads to it.
        notes = [Text.get_window_extent(text, renderer) for text in axes.texts]
        found += [
            "notes collide"
            for index, one in enumerate(notes)
            for two in notes[index + 1 :]
            if one.overlaps(two)
        ]
    return found


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the modules draw, in place of its being written."""
    pytest.importorskip("matplotlib")
    figures: list[Any] = []
    for module in (comparison, firing, hardware, network, plots):
        for name in ("keep", "keep_png"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, lambda figure, *others: figures.append(figure))
    return figures


def seen(name: str, images: int) -> tuple[Any, Any]:
    entry = zoo.find(name)
    with np.load(entry.sample) as sample:
        shown = sample["images"][:images]
    layers = integerize(entry.model).layers
    return shown, tuple(zip(layers, watch(load(entry.model), layers, shown), strict=True))


def explored() -> contents.Explore:
    def point(rate: float, lut: int, fits: bool) -> dict[str, Any]:
        said = {"images_per_second": rate, "lut": lut, "bram": 3.0}
        return {name: {"value": value, "kind": "model"} for name, value in said.items()} | {"fits": fits}

    points = [point(5e5 / 3**step, int(9e5 / 2**step) + 800, step > 3) for step in range(10)]
    return contents.Explore.model_validate({"front": {"lut": points}})


FIFOS = [(f"conv{index}", 16 << index, (16 << index) - index) for index in range(8)]
SOURCES = [
    hardware.Source("the plan's model", "model", {"lut": 272_438, "ff": 51_934, "bram": 121, "dsp": 0}),
    hardware.Source("yosys", "synthesis-estimate", {"lut": 38_184, "ff": 51_973, "bram": 120, "dsp": 144}),
    hardware.Source("Vivado, routed, shell too", "synthesis-estimate", {"lut": 41_000, "ff": 1, "bram": 4.5}),
]
LIMITS = {"lut": 42_560, "ff": 95_760, "bram": 126, "dsp": 198}
CASES: dict[str, Callable[[Path], Any]] = {
    "accuracy": lambda path: comparison.accuracy_picture(
        [(LONG[:-5], (0.9203, 0.9219, 0.9210)), (LONG, (0.9234, 0.9214, 0.9223))], path
    ),
    "one seed": lambda path: comparison.accuracy_picture([("mnist", (1.0,))], path),
    "counts": lambda path: comparison.counts_picture(
        {"synaptic_operations": 9.0, "spike_operations": 7.0, "weights": 12.0, "weight_storage_bits": 1, "vm_bits": 3},
        dict.fromkeys(("synaptic_operations", "spike_operations", "weights", "weight_storage_bits", "vm_bits"), 10.0),
        True,
        path,
    ),
    "resources": lambda path: hardware.resources_picture(SOURCES, PART, LIMITS, "xczu7ev-ffvc1156-2-e", path),
    "one source": lambda path: hardware.resources_picture(SOURCES[1:2], PART, LIMITS, "xc7z020clg400-1", path),
    "cycles": lambda path: hardware.cycles_picture(
        {f"conv{index}": 10_368_123 for index in range(6)}, {"conv0": 10_368_123.4}, 10_368_124.0, path
    ),
    "fifos": lambda path: hardware.fifo_picture(FIFOS, "FIFOs", path),
    "front": lambda path: hardware.front_picture(explored(), (9645.0, 38_352.0), PART, path),
    "compared": lambda path: plots.accuracy_plot(
        [plots.Point(LONG, 1, 58_277_000, 0.9292), plots.Point(LONG[:-5], 2, 29_150_000, 0.9314),
         plots.Point("fashion-mnist", 2, 1_951_000, 0.9219), plots.Point("fashion-mnist-scnn", 1, 3_870_000, 0.9234)],
        "Fashion-MNIST", path,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_pictures_of_figures_keep_their_labels(case: str, drawn: list[Any], tmp_path: Path) -> None:
    CASES[case](tmp_path / "picture.svg")
    assert [problems(figure) for figure in drawn] == [[]]


@pytest.mark.parametrize("name", ["mnist", "cifar-10"])
def test_pictures_of_networks_keep_their_labels(name: str, drawn: list[Any], tmp_path: Path) -> None:
    images, layers = seen(name, 2)
    caption = f"Image 0 of {name}\nlabel: {'m' * 12}\nfound: {'m' * 12}\nscore 10,042, next -1,003"
    firing.maps_picture(images[0], layers, caption, tmp_path / "maps.svg")
    firing.vm_picture(layers, tmp_path / "vm.svg")
    firing.rates_picture(layers, tmp_path / "rates.svg")
    assert [problems(figure) for figure in drawn] == [[], [], []]
    drawn.clear()
    folds = {layer.name: Fold("folded", 128, 1024, 8) for layer, _ in layers}
    monitored = [layer for layer, _ in layers]
    for draw in (network._tall, network._wide):
        boxes = [network._Box((32, 32, 3), (network.OTHER,), ("image", "32 x 32 x 3", "pixels of 8 bits"))]
        boxes += [
            network._Box(
                layer.spikes_shape, (network.FIRST,), (*network._words(layer), str(folds[layer.name]))
            )
            for layer in monitored
        ]
        assert problems(draw(boxes)) == []


def test_labels_that_leave_or_collide_are_found() -> None:
    pyplot = pytest.importorskip("matplotlib.pyplot")
    figure, axes = pyplot.subplots(figsize=(6, 3))
    axes.set_xticks([0.4, 0.42, 1], ["a long label", "another one", "c"])
    axes.text(0.9, 0.5, "far to the right of the figure")
    assert problems(figure) == ["'far to the right of the figure' leaves the figure", "ticks collide"]
    pyplot.close(figure)
