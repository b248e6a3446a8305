"""What a network does on real images: spikes, the additions that they cause, and membrane potentials."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto

from hls_project.c_simulation.csim_report import activity_of
from hls_project.graph.layer import Layer
from hls_project.parity import golden, vectors

_CHUNK = 50
"""Images whose every map is in memory at once."""

Progress = Callable[[int], None]


@dataclass(frozen=True, eq=False)
class LayerActivity:
    """One layer over `images` images.

    additions: of one image on average, one for each kernel and spike under its window; a pixel that is not black counts
    as a spike. firing_rates: fired share of each threshold's spike map. overlap: of dual-threshold maps, spikes of the
    second for each spike of the first, which is their Jaccard similarity, as `Vth1 <= Vth2` lets the second fire only where
    the first did. agreement: share of places where both maps say the same. vm_values, vm_counts: how often the kernel
    `example_kernel` met each membrane potential. example_vm (H, W), example_spikes (K, H, W): its maps of the first image.
    """

    images: int
    additions: float
    firing_rates: tuple[float, ...]
    overlap: float | None
    agreement: float | None
    example_kernel: int
    vm_values: NDArray[np.int64]
    vm_counts: NDArray[np.int64]
    example_vm: NDArray[np.int32]
    example_spikes: NDArray[np.uint8] | None


def watch(
    model: ModelProto,
    layers: tuple[Layer, ...],
    images: NDArray[np.uint8],
    progress: Progress = lambda done: None,
) -> tuple[LayerActivity, ...]:
    """Return what each layer of the QONNX model did on `images` (N, H, W, C).

    Raises:
        ConfigurationError, FlowError: as `golden.trace`.
    """
    tallies: list[_Tally] = []
    for start in range(0, len(images), _CHUNK):
        chunk = images[start : start + _CHUNK]
        traces = golden.trace(model, chunk)
        tallies = tallies or [_Tally(layer, trace) for layer, trace in zip(layers, traces, strict=True)]
        seen: NDArray[np.uint8] = (chunk > 0).astype(np.uint8)
        for tally, trace in zip(tallies, traces, strict=True):
            tally.add(seen, trace)
            seen = seen if trace.pooled is None else trace.pooled
        progress(start + len(chunk))
    return tuple(tally.mean(len(images)) for tally in tallies)


class _Tally:
    """Sums over the images of one layer. first: its trace of the first images."""

    def __init__(self, layer: Layer, first: vectors.LayerTrace) -> None:
        self.layer, self.additions = layer, 0
        self.maps = 0 if layer.thresholds is None else len(layer.thresholds)
        self.fired = np.zeros(self.maps)
        contrast = np.zeros(layer.vm_shape[2])
        self.example_spikes = None
        if first.spikes is not None:
            maps = np.stack(np.split(first.spikes[0], self.maps, axis=2))
            contrast = (maps[0] != maps[-1]).mean((0, 1))
        self.kernel = int(contrast.argmax())  # whose two maps differ most: it has the most to show
        if first.spikes is not None:
            self.example_spikes = maps[:, :, :, self.kernel]
        self.example_vm = first.vm[0, :, :, self.kernel]
        low, high = layer.vm_range
        self.counts = np.zeros(high - low + 1, np.int64)

    def add(self, seen: NDArray[np.uint8], trace: vectors.LayerTrace) -> None:
        """Add images whose inputs were `seen`, 1 where one was not 0."""
        self.additions += _additions(self.layer, seen)
        distance = trace.vm[..., self.kernel].reshape(-1) - self.layer.vm_range[0]
        self.counts += np.bincount(distance, minlength=len(self.counts))
        if trace.spikes is not None:
            rates = activity_of(trace.vm, trace.spikes, self.maps).firing_rates
            self.fired += np.array(rates) * len(seen)

    def mean(self, images: int) -> LayerActivity:
        """Return what one of `images` images did on average."""
        rates, met = self.fired / images, np.flatnonzero(self.counts)
        dual = self.maps == 2
        return LayerActivity(
            images=images,
            additions=self.additions / images,
            firing_rates=tuple(map(float, rates)),
            overlap=float(rates[1] / rates[0]) if dual and rates[0] else None,
            agreement=float(1 - (rates[0] - rates[1])) if dual else None,
            example_kernel=self.kernel,
            vm_values=met + self.layer.vm_range[0],
            vm_counts=self.counts[met],
            example_vm=self.example_vm,
            example_spikes=self.example_spikes,
        )


def _additions(layer: Layer, seen: NDArray[np.uint8]) -> int:
    """Return the additions of all images: inputs (N, H, W, C) that are not 0, once for each window and kernel."""
    active = seen.sum(axis=3, dtype=np.int64)
    rows, columns = (layer.window.masks(axis) for axis in (0, 1))
    covered = [
        _windows_over(mask, layer.window.image[axis], layer, axis) for axis, mask in ((0, rows), (1, columns))
    ]
    return int(np.einsum("nhw,h,w->", active, *covered)) * layer.vm_shape[2]


def _windows_over(mask: NDArray[np.bool_], extent: int, layer: Layer, axis: int) -> NDArray[np.int64]:
    """Return how many windows cover each row (axis 0) or column (1)."""
    covered = np.zeros(extent, np.int64)
    for position, taps in enumerate(mask):
        first = layer.window.first_pixel(axis, position)
        covered[first + np.flatnonzero(taps)] += 1
    return covered
