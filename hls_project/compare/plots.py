"""Plots of a comparison, as PNG."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hls_project.compare.curves import Curve
from hls_project.compare.side import Side
from hls_project.reports.drawing import pyplot, save


@dataclass(frozen=True)
class Point:
    """A network in the plot of accuracy against synaptic operations."""

    name: str
    n_thresholds: int
    operations: int
    accuracy: float


def accuracy_plot(points: list[Point], title: str, path: Path) -> Path:
    """Draw accuracy against dense synaptic operations of one image."""
    figure, axes = pyplot().subplots(figsize=(6, 4))
    for n_thresholds, marker, label in ((2, "o", "dual-threshold"), (1, "s", "conventional")):
        chosen = [point for point in points if point.n_thresholds == n_thresholds]
        axes.plot(
            [point.operations / 1e6 for point in chosen],
            [100 * point.accuracy for point in chosen],
            marker,
            label=label,
        )
        for point in chosen:
            where = (point.operations / 1e6, 100 * point.accuracy)
            axes.annotate(point.name, where, xytext=(4, 4), textcoords="offset points", fontsize=7)
    axes.set(
        xscale="log", xlabel="synaptic operations an image, million", ylabel="test accuracy, %", title=title
    )
    axes.grid(alpha=0.3)
    axes.legend()
    return save(figure, path)


def vm_plot(side: Side, path: Path) -> Path:
    """Draw how often one kernel of each firing layer met each membrane potential, and its thresholds."""
    chosen = [
        (layer, activity)
        for layer, activity in zip(side.layers, side.activity, strict=True)
        if layer.thresholds is not None
    ]
    figure, rows = pyplot().subplots(
        len(chosen), figsize=(6, 2.4 * len(chosen)), squeeze=False, constrained_layout=True
    )
    for axes, (layer, activity) in zip(rows[:, 0], chosen, strict=True):
        bins = min(80, int(np.ptp(activity.vm_values)) + 1)
        axes.hist(activity.vm_values, bins=bins, weights=activity.vm_counts, color="0.6")
        assert layer.thresholds is not None
        for index, threshold in enumerate(layer.thresholds[:, activity.example_kernel]):
            axes.axvline(threshold, color=f"C{index}", label=f"Vth{index + 1} = {threshold}")
        axes.set(yscale="log", ylabel="times", title=f"{layer.name}, kernel {activity.example_kernel}")
        axes.legend(fontsize=7)
    rows[-1, 0].set_xlabel("membrane potential Vm, integer")
    return save(figure, path)


def maps_plot(side: Side, image: Any, path: Path) -> Path:
    """Draw one kernel's Vm of each convolution and its two spike maps side by side with their similarity."""
    chosen = [
        (layer, activity)
        for layer, activity in zip(side.layers, side.activity, strict=True)
        if activity.example_spikes is not None and layer.kind == "conv"
    ]
    figure, rows = pyplot().subplots(
        len(chosen), 4, figsize=(8, 2.3 * len(chosen)), squeeze=False, constrained_layout=True
    )
    for axes, (layer, activity) in zip(rows, chosen, strict=True):
        spikes = activity.example_spikes
        assert spikes is not None
        first, last = spikes[0], spikes[-1]
        union = int((first | last).sum())
        jaccard = f"Jaccard {(first & last).sum() / union:.2f}" if union else "no spikes"
        axes[0].imshow(image.squeeze(), cmap="gray")
        axes[0].set_title("image", fontsize=8)
        axes[1].imshow(activity.example_vm, cmap="coolwarm")
        axes[1].set_title(f"{layer.name}, kernel {activity.example_kernel}: Vm", fontsize=8)
        axes[2].imshow(first, cmap="gray", vmin=0, vmax=1)
        axes[2].set_title("Vm >= Vth1", fontsize=8)
        axes[3].imshow(last, cmap="gray", vmin=0, vmax=1)
        axes[3].set_title(f"Vm >= Vth2: {jaccard},\nagree {100 * (first == last).mean():.0f} %", fontsize=8)
        for one in axes:
            one.set_axis_off()
    return save(figure, path)


def curves_plot(curves: Mapping[str, tuple[Curve, ...]], path: Path) -> Path:
    """Draw loss and accuracy of each network's training, by name, its stages one after the other."""
    figure, (left, right) = pyplot().subplots(1, 2, figsize=(9, 3.5), constrained_layout=True)
    for index, (name, stages) in enumerate(curves.items()):
        before = 0
        for curve in stages:
            epochs = [before + epoch for epoch in curve.epochs]
            style = {"color": f"C{index}", "linestyle": "--" if curve.stage == "stage one" else "-"}
            left.plot(epochs, curve.loss, label=f"{name}, {curve.stage}", **style)
            right.plot(epochs, [100 * value for value in curve.accuracy], **style)
            before = epochs[-1]
    left.set(xlabel="epoch", ylabel="training loss")
    right.set(xlabel="epoch", ylabel="accuracy, %")
    left.legend(fontsize=7)
    return save(figure, path)
