"""Classification on the board: images in, exact scores out."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Optional

import numpy as np

from .buffers import Single, pair
from .clock import Clock
from .errors import BoardError, BuildMismatchError, FrameError
from .images import as_frame, as_frames, warn_of_polarity
from .labels import class_numbers
from .manifest import Manifest
from .power import Recorder, Sensor
from .registers import Registers
from .results import Classification, Evaluation, Predictions, Throughput
from .transfer import Transfers

BAD_LABEL = 0xFFFFFFFF
BATCH = 256
"""Frames of one transfer at most: long enough to hide what a transfer costs, short enough to overlap copying."""


class _AtWork:
    """Holds the board for a `with` block."""

    __slots__ = ("_owner",)

    def __init__(self, owner: Classifier):
        self._owner = owner

    def __enter__(self) -> None:
        self._owner._lock.acquire()
        if self._owner._closed:
            self._owner._lock.release()
            self._owner._check_open()

    def __exit__(self, kind: Any, *unused: Any) -> None:
        try:
            if kind is not None and self._owner._transfers.under_way:
                self._owner._transfers.reset()
        finally:
            self._owner._lock.release()


class Classifier:
    """The loaded network. Safe from several threads; `close` gives its buffers back.

    dma: a `pynq.lib.dma.DMA`. mmio: of the shell's registers. allocate: `allocate(shape, dtype)` of PYNQ buffers.
    timeout: seconds after which a transfer counts as stalled. settle: sets the clock, given the registers; without it, the
    clock counts as the manifest's. moved: see `Transfers`. sensors: of the board's power rails.

    Raises:
        BuildMismatchError: the loaded bitstream is not the manifest's. BoardError: `settle` refuses the clock.
    """

    def __init__(
        self,
        dma: Any,
        mmio: Any,
        manifest: Manifest,
        allocate: Callable[..., Any],
        timeout: float = 5.0,
        settle: Optional[Callable[[Registers], Clock]] = None,
        moved: Optional[Callable[[], Any]] = None,
        sensors: Callable[[], Mapping[str, Sensor]] = dict,
    ):
        self.manifest = manifest
        self.registers = Registers(mmio)
        self._lock = threading.Lock()
        self._allocate = allocate
        self._sensors = sensors
        self._pairs: list[tuple[Any, Any]] = []
        self._one: Optional[Single] = None
        self._classes = len(manifest.classes)
        self._closed = False
        self._check_build()
        self.clock = settle(self.registers) if settle else Clock(manifest.clock_mhz, None, None)
        self._transfers = Transfers(dma, self.registers, manifest, timeout, moved)
        words = max(manifest.frame_stride, 4 * manifest.result_words)
        self._batch = min(BATCH, self._transfers.longest // words)
        self._transfers.reset()  # a notebook that died in mid-frame leaves nothing behind
        self._one = Single.of(*pair(allocate, manifest, 1), manifest.frame_bytes)

    @property
    def timeout(self) -> float:
        """Seconds after which a transfer counts as stalled."""
        return self._transfers.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        if not seconds > 0:
            raise BoardError(f"a timeout is a positive number of seconds, not {seconds!r}")
        self._transfers.timeout = seconds

    def classify(self, image: Any, resize: bool = False, prepare: Optional[str] = None) -> Classification:
        """Classify one image: a path, a PIL image or a uint8 array (H, W) or (H, W, C).

        resize: cut the middle out in the network's proportions and scale it, as training does with pictures of other sizes.
        prepare: "digit" for a drawing of any size, dark on light or light on dark: it is inverted where the data set wants
        that, cropped to its ink, scaled and centred as the data set's are.

        Raises:
            BoardError: the image does not fit, or the hardware failed; the next call works again.
        """
        begun = time.perf_counter()
        frame = as_frame(image, self.manifest.shape, resize, prepare, self.manifest.drawing)
        with self._at_work():
            words = self._one_frame(frame)[0]
        label = int(words[-1])
        scores = words[:-1].view(np.int32)
        return Classification(label, self.manifest.classes[label], scores, time.perf_counter() - begun)

    def predict(
        self, images: Any, progress: Callable[[int, int], None] = lambda done, total: None
    ) -> Predictions:
        """Classify images, uint8 (N, H, W, C) or a list of what `classify` takes, of any N; return copies that later calls leave alone.

        `progress(done, total)` is called after each batch.

        Raises:
            BoardError: the images do not fit, or the hardware failed; the next call works again.
        """
        frames = as_frames(images, self.manifest.shape)
        warn_of_polarity(frames, self.manifest.drawing)
        words = np.empty((len(frames), self.manifest.result_words), np.uint32)
        with self._at_work():
            for done in self._stream(frames.reshape(len(frames), self.manifest.frame_bytes), words):
                progress(done, len(frames))
            self._check_labels(words[:, -1])
        return Predictions(words[:, -1].astype(np.int64), words[:, :-1].astype(np.int32))

    def evaluate(self, images: Any, labels: Any) -> Evaluation:
        """Count the right labels. labels: (N,), numbers from 0 up or names of the classes.

        Raises:
            BoardError: as of `predict`, or a label is no class.
        """
        labels = np.asarray(labels)
        if labels.shape != (len(images),) or not len(labels):
            raise BoardError(f"one label an image: {len(images)} images, labels of shape {labels.shape}")
        numbers = class_numbers(labels, self.manifest.classes)
        return Evaluation(int(np.count_nonzero(self.predict(images).labels == numbers)), len(labels))

    def verify(self) -> int:
        """Compare every score of the overlay's golden vectors, bit for bit; return how many images were compared.

        Raises:
            BoardError: a score differs; the first one is named.
        """
        golden = self.manifest.golden_vectors()
        found = self.predict(golden.images)
        differing = np.argwhere(found.scores != golden.scores)
        if len(differing):
            image, score = (int(index) for index in differing[0])
            raise BoardError(
                f"{len(np.unique(differing[:, 0]))} of {len(golden.images)} golden images differ; the first is image {image}: "
                f"score {score} ({self.manifest.classes[score]}) is {found.scores[image, score]}, not {golden.scores[image, score]}"
            )
        wrong = np.flatnonzero(found.labels != golden.scores.argmax(axis=1))
        if len(wrong):
            raise BoardError(f"golden image {int(wrong[0])}: the label is not the first highest score")
        return len(golden.images)

    def throughput_test(self, images: int = 1000, single: int = 200) -> Throughput:
        """Measure speed on the golden images, repeated: `single` calls of one image, then `images` in batches."""
        if images < 1 or single < 1:
            raise BoardError(f"at least one image: {images}, {single}")
        golden = self.manifest.golden_vectors().images
        latencies, transfers = np.empty(single), np.empty(single)
        for index in range(single):
            frame, begun = golden[index % len(golden)], time.perf_counter()
            with self._at_work():
                transfers[index] = self._one_frame(frame)[1]
            latencies[index] = time.perf_counter() - begun
        cycles = self.registers.read("LATENCY")
        many, rounds = golden[np.arange(images) % len(golden)], 0
        with Recorder(self._sensors()) as recorder:
            begun = time.perf_counter()
            while rounds == 0 or recorder.wants_more:
                self.predict(many)
                rounds += 1
            rate = rounds * images / (time.perf_counter() - begun)
        p50, p99 = np.percentile(latencies, (50, 99)).tolist()
        batch, mhz, rails = min(self._batch, images), self.clock.mhz, recorder.power(rate)
        compute = cycles / (mhz * 1e6)
        return Throughput(p50, p99, rate, batch, float(transfers.mean()), cycles, compute, mhz, rails)

    @property
    def info(self) -> dict[str, Any]:
        """Manifest, and what the hardware counted since it was loaded."""
        counters = ("FRAMES_IN", "FRAMES_OUT", "BAD_FRAMES", "LATENCY", "BUSY_CYCLES", "ERRORS")
        with self._lock:
            self._check_open()
            return {
                **self.manifest.as_dict(),
                "clock_mhz_registers": self.clock.registers,
                "clock_mhz_measured": self.clock.measured,
                **{name.lower(): self.registers.read(name) for name in counters},
                "cycles": self.registers.cycles(),
            }

    def close(self) -> None:
        """Give the buffers back. Calls after this one are refused; closing twice is fine."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            pairs = [*self._pairs, *([self._one[:2]] if self._one else [])]
            self._pairs, self._one = [], None
            for buffers in pairs:
                for buffer in buffers:
                    buffer.freebuffer()

    def _at_work(self) -> _AtWork:
        """Hold the board; whatever ends the block, the DMA then touches no buffer any more."""
        return _AtWork(self)

    def _one_frame(self, frame: np.ndarray) -> tuple[np.ndarray, float]:
        """Return a copy of the result's words (classes + 1,) uint32, and the seconds of the transfer."""
        one = self._one
        assert one is not None  # there from the constructor to `close`
        one.sent[:] = frame.reshape(-1)
        self._transfers.start(one.frames, one.results)
        seconds = self._transfers.wait(one.results)
        self._transfers.done()
        words = one.received.copy()  # the buffer may be uncached: every word is read once
        if words[-1] >= self._classes:
            self._check_labels(words[-1:])
        return words, seconds

    def _stream(self, frames: np.ndarray, words: np.ndarray) -> Iterator[int]:
        """Send all frames by batches; while one is under way, the next is copied. Yields the frames done."""
        total, size = len(frames), self.manifest.frame_bytes
        while len(self._pairs) < (1 if total <= self._batch else 2) or len(self._pairs[0][0]) < min(
            total, self._batch
        ):
            self._grow(min(total, self._batch))
        under_way: Optional[tuple[int, Any]] = None
        for index, first in enumerate(range(0, total, self._batch)):
            count = min(self._batch, total - first)
            sent, received = (buffer[:count] for buffer in self._pairs[index % len(self._pairs)])
            sent[:, :size] = frames[first : first + count]
            if under_way is not None:
                self._transfers.wait(under_way[1])
                self._transfers.done()
            self._transfers.start(sent, received)
            if under_way is not None:
                begin, results = under_way
                words[begin : begin + len(results)] = results
                yield begin + len(results)
            under_way = first, received
        if under_way is not None:
            begin, results = under_way
            self._transfers.wait(results)
            self._transfers.done()
            words[begin : begin + len(results)] = results
            yield total

    def _grow(self, rows: int) -> None:
        """Add a pair of buffers, or replace those that are too small: by powers of two, so that this is rare."""
        capacity = min(self._batch, 1 << max(rows - 1, 0).bit_length())
        if self._pairs and len(self._pairs[0][0]) < rows:
            old, self._pairs = self._pairs, []
            for buffers in old:
                for buffer in buffers:
                    buffer.freebuffer()
        else:
            self._pairs.append(pair(self._allocate, self.manifest, capacity))

    def _check_open(self) -> None:
        if self._closed:
            raise BoardError("the overlay was closed; load it again")

    def _check_labels(self, labels: np.ndarray) -> None:
        classes = self._classes
        wrong = np.flatnonzero(labels >= classes)
        if not len(wrong):
            return
        self._transfers.reset()
        if (labels[wrong] == BAD_LABEL).any():
            image = int(wrong[labels[wrong] == BAD_LABEL][0])
            raise FrameError(
                f"the hardware flagged image {image} as a bad frame: bytes of it were lost, or it was reset in mid-frame"
            )
        raise BuildMismatchError(f"the hardware gave label {labels[wrong[0]]} of {classes} classes")

    def _check_build(self) -> None:
        loaded = self.registers.build_id()
        if loaded != self.manifest.build_id:
            raise BuildMismatchError(
                f"the loaded bitstream has build ID {loaded:016x}, the manifest {self.manifest.path.name} is of "
                f"{self.manifest.build_id:016x}; copy .bit, .hwh, .json and .npz of one build together"
            )
        frame, words = self.registers.read("FRAME_BYTES"), self.registers.read("RESULT_WORDS")
        if (frame, words) != (self.manifest.frame_bytes, self.manifest.result_words):
            raise BuildMismatchError(
                f"the hardware takes {frame} bytes and gives {words} words, the manifest says {self.manifest.frame_bytes} and "
                f"{self.manifest.result_words}"
            )
