"""Run the simulator over all images, spread over the cores and over kinds of traffic."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import FlowError
from hls_project.programs.processes import last_words, processes, watch

_EXACT, _WRONG, _STALL, _STOPPED = 0, 1, 3, 4
_FIFO = re.compile(r"dtscnn fifo (\S+) depth (\d+) fill (\d+) highest (\d+) room (\d) valid (\d) ready (\d)")
_WORK = re.compile(r"dtscnn work (\S+) busy (\d+)")


@dataclass(frozen=True)
class Traffic:
    """How willing both sides are, in percent of the cycles; 100 and 100 is full speed."""

    seed: int
    input_rate: int = 100
    output_rate: int = 100


@dataclass(frozen=True)
class FifoFill:
    """A FIFO: depth and highest fill, in beats; fill and handshake signals when the run ended."""

    name: str
    depth: int
    highest: int
    fill: int
    room: bool
    valid: bool
    ready: bool


@dataclass(frozen=True)
class RtlSimulation:
    """What the hardware answered.

    scores: (N, classes) int32, labels: (N,) int32. first_in, last_out: (N,) uint64, the cycle of each image's first word
    in and last word out, in its own run. fifos: highest fills over all runs. busy: cycles that each layer worked, over
    all runs. clocks: cycles of all runs. right: whether each run saw every word and packet end as it should be.
    """

    scores: NDArray[np.int32]
    labels: NDArray[np.int32]
    first_in: NDArray[np.uint64]
    last_out: NDArray[np.uint64]
    fifos: tuple[FifoFill, ...]
    busy: dict[str, int]
    clocks: int
    right: bool
    seconds: float
    runs: int


@dataclass(frozen=True)
class Bench:
    """A built simulator and what its runs share.

    program: the simulator. folder: its working directory, where the memory files are. vectors: golden vectors.
    stall: cycles without a word in or out after which a run ends. timeout: seconds without a line of output.
    """

    program: Path
    folder: Path
    vectors: Path
    classes: int
    build_id: str
    stall: int
    timeout: float = 120.0

    def call(self, first: int, count: int, traffic: Traffic) -> list[str]:
        """Return the command line of a run over `count` images from `first` on."""
        return [
            *(
                str(self.program.resolve()),
                "--vectors",
                str(self.vectors.resolve()),
                "--build-id",
                self.build_id,
            ),
            *("--first", str(first), "--count", str(count), "--stall", str(self.stall)),
            *("--seed", str(traffic.seed), "--input-rate", str(traffic.input_rate)),
            *("--output-rate", str(traffic.output_rate)),
        ]


def simulate(
    bench: Bench,
    images: int,
    traffic: list[Traffic],
    progress: Callable[[int], None] = lambda done: None,
) -> RtlSimulation:
    """Simulate the first `images` images, cut into as many runs as there are kinds of traffic.

    Raises:
        FlowError: a run stalled, with a table of every FIFO and handshake; overflowed, crashed or hung. A wrong score is
            no error here.
    """
    traffic = traffic[: max(1, min(len(traffic), images))]
    bounds = np.linspace(0, images, len(traffic) + 1).astype(int)
    started = time.perf_counter()
    lines: list[list[str]] = [[] for _ in traffic]
    done = [0] * len(traffic)
    with tempfile.TemporaryDirectory(prefix="cosim-") as temporary:
        parts = [Path(temporary) / f"run-{run}" for run in range(len(traffic))]
        calls = []
        for part, first, last, kind in zip(parts, bounds[:-1], bounds[1:], traffic, strict=True):
            files = ["--results", f"{part}.results", "--cycles", f"{part}.cycles"]
            calls.append([*bench.call(int(first), int(last - first), kind), *files])

        def hear(run: int, line: str) -> None:
            if line.startswith("progress "):
                done[run] = int(line.split()[1])
            else:
                lines[run].append(line)

        statuses = []
        for batch in _batches(calls):
            with processes([calls[run] for run in batch], bench.folder) as running:
                ended = watch(
                    running,
                    lambda index, line, batch=batch: hear(batch[index], line),  # type: ignore[misc]
                    lambda: progress(sum(done)),
                    bench.timeout,
                )
                for process, run, status in zip(running, batch, ended, strict=True):
                    _check(status, lines[run], last_words(process), traffic[run])
                statuses += ended
        results = [_read(f"{part}.results", "<i4") for part in parts]
        cycles = [_read(f"{part}.cycles", "<u8") for part in parts]
    answers, times = np.concatenate(results), np.concatenate(cycles).reshape(-1, 2)
    if answers.size != images * (bench.classes + 1) or len(times) != images:
        raise FlowError(f"the simulation wrote {answers.size} results, not {images} x {bench.classes + 1}")
    table = answers.reshape(images, bench.classes + 1)
    printed = [line for run in lines for line in run]
    return RtlSimulation(
        scores=table[:, :-1],
        labels=table[:, -1],
        first_in=times[:, 0],
        last_out=times[:, 1],
        fifos=fifo_fills(printed),
        busy=_busy(printed),
        clocks=sum(int(line.split()[-1]) for line in printed if line.startswith("exact ")),
        right=all(status == _EXACT for status in statuses),
        seconds=time.perf_counter() - started,
        runs=len(traffic),
    )


def traced(bench: Bench, image: int) -> list[str]:
    """Return what the hardware prints of every membrane potential and spike of one image.

    Raises:
        FlowError: it stalled, crashed or hung.
    """
    lines: list[str] = []
    traffic = Traffic(1)
    with processes([[*bench.call(image, 1, traffic), "+trace"]], bench.folder) as running:
        statuses = watch(running, lambda index, line: lines.append(line), lambda: None, bench.timeout)
        _check(statuses[0], lines, last_words(running[0]), traffic)
    return lines


def write_waves(bench: Bench, path: Path, images: int, period_ps: int = 10) -> None:
    """Write the waveforms of the first `images` images to `path`, or their switching activity: what the program was built for.

    period_ps: picoseconds of a clock cycle in the file.

    Raises:
        FlowError: as `traced`.
    """
    lines: list[str] = []
    traffic = Traffic(1)
    call = [*bench.call(0, images, traffic), "--waves", str(path.resolve()), "--period", str(period_ps)]
    with processes([call], bench.folder) as running:
        statuses = watch(running, lambda index, line: lines.append(line), lambda: None, bench.timeout)
        _check(statuses[0], lines, last_words(running[0]), traffic)


def fifo_fills(lines: list[str]) -> tuple[FifoFill, ...]:
    """Return the FIFOs that the hardware printed, each with the highest fill of all runs."""
    found: dict[str, FifoFill] = {}
    for match in filter(None, map(_FIFO.match, lines)):
        name = _layer(match[1])
        depth, fill, highest = int(match[2]), int(match[3]), int(match[4])
        if name in found:
            highest = max(highest, found[name].highest)
        found[name] = FifoFill(name, depth, highest, fill, match[5] == "1", match[6] == "1", match[7] == "1")
    return tuple(found.values())


def _busy(lines: list[str]) -> dict[str, int]:
    busy: dict[str, int] = {}
    for match in filter(None, map(_WORK.match, lines)):
        busy[_layer(match[1])] = busy.get(_layer(match[1]), 0) + int(match[2])
    return busy


def _layer(path: str) -> str:
    """Return the layer's instance in a hierarchical name: the one that holds the printing module."""
    return path.split(".")[-2] if "." in path else path


