"""What the network does on images: spike maps of one, membrane potentials with both thresholds, firing rates."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_project.compare.activity import LayerActivity
from hls_project.graph.layer import Layer
from hls_project.pictures.style import (
    FIRST,
    GRID,
    INK,
    MUTED,
    OTHER,
    SECOND,
    WIDTH,
    Picture,
    keep,
    legend_above,
    look,
)
from hls_project.reports.drawing import pyplot

_COLOURS = (FIRST, SECOND)
_SPIKES = ((0.18, 0.52, 0.86), (0.86, 0.47, 0.13))
"""Of spikes in a map, on light and on dark alike."""
_BINS = 48
_APART = 0.15
"""Of the height of a colour bar, between two labels."""
Seen = Sequence[tuple[Layer, LayerActivity]]


def with_maps(seen: Seen) -> Seen:
    """Return the layers that fire and have a map of more than one pixel."""
    return [(layer, one) for layer, one in seen if one.example_spikes is not None and one.example_vm.size > 1]


def maps_picture(image: NDArray[np.uint8], seen: Seen, caption: str, path: Path) -> Picture | None:
    """Draw an image and the maps of one kernel of each layer `with_maps`; None if there is none."""
    shown = with_maps(seen)
    if not shown:
        return None
    alt = f"{caption.splitlines()[0]}: Vm and spike maps of {', '.join(layer.name for layer, _ in shown)}."
    return keep(draw_maps(image, shown, caption), path, "Spike maps of one image", alt, "simulated")


def draw_maps(image: NDArray[np.uint8], shown: Seen, caption: str) -> Any:
    """Return the figure: an image (H, W, C) and, of one kernel of each layer, `Vm` with its thresholds and the spikes.

    Of other than three channels the image is shown by their mean, in grey.
    """
    with look():
        figure = pyplot().figure(figsize=(WIDTH, 1.15 + 1.36 * len(shown)), layout="constrained")
        figure.get_layout_engine().set(h_pad=0.06)
        grid = figure.add_gridspec(
            len(shown) + 1, 3, width_ratios=(1.55, 1, 1), height_ratios=(0.95, *(1.1 for _ in shown))
        )
        # Apart from the columns below, which colour bars widen.
        head = grid[0, :].subgridspec(1, 2, width_ratios=(1.3, 2))
        axes = figure.add_subplot(head[0, 0])
        shown_as = image if image.shape[2] == 3 else image.mean(axis=2)
        _bare(axes).imshow(shown_as, cmap="gray", vmin=0, vmax=255, interpolation="none")
        words = figure.add_subplot(head[0, 1])
        words.set_axis_off()
        words.text(0, 0.5, caption, va="center", linespacing=1.5, transform=words.transAxes)
        for row, (layer, one) in enumerate(shown, 1):
            _maps(figure, grid, row, layer, one)
    return figure


def _maps(figure: Any, grid: Any, row: int, layer: Layer, one: LayerActivity) -> None:
    kernel = one.example_kernel
    assert layer.thresholds is not None and one.example_spikes is not None
    axes = _bare(figure.add_subplot(grid[row, 0]))
    shown = axes.imshow(one.example_vm, cmap="viridis", interpolation="none")
    axes.set_title(f"{layer.name}, kernel {kernel}: Vm", fontsize=8.5, loc="left")
    bar = figure.colorbar(shown, ax=axes, fraction=0.075, pad=0.04)
    bar.outline.set(edgecolor=MUTED, linewidth=0.8)
    low, high = shown.get_clim()
    marks = [(low, MUTED, f"{low:,.0f}"), (high, MUTED, f"{high:,.0f}")]
    for index, value in enumerate(layer.thresholds[:, kernel]):
        if low <= value <= high:
            bar.ax.axhline(value, color="white", linewidth=2.6)
            bar.ax.axhline(value, color=_COLOURS[index], linewidth=1.4)
            marks.append((float(value), _COLOURS[index], f"Vth{index + 1} {value:,}"))
    _label(bar.ax, marks, low, high)
    for index, fired in enumerate(one.example_spikes):
        axes = _bare(figure.add_subplot(grid[row, index + 1]))
        colours = np.zeros((*fired.shape, 4))
        colours[fired > 0] = (*_SPIKES[index], 1)
        axes.imshow(colours, interpolation="none")
        axes.set_title(f"Vth{index + 1}: {100 * fired.mean():.0f} % fire", fontsize=8.5, loc="left")


def _label(axes: Any, marks: list[tuple[float, str, str]], low: float, high: float) -> None:
    """Write the values of a colour bar's marks (value, colour, text) beside it, moved apart where they would collide."""
    axes.set_yticks([])
    marks = sorted(marks)
    span = (high - low) or 1
    places = [(value - low) / span for value, _, _ in marks]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + _APART)
    for index in reversed(range(len(places))):
        most = 1.0 if index == len(places) - 1 else places[index + 1] - _APART
        places[index] = min(places[index], most)
    for (value, colour, text), place in zip(marks, places, strict=True):
        axes.annotate(
            text,
            (1, (value - low) / span),
            (1.9, place),
            xycoords="axes fraction",
            textcoords="axes fraction",
            color=INK if colour == MUTED else colour,
            fontsize=7.8,
            va="center",
            annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0},
        )


