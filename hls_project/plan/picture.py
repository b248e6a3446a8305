"""The Pareto front as a picture: images/s against LUT and block RAM, with what the part has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hls_project.plan.budget import used, whole
from hls_project.plan.front import Point, Thrift
from hls_project.plan.solver import Choice
from hls_project.plan.subject import Site
from hls_project.reports.drawing import pyplot, save, write

_SERIES: dict[Thrift, tuple[str, str, str]] = {
    "lut": ("C0", "o", "least LUT"),
    "bram": ("C1", "s", "least BRAM"),
}
_ROWS = {"lut": "LUT", "bram": "block RAMs of 36 kbit"}


def draw(
    name: str,
    fronts: Mapping[Thrift, Sequence[Point]],
    chosen: Choice,
    synthesized: Mapping[str, Sequence[tuple[float, int]]],
    limits: Mapping[str, int],
    site: Site,
    stem: Path,
) -> tuple[Path, Path]:
    """Write `<stem>.png` and `<stem>.svg`; return their paths.

    Points that exceed a limit are hollow. synthesized: (images/s, amount) of each resource as yosys found it.
    """
    figure, rows = pyplot().subplots(2, figsize=(7, 6.4), sharex=True, constrained_layout=True)
    for axes, (resource, label) in zip(rows, _ROWS.items(), strict=True):
        for thrift, points in fronts.items():
            _series(axes, points, resource, thrift, site.clock_mhz)
        _star(axes, chosen, resource, site.clock_mhz)
        if synthesized.get(resource):
            rates, amounts = zip(*synthesized[resource], strict=True)
            axes.plot(rates, amounts, "kx", label="yosys", zorder=6)
        axes.axhline(whole(site.part)[resource], color="C3", linewidth=1.2, label=f"{site.part.name}")
        axes.axhline(limits[resource], color="C3", linewidth=1.2, linestyle="--", label="budget")
        axes.set(ylabel=label)
        axes.grid(alpha=0.3)
        _scale(axes, resource)
    rows[0].set_title(f"{name} on {site.label}, {site.clock_mhz:g} MHz", fontsize=10)
    rows[1].set(xscale="log", xlabel="images/s")
    _thousands(rows[1].xaxis, 2)
    figure.legend(*rows[0].get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8)
    png, svg = stem.with_suffix(".png"), stem.with_suffix(".svg")
    write(figure, png)
    return png, save(figure, svg)


def _series(axes: Any, points: Sequence[Point], resource: str, thrift: Thrift, clock_mhz: float) -> None:
    color, marker, label = _SERIES[thrift]
    rates = [clock_mhz * 1e6 / point.choice.cycles for point in points]
    amounts = [used(point.choice.total)[resource] for point in points]
    for fits, face, words in ((True, color, label), (False, "none", f"{label}, over the budget")):
        chosen = [index for index, point in enumerate(points) if point.fits is fits]
        if chosen:
            axes.plot(
                [rates[index] for index in chosen],
                [amounts[index] for index in chosen],
                marker,
                linestyle="-" if fits else ":",
                linewidth=0.8,
                color=color,
                markerfacecolor=face,
                markersize=5,
                label=words,
                clip_on=False,
            )


def _star(axes: Any, choice: Choice, resource: str, clock_mhz: float) -> None:
    rate, amount = clock_mhz * 1e6 / choice.cycles, used(choice.total)[resource]
    axes.plot(
        [rate], [amount], "*", color="C2", markersize=15, markeredgecolor="k", label="the plan", zorder=5
    )


def _scale(axes: Any, resource: str) -> None:
    if resource == "lut":
        axes.set_yscale("log")
    else:
        axes.set_ylim(bottom=0)
    _thousands(axes.yaxis, 3)


def _thousands(axis: Any, decades: int) -> None:
    """Write whole numbers with commas; on a logarithmic axis at 1, 2 and 5 if it has at most `decades`, else at 1."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    if axis.get_scale() == "log":
        low, high = axis.get_view_interval()
        axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high <= 10**decades * low else (1,)))
        axis.set_minor_formatter(NullFormatter())
    axis.set_major_formatter(FuncFormatter(lambda value, position: f"{value:,.10g}"))
