"""What the driver answers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .power import RailPower


class Classification(NamedTuple):
    """label: index of the first highest score. scores: (classes,) int32. latency: seconds from call to result."""

    label: int
    class_name: str
    scores: np.ndarray
    latency: float


class Predictions(NamedTuple):
    """labels: (N,) int64. scores: (N, classes) int32."""

    labels: np.ndarray
    scores: np.ndarray


class Evaluation(NamedTuple):
    """right: images with the right label, of `total`."""

    right: int
    total: int

    @property
    def accuracy(self) -> float:
        """Share of right labels, 0 to 1."""
        return self.right / self.total


class Throughput(NamedTuple):
    """Latencies in seconds of single images, from call to result; images a second in batches of `batch`.

    dma_seconds: mean time of one image's transfer, with the compute in it. compute_cycles: clock cycles from the first
    word of an image to the last of its result, counted by the hardware. compute_seconds: the same at the clock that runs.
    clock_mhz: that clock, as measured when the overlay was loaded. power: of each rail that the board can read, as
    measured during the batches, which then go on for `power.SPAN` seconds; empty where there is none.
    """

    latency_p50: float
    latency_p99: float
    images_per_second: float
    batch: int
    dma_seconds: float
    compute_cycles: int
    compute_seconds: float
    clock_mhz: float
    power: tuple[RailPower, ...] = ()