def vm_picture(seen: Seen, path: Path) -> Picture | None:
    """Draw how often a kernel of each layer that fires met each `Vm`, and its thresholds; None if none fires."""
    chosen = firing(seen)
    if not chosen:
        return None
    images = chosen[0][1].images
    alt = f"Membrane potentials of one kernel of {', '.join(layer.name for layer, _ in chosen)}, with their thresholds."
    return keep(draw_vm(chosen), path, f"Membrane potentials, {images:,} images", alt, "simulated")


def firing(seen: Seen) -> Seen:
    """Return the layers that fire."""
    return [(layer, one) for layer, one in seen if layer.thresholds is not None]


def draw_vm(chosen: Seen) -> Any:
    """Return the figure: a histogram of `Vm` for one kernel of each layer, with its thresholds."""
    with look():
        figure, rows = pyplot().subplots(
            len(chosen), figsize=(WIDTH, 0.4 + 1.75 * len(chosen)), squeeze=False, layout="constrained"
        )
        figure.get_layout_engine().set(h_pad=0.11)
        for axes, (layer, one) in zip(rows[:, 0], chosen, strict=True):
            _histogram(axes, layer, one)
        rows[-1, 0].set_xlabel("membrane potential Vm, integer")
    return figure


def _histogram(axes: Any, layer: Layer, one: LayerActivity) -> None:
    from matplotlib.ticker import MaxNLocator

    assert layer.thresholds is not None
    thresholds = [int(value) for value in layer.thresholds[:, one.example_kernel]]
    low, high = int(one.vm_values.min()), int(one.vm_values.max())
    width = max(1, -(-(high - low + 1) // _BINS))
    # A bin begins at each threshold, so that no bar is of both sides.
    edges = np.unique(
        [
            *range(thresholds[0] - width * (-(-(thresholds[0] - low) // width)), high + width + 1, width),
            *thresholds,
        ]
    )
    edges = edges[(edges >= low - width) & (edges <= high + width)]
    counts, edges = np.histogram(one.vm_values, bins=edges - 0.5, weights=one.vm_counts)
    share = counts / counts.sum() / np.diff(edges)
    middles = (edges[:-1] + edges[1:]) / 2
    above = sum((middles > threshold - 0.5).astype(int) for threshold in thresholds)
    for fired in range(len(thresholds) + 1):
        part = above == fired
        axes.bar(
            middles[part], share[part], np.diff(edges)[part], color=(OTHER, *_COLOURS)[fired], linewidth=0
        )
    for index, threshold in enumerate(thresholds):
        axes.axvline(
            threshold - 0.5, color=_COLOURS[index], linewidth=1.4, label=f"Vth{index + 1} = {threshold:,}"
        )
    axes.set(yscale="log", ylabel="share of neurons", xlim=(edges[0], edges[-1]))
    axes.set_title(f"{layer.name}, kernel {one.example_kernel}", loc="left")
    axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
    axes.grid(axis="y")
    axes.legend(
        loc="lower right",
        bbox_to_anchor=(1.0, 0.985),
        ncols=2,
        borderpad=0,
        handlelength=1.2,
        columnspacing=1.2,
    )


def rates_picture(seen: Seen, path: Path) -> Picture | None:
    """Draw the fired share of each layer's maps; None if no layer fires."""
    chosen = [(layer.name, one.firing_rates) for layer, one in seen if one.firing_rates]
    if not chosen:
        return None
    with look():
        figure, axes = pyplot().subplots(figsize=(WIDTH, 0.85 + 0.55 * len(chosen)), layout="constrained")
        most = max(100 * rate for _, rates in chosen for rate in rates) or 1
        for index, (_, rates) in enumerate(chosen):
            for which, rate in enumerate(rates):
                where = index + (which - (len(rates) - 1) / 2) * 0.36
                label = f"Vth{which + 1}" if index == 0 else None
                axes.barh(where, 100 * rate, 0.32, color=_COLOURS[which], label=label)
                axes.text(100 * rate + 0.012 * most, where, f"{100 * rate:.1f} %", va="center", fontsize=8.5)
        axes.set_yticks(range(len(chosen)), [name for name, _ in chosen])
        axes.invert_yaxis()
        axes.set(xlim=(0, 1.17 * most), xlabel="neurons that fire, %")
        axes.grid(axis="x", color=GRID)
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        if len(chosen[0][1]) > 1:
            legend_above(figure, axes, 2)
    said = "; ".join(f"{name} {', '.join(f'{100 * rate:.1f} %' for rate in rates)}" for name, rates in chosen)
    return keep(
        figure, path, f"Firing rates, {seen[0][1].images:,} images", f"Firing rates: {said}.", "simulated"
    )


def _bare(axes: Any) -> Any:
    """Return axes without ticks, in a frame."""
    axes.set(xticks=[], yticks=[], anchor="N")
    for spine in axes.spines.values():
        spine.set(edgecolor=MUTED, linewidth=0.8)
    axes.title.set_color(INK)
    return axes
