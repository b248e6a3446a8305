"""The driver: what Python adds to the DMA's time, on hardware that answers at once; and the simulated board's speed."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from dt_scnn.compiler import Compiler
from hls_project.cosimulation.verilate import Verilator
from hls_project.overlay.simulated import simulated_overlay
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import open_workspace
from tests.board.instant import MappedBoard, overlay

CALLS = 2000
BATCH = 256


def seconds(call: Any, times: int) -> float:
    """Return the median seconds of a call."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        found.append(time.perf_counter() - begun)
    return float(np.median(found))


def overhead(folder: Path) -> dict[str, float]:
    """Return microseconds of a call on a board that is always done, for one image and for each of a batch."""
    bitstream = overlay(folder)
    with DTSCNNOverlay(
        bitstream, device=MappedBoard(Manifest.load(bitstream.with_suffix(".json")))
    ) as loaded:
        images = loaded.classifier.manifest.golden_vectors().images
        batch = images[np.arange(BATCH) % len(images)]
        one = seconds(lambda: loaded.classify(images[0]), CALLS)
        many = seconds(lambda: loaded.predict(batch), CALLS // 10)
    return {
        "us_a_call_of_one": round(1e6 * one, 2),
        f"us_an_image_of_{BATCH}": round(1e6 * many / BATCH, 3),
    }


def simulated(folder: Path) -> dict[str, float]:
    """Return the speed of the shipped network on the simulated board, one process."""
    bitstream = simulated_overlay(
        open_workspace("mnist", folder), RtlOptions(), Verilator.find(Compiler.from_environment())
    )
    begun = time.perf_counter()
    with DTSCNNOverlay(bitstream, device="sim") as loaded:
        opened = time.perf_counter() - begun
        exact = loaded.verify()
        speed = loaded.throughput_test(images=2000, single=200)
    return {
        "exact": exact,
        "open_s": round(opened, 3),
        "images_per_second": round(speed.images_per_second, 1),
        "latency_p50_ms": round(1e3 * speed.latency_p50, 3),
        "compute_cycles": speed.compute_cycles,
    }


def measure() -> dict[str, Any]:
    """Return all figures of the driver."""
    with tempfile.TemporaryDirectory() as folder:
        return {
            "driver_overhead": overhead(Path(folder)),
            "simulated_board": simulated(Path(folder) / "build"),
        }
