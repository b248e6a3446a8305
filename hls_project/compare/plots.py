"""Plots of a comparison, as PNG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hls_project.compare.curves import Curve
from hls_project.compare.side import Side
from hls_project.pictures.firing import Seen, draw_maps, draw_vm, firing, with_maps
from hls_project.pictures.style import FIRST, SECOND, keep_png, legend_above, look
from hls_project.reports.drawing import pyplot


@dataclass(frozen=True)
class Point:
    """A network in the plot of accuracy against synaptic operations."""

    name: str
    n_thresholds: int
    operations: int
    accuracy: float


def accuracy_plot(points: list[Point], title: str, path: Path) -> Path:
    """Draw accuracy against dense synaptic operations of one image."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    with look():
        figure, axes = pyplot().subplots(figsize=(6, 4), layout="constrained")
        kinds = ((2, "o", FIRST, "dual-threshold"), (1, "s", SECOND, "conventional"))
        for n_thresholds, marker, colour, label in kinds:
            chosen = [point for point in points if point.n_thresholds == n_thresholds]
            axes.plot(
                [point.operations / 1e6 for point in chosen],
                [100 * point.accuracy for point in chosen],
                marker,
                color=colour,
                label=label,
            )
        axes.set(
            xscale="log",
            xlabel="synaptic operations an image, million",
            ylabel="test accuracy, %",
            title=title,
        )
        axes.margins(x=0.12, y=0.12)
        low, high = axes.get_xlim()
        for point in points:
            share = log(point.operations / 1e6 / low) / log(high / low)
            side, shift = ("left", 6) if share < 0.5 else ("right", -6)
            where = (point.operations / 1e6, 100 * point.accuracy)
            axes.annotate(point.name, where, (shift, 5), textcoords="offset points", ha=side, fontsize=8)
        axes.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:,.10g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.grid()
        legend_above(figure, axes, 2)
    return keep_png(figure, path)


def vm_plot(side: Side, path: Path) -> Path:
    """Draw how often one kernel of each firing layer met each membrane potential, and its thresholds."""
    return keep_png(draw_vm(firing(_seen(side))), path)


def maps_plot(side: Side, image: NDArray[np.uint8], path: Path) -> Path | None:
    """Draw an image (H, W, C), one kernel's Vm of each convolution and its two spike maps; None if there is no map."""
    shown = with_maps(_seen(side))
    return keep_png(draw_maps(image, shown, f"First test image\n{side.name}"), path) if shown else None


def _seen(side: Side) -> Seen:
    return tuple(zip(side.layers, side.activity, strict=True))


def curves_plot(curves: Mapping[str, tuple[Curve, ...]], path: Path) -> Path:
    """Draw loss and accuracy of each network's training, by name, its stages one after the other."""
    from matplotlib.ticker import MaxNLocator

    with look():
        figure, (left, right) = pyplot().subplots(1, 2, figsize=(8.4, 3.6), layout="constrained")
        for (name, stages), colour in zip(curves.items(), (FIRST, SECOND), strict=False):
            before = 0
            for curve in stages:
                epochs = [before + epoch for epoch in curve.epochs]
                style = {"color": colour, "linestyle": "--" if curve.stage == "stage one" else "-"}
                style["marker"] = "o" if len(epochs) == 1 else ""
                left.plot(epochs, curve.loss, label=f"{name}, {curve.stage}", **style)
                right.plot(epochs, [100 * value for value in curve.accuracy], **style)
                before = epochs[-1]
        left.set(xlabel="epoch", ylabel="training loss")
        right.set(xlabel="epoch", ylabel="accuracy, %")
        for axes in (left, right):
            axes.xaxis.set_major_locator(MaxNLocator(8, integer=True))
            axes.grid()
        legend_above(figure, left, 2)
    return keep_png(figure, path)