def _batches(calls: list[list[str]]) -> list[list[int]]:
    """Return the runs, as many at a time as there are cores."""
    jobs = len(os.sched_getaffinity(0))
    return [list(range(start, min(start + jobs, len(calls)))) for start in range(0, len(calls), jobs)]


def _read(path: str, kind: str) -> NDArray[np.integer]:
    return np.fromfile(path, kind) if Path(path).exists() else np.empty(0, kind)


def _check(status: int, lines: list[str], errors: str, traffic: Traffic) -> None:
    """Raise the error that a run's exit status stands for."""
    if status in (_EXACT, _WRONG):
        return
    how = f"seed {traffic.seed}, input rate {traffic.input_rate} %, output rate {traffic.output_rate} %"
    if overflow := next((line for line in lines if line.startswith("dtscnn overflow ")), None):
        _, _, path, _, depth = overflow.split()
        raise FlowError(f"the FIFO of layer {_layer(path)!r} overflowed: {depth} beats are too few ({how})")
    if status == _STALL:
        where = next((line for line in lines if line.startswith("stall ")), "")
        raise FlowError(f"the hardware stalled ({how})", log_tail="\n".join([where, *stall_table(lines)]))
    raise FlowError(f"the simulation ended with status {status}: {errors or 'no message'} ({how})")


def stall_table(lines: list[str]) -> list[str]:
    """Return a table of every FIFO and handshake of a run that stalled."""
    rows = [f"{'FIFO':<16}{'depth':>6}{'fill':>6}{'highest':>9}{'room':>6}{'valid':>7}{'ready':>7}"]
    for fifo in fifo_fills(lines):
        rows.append(
            f"{fifo.name:<16}{fifo.depth:>6}{fifo.fill:>6}{fifo.highest:>9}{fifo.room:>6}{fifo.valid:>7}{fifo.ready:>7}"
        )
    for match in (re.match(r"dtscnn (window|dense|result) (\S+) (.*)", line) for line in lines):
        if match:
            rows.append(f"{_layer(match[2])} {match[1]}: {match[3]}")
    return rows
