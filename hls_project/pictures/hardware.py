"""The hardware: what it takes of its part, what limits its rate, how full its FIFOs were, what other rates cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hls_project.page.contents import Explore
from hls_project.pictures.style import (
    FIRST,
    GOOD,
    INK,
    LIMIT,
    MUTED,
    SECOND,
    WIDTH,
    Picture,
    keep,
    legend_above,
    look,
)
from hls_project.reports.drawing import pyplot
from hls_project.reports.figure import Kind

_RESOURCES = {"lut": "LUT", "ff": "FF", "bram": "BRAM36", "dsp": "DSP"}


@dataclass(frozen=True)
class Source:
    """Who counted resources. amounts: by resource, of the whole core."""

    label: str
    kind: Kind
    amounts: Mapping[str, float]


def resources_picture(
    sources: Sequence[Source], available: Mapping[str, int], limits: Mapping[str, int], part: str, path: Path
) -> Picture:
    """Draw each resource as a share of the part, with the budget of the plan."""
    colours = (FIRST, SECOND, GOOD)
    names = [name for name in _RESOURCES if available[name]]
    height = 0.8 / len(sources)
    most = max(
        [
            100.0,
            *(100 * source.amounts.get(name, 0) / available[name] for source in sources for name in names),
        ]
    )
    with look():
        figure, axes = pyplot().subplots(
            figsize=(WIDTH, 1.15 + len(names) * (0.22 + 0.2 * len(sources))), layout="constrained"
        )
        for row, name in enumerate(names):
            for index, source in enumerate(sources):
                amount = source.amounts.get(name, 0)
                where = row + (index - (len(sources) - 1) / 2) * height
                share = 100 * amount / available[name]
                axes.barh(
                    where,
                    share,
                    0.86 * height,
                    color=colours[index],
                    label=source.label if row == 0 else None,
                )
                _beside(axes, where, f"{amount:,.10g}")
            budget = 100 * limits[name] / available[name]
            axes.plot(
                [budget, budget],
                [row - 0.46, row + 0.46],
                color=LIMIT,
                linestyle="--",
                linewidth=1.2,
                label="budget" if row == 0 else None,
            )
        axes.axvline(100, color=LIMIT, linewidth=1.4, label="all of the part")
        axes.set_yticks(range(len(names)), [f"{_RESOURCES[name]}\nof {available[name]:,}" for name in names])
        axes.set(xlim=(0, 1.03 * most), xlabel=f"% of {part}")
        axes.invert_yaxis()
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
        legend_above(figure, axes, 2)
    said = "; ".join(
        f"{source.label}: "
        + ", ".join(f"{source.amounts.get(name, 0):,.10g} {_RESOURCES[name]}" for name in names)
        for source in sources
    )
    kinds = tuple(dict.fromkeys(source.kind for source in sources))
    return keep(figure, path, f"Resources of {part}", f"Share of the part. {said}.", *kinds)


def cycles_picture(
    planned: Mapping[str, int], busy: Mapping[str, float], interval: float, path: Path
) -> Picture:
    """Draw the cycles of an image that each layer takes. busy: as simulated, empty if it was not. interval: of the core."""
    with look():
        figure, axes = pyplot().subplots(figsize=(WIDTH, 1.1 + 0.45 * len(planned)), layout="constrained")
        most = max([interval, *planned.values(), *busy.values()])
        for index, (name, cycles) in enumerate(planned.items()):
            rows = [(cycles, FIRST, "by the plan")] + (
                [(busy[name], GOOD, "simulated")] if name in busy else []
            )
            for which, (value, colour, label) in enumerate(rows):
                where = index + (which - (len(rows) - 1) / 2) * 0.38
                axes.barh(where, value, 0.34, color=colour, label=label if index == 0 else None)
                _beside(axes, where, f"{value:,.10g}" if value == int(value) else f"{value:,.1f}")
        axes.axvline(interval, color=LIMIT, linewidth=1.3, label=f"an image every {interval:,.0f}")
        axes.set_yticks(range(len(planned)), list(planned))
        axes.invert_yaxis()
        axes.set(xlim=(0, 1.03 * most), xlabel="clock cycles of an image")
        axes.xaxis.set_major_locator(_few_ticks(5 if most < 100_000 else 3))
        axes.xaxis.set_major_formatter(_thousands())
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
        legend_above(figure, axes, 3)
    said = ", ".join(f"{name} {cycles:,}" for name, cycles in planned.items())
    kinds: tuple[Kind, ...] = ("model", "simulated") if busy else ("model",)
    return keep(figure, path, "Cycles of each layer", f"Clock cycles of an image: {said}.", *kinds)


def fifo_picture(fifos: Sequence[tuple[str, int, int]], title: str, path: Path) -> Picture:
    """Draw FIFOs (name, depth, highest fill), in beats."""
    with look():
        figure, axes = pyplot().subplots(figsize=(WIDTH, 0.95 + 0.36 * len(fifos)), layout="constrained")
        most = max(depth for _, depth, _ in fifos)
        for index, (_, depth, fill) in enumerate(fifos):
            axes.barh(
                index,
                depth,
                0.62,
                facecolor="none",
                edgecolor=MUTED,
                linewidth=1,
                label="depth" if index == 0 else None,
            )
            axes.barh(
                index,
                fill,
                0.62,
                color=FIRST,
                label="highest fill" if index == 0 else None,
            )
            _beside(axes, index, f"{fill:,} of {depth:,}")
        axes.set_yticks(range(len(fifos)), [name for name, _, _ in fifos])
        axes.invert_yaxis()
        axes.set(xlim=(0, 1.03 * most), xlabel="beats")
        axes.xaxis.set_major_locator(_few_ticks(6))
        axes.grid(axis="x")
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        legend_above(figure, axes, 2)
    said = "; ".join(f"behind {name}: {fill:,} of {depth:,}" for name, depth, fill in fifos)
    return keep(figure, path, title, f"{title}. {said}.", "simulated")


def front_picture(
    explored: Explore, now: tuple[float, float] | None, available: Mapping[str, int], path: Path
) -> Picture:
    """Draw what each rate takes of LUT. now: images/s and LUT of the plan, if there is one."""
    points = explored.front["lut"]
    with look():
        figure, axes = pyplot().subplots(figsize=(WIDTH, 2.9), layout="constrained")
        for fits, style, label in ((True, "-", "fits"), (False, ":", "over the budget")):
            chosen = [(one.images_per_second.value, one.lut.value) for one in points if one.fits is fits]
            if chosen:
                axes.plot(
                    *zip(*chosen, strict=True),
                    "o",
                    linestyle=style,
                    linewidth=1,
                    markersize=4.5,
                    color=FIRST,
                    markerfacecolor=FIRST if fits else "none",
                    label=label,
                )
        if now is not None:
            axes.plot(
                *now,
                "*",
                markersize=14,
                color=SECOND,
                markeredgecolor=INK,
                markeredgewidth=0.7,
                label="the plan",
            )
        if available:
            axes.axhline(available["lut"], color=LIMIT, linewidth=1.3, label="all of the part")
        axes.set(xscale="log", yscale="log", xlabel="images/s", ylabel="LUT")
        _log_ticks(axes.xaxis, 60)
        _log_ticks(axes.yaxis, 1000)
        axes.grid()
        legend_above(figure, axes, 4)
    alt = f"LUT for each rate, {len(points)} points from {points[-1].images_per_second.value:,.0f} to {points[0].images_per_second.value:,.0f} images/s."
    return keep(figure, path, "What each rate takes", alt, "model")


def _beside(axes: Any, where: float, text: str) -> None:
    """Write a bar's value to the right of the frame, where no line crosses it."""
    axes.text(1.015, where, text, va="center", fontsize=8.2, transform=axes.get_yaxis_transform())


def _few_ticks(number: int) -> Any:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=number, integer=True)


def _thousands() -> Any:
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, position: f"{value:,.10g}")


def _log_ticks(axis: Any, most: float) -> None:
    """Label a logarithmic axis at 1, 2 and 5 where its ends are at most a factor of `most` apart, else at powers of ten."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = axis.get_view_interval()
    axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high <= most * low else (1,)))
    axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(_thousands())
