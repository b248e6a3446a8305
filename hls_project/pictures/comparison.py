"""Beside the conventional SCNN: accuracy with its seeds, and counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hls_project.pictures.style import FIRST, GRID, INK, OTHER, WIDTH, Picture, keep, legend_above, look
from hls_project.reports.drawing import pyplot

_COUNTS = {
    "synaptic_operations": "operations",
    "spike_operations": "additions by spikes",
    "weights": "weights",
    "weight_storage_bits": "weight bits",
    "vm_bits": "Vm bits",
}


def accuracy_picture(networks: Sequence[tuple[str, Sequence[float]]], path: Path) -> Picture:
    """Draw the accuracy of each seed (shares, 0 to 1), their span and mean. networks: names, the dual-threshold one first."""
    with look():
        from matplotlib.ticker import MaxNLocator

        figure, axes = pyplot().subplots(figsize=(WIDTH, 0.95 + 0.62 * len(networks)), layout="constrained")
        for index, (_, shares) in enumerate(networks):
            values = [100 * share for share in shares]
            mean = sum(values) / len(values)
            colour = FIRST if index == 0 else OTHER
            axes.plot(
                [min(values), max(values)],
                [index, index],
                color=colour,
                linewidth=5,
                alpha=0.35,
                solid_capstyle="round",
            )
            axes.plot(
                [mean, mean],
                [index - 0.2, index + 0.2],
                color=INK,
                linewidth=1.6,
                label="mean" if index == 0 else None,
            )
            axes.plot(
                values,
                [index] * len(values),
                "o",
                color=colour,
                markersize=6,
                label="a seed" if index == 0 else None,
            )
            axes.text(mean, index - 0.3, _words(values), ha="center", fontsize=8.5)
        every = [100 * share for _, shares in networks for share in shares]
        margin = max(0.15, 0.35 * (max(every) - min(every)))
        middle, half = (max(every) + min(every)) / 2, (max(every) - min(every)) / 2 + 2.2 * margin
        axes.set(
            xlim=(middle - half, middle + half),
            ylim=(len(networks) - 0.5, -0.62),
            xlabel="right labels of all test images, %",
        )
        axes.set_yticks(
            range(len(networks)),
            [name.replace("-scnn", "-\nscnn") if len(name) > 16 else name for name, _ in networks],
        )
        axes.xaxis.set_major_locator(MaxNLocator(5))
        axes.grid(axis="x", color=GRID)
        axes.tick_params(axis="y", length=0)
        legend_above(figure, axes, 2)
    said = "; ".join(f"{name}: {_words([100 * share for share in shares])}" for name, shares in networks)
    return keep(figure, path, "Accuracy, seed by seed", f"Accuracy. {said}.", "measured")


def _words(values: Sequence[float]) -> str:
    mean = f"{sum(values) / len(values):.2f} %"
    return (
        mean if len(values) == 1 else f"{mean} ({min(values):.2f} to {max(values):.2f}, {len(values)} seeds)"
    )


def counts_picture(
    ours: Mapping[str, float], theirs: Mapping[str, float], measured: bool, path: Path
) -> Picture:
    """Draw the counts as shares of the conventional network's. measured: additions by spikes are among them."""
    names = [name for name in _COUNTS if name in ours and theirs.get(name)]
    with look():
        figure, axes = pyplot().subplots(figsize=(WIDTH, 0.95 + 0.42 * len(names)), layout="constrained")
        for index, name in enumerate(names):
            share = 100 * ours[name] / theirs[name]
            axes.barh(
                index,
                100,
                0.62,
                facecolor="none",
                edgecolor=OTHER,
                linewidth=1,
                label="conventional SCNN" if index == 0 else None,
            )
            axes.barh(index, share, 0.62, color=FIRST, label="this network" if index == 0 else None)
            axes.text(max(share, 100) + 2, index, f"{share:.1f} %", va="center", fontsize=8.5)
        axes.set_yticks(range(len(names)), [_COUNTS[name] for name in names])
        axes.invert_yaxis()
        most = max(100.0, *(100 * ours[name] / theirs[name] for name in names))
        axes.set(xlim=(0, most + 22), xlabel="% of the conventional network's")
        axes.set_xticks([0, 25, 50, 75, 100])
        axes.tick_params(axis="y", length=0)
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        legend_above(figure, axes, 2)
    said = ", ".join(f"{_COUNTS[name]} {100 * ours[name] / theirs[name]:.1f} %" for name in names)
    kinds = ("model", "measured") if measured else ("model",)
    return keep(
        figure, path, "Counts beside the conventional SCNN", f"Of the conventional network's: {said}.", *kinds
    )  # type: ignore[arg-type]
