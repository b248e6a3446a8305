"""The network drawn: each layer's maps, what it computes, and the engine and fold that the plan gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hls_project.graph.layer import Layer
from hls_project.pictures.style import (
    FIRST,
    INK,
    MUTED,
    OTHER,
    PAPER,
    SECOND,
    WIDTH,
    Picture,
    keep,
    look,
)
from hls_project.plan.fold import Fold
from hls_project.reports.drawing import pyplot

WIDEST = 7
"""Boxes that stand beside each other on a desk; more stand below each other there too."""
_LARGEST, _SMALLEST, _STEP = 0.66, 0.12, 0.07
"""Inches of a map's side, and between the sheets of a stack."""
_LINE = 0.175
"""Inches of a line of text."""


@dataclass(frozen=True)
class _Box:
    """What is drawn of an image or a layer. shape: (H, W, C) of its maps. lines: its text, the first its title."""

    shape: Sequence[int]
    colours: tuple[str, ...]
    lines: tuple[str, ...]


def network_picture(
    layers: Sequence[Layer], shape: tuple[int, ...], folds: Mapping[str, Fold], path: Path
) -> Picture:
    """Draw the layers below each other, and beside each other for a wide page.

    shape: (H, W, C) of an image. folds: by layer, none without a plan.
    """
    boxes = [_Box(shape, (OTHER,), ("image", _size(shape), "pixels of 8 bits"))]
    for layer in layers:
        maps = 0 if layer.thresholds is None else len(layer.thresholds)
        colours = {0: (MUTED,), 1: (FIRST,)}.get(maps, (FIRST, SECOND))
        fold = (str(folds[layer.name]),) if layer.name in folds else ()
        boxes.append(_Box(layer.spikes_shape, colours, (*_words(layer), *fold)))
    said = "; ".join(", ".join(box.lines) for box in boxes)
    title, alt = "Network", f"The network's layers. {said}."
    tall = keep(_tall(boxes), path, title, alt, "model")
    if len(boxes) > WIDEST:
        return tall
    return replace(tall, wide=keep(_wide(boxes), path.with_name("network-wide.svg"), title, alt, "model"))


def _tall(boxes: Sequence[_Box]) -> Any:
    row = 1.02
    with look():
        figure, axes = _canvas(WIDTH, row * len(boxes))
        largest = max(boxes[0].shape[:2])
        for index, box in enumerate(boxes):
            middle = -row * (index + 0.5)
            _stack(axes, 0.55, middle, box, largest)
            top = middle + _LINE * (len(box.lines) - 1) / 2
            _text(axes, 1.15, top, box.lines, "left")
            if index:
                _arrow(axes, (0.55, middle + row / 2 + 0.07), (0.55, middle + row / 2 - 0.07))
    return figure


def _wide(boxes: Sequence[_Box]) -> Any:
    column, height = 1.9, 1.95
    with look():
        figure, axes = _canvas(column * len(boxes), height)
        largest = max(boxes[0].shape[:2])
        for index, box in enumerate(boxes):
            middle = column * (index + 0.5)
            _stack(axes, middle, -0.52, box, largest)
            _text(axes, middle, -1.16, box.lines, "center")
            if index:
                _arrow(axes, (middle - column / 2 - 0.16, -0.52), (middle - column / 2 + 0.16, -0.52))
    return figure


def _canvas(width: float, height: float) -> tuple[Any, Any]:
    figure = pyplot().figure(figsize=(width, height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(-height, 0))
    axes.set_axis_off()
    return figure, axes


def _stack(axes: Any, x: float, y: float, box: _Box, largest: int) -> None:
    """Draw maps as sheets behind each other, those of `Vth1` in front."""
    side = max(_SMALLEST, _LARGEST * (max(box.shape[:2]) / largest) ** 0.6)
    twice = 2 if box.shape[2] > len(box.colours) else 1
    sheets = [colour for colour in reversed(box.colours) for _ in range(twice)]
    whole = side + _STEP * (len(sheets) - 1)
    for place, colour in enumerate(sheets):
        back = _STEP * (len(sheets) - 1 - place)
        corner = (x - whole / 2 + back, y - whole / 2 + back)
        axes.add_patch(
            pyplot().Rectangle(corner, side, side, facecolor=PAPER, edgecolor=colour, linewidth=1.3)
        )


def _text(axes: Any, x: float, top: float, lines: Sequence[str], side: str) -> None:
    for place, line in enumerate(lines):
        look_of = {"fontweight": "bold"} if place == 0 else {"color": INK if place < 3 else MUTED}
        axes.text(x, top - _LINE * place, line, va="center", ha=side, fontsize=8.6, **look_of)


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float]) -> None:
    style = {"arrowstyle": "-|>", "color": MUTED, "linewidth": 1, "shrinkA": 0, "shrinkB": 0}
    axes.annotate("", end, start, arrowprops=style)


def _words(layer: Layer) -> tuple[str, ...]:
    kernels = layer.vm_shape[2]
    if layer.kind == "dense":
        title = f"{layer.name}: {layer.weights.shape[0]:,} x {kernels}"
    else:
        title = f"{layer.name}: {kernels} of {layer.kernel[0]} x {layer.kernel[1]}"
    if layer.thresholds is None:
        return title, f"Vm {_size(layer.vm_shape)}", "scores, no firing"
    thresholds = "Vth1, Vth2" if len(layer.thresholds) == 2 else "Vth1"
    pooled = f"pool {layer.pool}, " if layer.pool > 1 else ""
    return title, f"Vm {_size(layer.vm_shape)}, {thresholds}", f"{pooled}maps {_size(layer.spikes_shape)}"


def _size(shape: Sequence[int]) -> str:
    return " x ".join(map(str, shape))
