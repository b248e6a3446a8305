"""Frames in, results out through an AXI DMA in direct mode; every wait has an end, and a failure leaves all idle."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, Optional

import numpy as np

from .errors import BuildMismatchError, StalledError, TransferError
from .manifest import Manifest
from .registers import REGISTERS, SOFT_RESET, Registers

MM2S, S2MM = 0x00, 0x30
"""Offsets of the sending and the receiving channel (AXI DMA product guide PG021)."""

CONTROL, STATUS, ADDRESS, ADDRESS_HIGH, LENGTH = 0x00, 0x04, 0x18, 0x1C, 0x28
RUN, RESET = 0x1, 0x4
HALTED, IDLE, ERRORS = 0x1, 0x2, 0x70
ERROR_NAMES = {
    0x10: "internal error: the packet is longer than the buffer, or the length 0",
    0x20: "slave error: the memory refused an access",
    0x40: "decode error: no memory at this address",
}
_BUILD_LOW, _BUILD_HIGH = REGISTERS["BUILD_ID_LOW"], REGISTERS["BUILD_ID_HIGH"]
SPIN = 200
"""Looks at the status before the wait gives way to other threads."""

YIELD = 20e-6
"""Seconds between two looks after that."""

SEND_EVERY = 8
"""Looks at the receiving channel for each one at the sending one, which only has errors to tell."""


class Usage(NamedTuple):
    """What the hardware had counted at one moment: frames taken and results delivered."""

    frames_in: int
    frames_out: int


class Transfers:
    """Moves batches of frames. Not safe from two threads: its owner holds a lock.

    dma: a `pynq.lib.dma.DMA` without scatter-gather. registers: the shell's. timeout: seconds of a wait. moved: what has
    been moved so far, of hardware whose time is not the clock's: a wait begins anew as long as it changes.
    """

    def __init__(
        self,
        dma: Any,
        registers: Registers,
        manifest: Manifest,
        timeout: float,
        moved: Optional[Callable[[], Any]] = None,
    ):
        self._read, self._write = direct(dma.mmio)
        self._read_shell = direct(registers.mmio)[0]
        self._dma = dma
        self._build_high, self._build_low = divmod(manifest.build_id, 1 << 32)
        self._wide = _address_bits(dma) > 32
        self._registers = registers
        self._manifest = manifest
        self.timeout = timeout
        self._bytes_moved = moved
        self.longest = int(dma.buffer_max_size)
        self._frames = 0
        self._started = 0.0
        self._before = self._usage()

    @property
    def under_way(self) -> bool:
        """Whether the DMA may still read or write what `start` gave it."""
        return self._frames > 0

    def start(self, frames: np.ndarray, results: np.ndarray) -> None:
        """Begin to send `frames` and to receive `results`, PYNQ buffers of equally many rows.

        Raises:
            BuildMismatchError: another bitstream was loaded meanwhile. StalledError: the DMA does not start.
        """
        self.check_build()
        frames.flush()  # type: ignore[attr-defined]
        if self._read(S2MM + STATUS) & HALTED or self._read(MM2S + STATUS) & HALTED:
            self.reset()
        self._frames = len(frames)
        self._started = time.perf_counter()
        self._begin(S2MM, results)
        self._begin(MM2S, frames)

    def wait(self, results: np.ndarray) -> float:
        """Wait for what `start` began; return its seconds.

        Raises:
            StalledError: it did not end in time. TransferError: the DMA failed, or received too little. Either way the
                hardware was reset.
        """
        self._wait()
        seconds = time.perf_counter() - self._started
        received = self._read(S2MM + LENGTH)
        if received != results.nbytes:
            message = f"the DMA received {received:,} of {results.nbytes:,} bytes: the packet ended too early"
            self._fail(TransferError(f"{message}; {self._state()}"))
        results.invalidate()  # type: ignore[attr-defined]
        return seconds

    def reset(self) -> None:
        """Reset DMA and shell; what was under way is lost.

        Raises:
            StalledError: the DMA does not come back; load the bitstream again.
        """
        read, write = self._read, self._write
        write(MM2S + CONTROL, RESET)  # resets both channels
        self._until(lambda: not read(MM2S + CONTROL) & RESET, "leave its reset")
        self._registers.write("CONTROL", SOFT_RESET)
        self._until(lambda: not self._registers.read("CONTROL") & SOFT_RESET, "leave its reset", "the shell")
        for channel in (MM2S, S2MM):
            write(channel + CONTROL, RUN)
            self._until(lambda channel=channel: not read(channel + STATUS) & HALTED, "start")
        # PYNQ's own channels then know that the next transfer is a first one.
        self._dma.sendchannel.start()
        self._dma.recvchannel.start()
        self._frames = 0
        self._before = self._usage()

    def _begin(self, channel: int, buffer: np.ndarray) -> None:
        address = buffer.physical_address  # type: ignore[attr-defined]
        self._write(channel + ADDRESS, address & 0xFFFFFFFF)
        if self._wide:
            self._write(channel + ADDRESS_HIGH, address >> 32)
        self._write(channel + LENGTH, buffer.nbytes)

    def _wait(self) -> None:
        """Wait until the receiving channel is done: results come after frames, so the sending one is done then too."""
        read = self._read
        limit, looks = time.perf_counter() + self.timeout, 0
        before = self._bytes_moved() if self._bytes_moved else None
        while True:
            status = read(S2MM + STATUS)
            if status & (HALTED | IDLE | ERRORS):
                return self._check(status)
            looks += 1
            if looks % SEND_EVERY == 0:
                self._check(read(MM2S + STATUS))
            if time.perf_counter() > limit:
                self._check(read(MM2S + STATUS))
                now = self._bytes_moved() if self._bytes_moved else None
                if now == before:
                    self._fail(
                        StalledError(
                            f"no end after {self.timeout:g} s: {self._likely_cause()}; {self._state()}"
                        )
                    )
                limit, before = time.perf_counter() + self.timeout, now
            if looks > SPIN:
                time.sleep(YIELD)

    def _check(self, status: int) -> None:
        if status & ERRORS:
            named = ", ".join(name for bit, name in ERROR_NAMES.items() if status & bit)
            self._fail(TransferError(f"DMA {named}; {self._state()}"))
        if status & HALTED:
            self._fail(TransferError(f"the DMA stopped during the transfer: was it reset?; {self._state()}"))

    def _until(self, condition: Any, what: str, who: str = "the DMA") -> None:
        limit = time.perf_counter() + min(self.timeout, 1.0)
        while not condition():
            if time.perf_counter() > limit:
                raise StalledError(f"{who} does not {what}; load the bitstream again")

    def _usage(self) -> Usage:
        return Usage(self._registers.read("FRAMES_IN"), self._registers.read("FRAMES_OUT"))

    def _moved(self) -> Usage:
        """Frames taken and results delivered since the last reset or failure, as 32-bit counters have them."""
        now, before = self._usage(), self._before
        return Usage(
            (now.frames_in - before.frames_in) & 0xFFFFFFFF, (now.frames_out - before.frames_out) & 0xFFFFFFFF
        )

    def check_build(self) -> None:
        """Compare the build ID of the hardware with the manifest's: another program may have loaded its bitstream.

        Raises:
            BuildMismatchError: it is another one; nothing of it was touched.
        """
        read = self._read_shell
        if read(_BUILD_LOW) != self._build_low or read(_BUILD_HIGH) != self._build_high:
            found = read(_BUILD_HIGH) << 32 | read(_BUILD_LOW)
            raise BuildMismatchError(
                f"another bitstream was loaded since this overlay was opened: the hardware has build ID {found:016x}, "
                f"{self._manifest.path.name} is of {self._manifest.build_id:016x}; open the overlay again"
            )

    def done(self) -> None:
        """Note that the batch is over: the next one is counted from here.

        Raises:
            BuildMismatchError: it was computed by another bitstream, or may have been.
        """
        self._before = Usage(
            (self._before.frames_in + self._frames) & 0xFFFFFFFF,
            (self._before.frames_out + self._frames) & 0xFFFFFFFF,
        )
        self._frames = 0
        self.check_build()

    def _likely_cause(self) -> str:
        moved = self._moved()
        if moved.frames_out >= self._frames:
            return "all results left the core, but the DMA saw no end of the packet: TLAST is missing"
        if moved.frames_in == 0:
            return "no whole frame reached the core: the stream into it is stalled, or another bitstream is loaded"
        if moved.frames_in < self._frames:
            return "the stream stalled in mid-packet, or core and DMA were reset in mid-frame"
        return (
            "all frames reached the core, but it does not deliver results: it was reset, or its clock stopped"
        )

    def _state(self) -> str:
        moved, stride = self._moved(), self._manifest.frame_stride
        total_in, total_out = self._frames * stride, self._frames * 4 * self._manifest.result_words
        return (
            f"DMA status: send 0x{self._read(MM2S + STATUS):08x}, receive 0x{self._read(S2MM + STATUS):08x}; "
            f"whole frames sent: {moved.frames_in * stride:,} of {total_in:,} bytes; "
            f"whole results received: {moved.frames_out * 4 * self._manifest.result_words:,} of {total_out:,} bytes"
        )

    def _fail(self, error: Exception) -> None:
        self.reset()
        raise error


def direct(mmio: Any) -> tuple[Callable[[int], int], Callable[[int, int], None]]:
    """Return what reads and writes the word at an offset: the same access as `pynq.MMIO` makes, without its checks.

    Those cost several times what the access does. Where registers are not mapped into memory, these are its methods.
    """
    words = getattr(mmio, "array", None)
    if not isinstance(words, np.ndarray):
        return mmio.read, mmio.write

    def read(offset: int) -> int:
        return int(words[offset >> 2])

    def write(offset: int, value: int) -> None:
        words[offset >> 2] = value

    return read, write


def _address_bits(dma: Any) -> int:
    """Return the width of the DMA's addresses; a DMA of 32 bits has no registers for more."""
    parameters = getattr(dma, "description", {}).get("parameters", {})
    return int(parameters.get("c_addr_width", 64))
