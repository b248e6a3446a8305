"""Run the compiled test bench over all images, spread over the cores."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import FlowError
from hls_project.programs.processes import last_words, processes, watch


@dataclass(frozen=True)
class Simulation:
    """What the simulated hardware answered.

    scores: (N, classes) int32. labels: (N,) int32. seconds: wall-clock time. jobs: processes.
    """

    scores: NDArray[np.int32]
    labels: NDArray[np.int32]
    seconds: float
    jobs: int


def simulate(
    program: Path,
    golden: Path,
    images: int,
    classes: int,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda done: None,
    timeout: float = 60.0,
) -> Simulation:
    """Simulate the first `images` images of the `golden` vectors.

    `progress` is called with the number of images done so far. `timeout` bounds the seconds without any progress.

    Raises:
        FlowError: a simulation crashed, hung or left results out. A wrong score is no error here.
    """
    jobs = max(1, min(jobs or len(os.sched_getaffinity(0)), images))
    bounds = np.linspace(0, images, jobs + 1).astype(int)
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="csim-") as folder:
        parts = [Path(folder) / f"results-{job}.bin" for job in range(jobs)]
        calls = [
            [str(program.resolve()), "--golden", str(golden), "--results", str(part)]
            + ["--first", str(first), "--count", str(last - first)]
            for part, first, last in zip(parts, bounds[:-1], bounds[1:], strict=True)
        ]
        _run(calls, progress, timeout)
        results = [np.fromfile(part, "<i4") if part.exists() else np.empty(0, "<i4") for part in parts]
    answers = np.concatenate(results)
    if answers.size != images * (classes + 1):
        raise FlowError(f"the simulation wrote {answers.size} results, not {images} x {classes + 1}")
    table = answers.reshape(images, classes + 1)
    return Simulation(table[:, :-1], table[:, -1], time.perf_counter() - started, jobs)


def trace(program: Path, golden: Path, image: int, timeout: float = 60.0) -> NDArray[np.int32]:
    """Return every membrane potential and spike of one image as rows {layer, kind, pixel, channel, value}.

    kind is 0 for a membrane potential, 1 for a spike.

    Raises:
        FlowError: the simulation crashed or hung.
    """
    with tempfile.TemporaryDirectory(prefix="csim-") as folder:
        output = Path(folder) / "trace.bin"
        call = [str(program.resolve()), "--golden", str(golden), "--first", str(image), "--count", "1"]
        _run([[*call, "--trace", str(output)]], lambda done: None, timeout)
        return np.fromfile(output, "<i4").reshape(-1, 5)


def _run(calls: list[list[str]], progress: Callable[[int], None], timeout: float) -> None:
    """Run the calls side by side.

    Raises:
        FlowError: one crashed or hung.
    """
    done = [0] * len(calls)

    def hear(index: int, line: str) -> None:
        if line.startswith("progress "):
            done[index] = int(line.split()[1])

    with processes(calls) as running:
        statuses = watch(running, hear, lambda: progress(sum(done)), timeout)
        for process, status in zip(running, statuses, strict=True):
            if status not in (0, 1):  # 1: a score differs, which the caller sees for itself
                message = last_words(process) or "no message"
                raise FlowError(f"the simulation ended with status {status}: {message}")
