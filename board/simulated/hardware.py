"""The simulated programmable logic: a shared library, built from shell and core, and what can go wrong with it."""

from __future__ import annotations

import ctypes
import enum
from pathlib import Path

from ..errors import BoardError


class Fault(enum.IntEnum):
    """Faults of the simulated board; each is injected once, into the next transfer, unless said otherwise.

    STALLED: the stream into the core stops in mid-packet. NO_TLAST: the packet of results has no end. SHORT: it ends too
    early. RESET: core and shell are reset in mid-frame. SLAVE_ERROR, DECODE_ERROR: the DMA reports it. WRONG_BUILD_ID:
    another bitstream is loaded, until the fault is cleared.
    """

    STALLED = 1
    NO_TLAST = 2
    SHORT = 3
    RESET = 4
    SLAVE_ERROR = 5
    DECODE_ERROR = 6
    WRONG_BUILD_ID = 7


STREAM_FAULTS = (Fault.STALLED, Fault.NO_TLAST, Fault.SHORT, Fault.RESET)
"""Faults that the library itself makes."""


class Transfer(ctypes.Structure):
    """State of both DMA channels: `dtscnn_transfer` in `dtscnn_board.cpp`."""

    _fields_ = [
        ("source", ctypes.c_void_p),
        ("source_bytes", ctypes.c_uint64),
        ("sent", ctypes.c_uint64),
        ("target", ctypes.c_void_p),
        ("target_bytes", ctypes.c_uint64),
        ("received", ctypes.c_uint64),
        ("source_done", ctypes.c_uint32),
        ("target_done", ctypes.c_uint32),
        ("overflow", ctypes.c_uint32),
        ("fault", ctypes.c_uint32),
        ("fault_word", ctypes.c_uint64),
    ]


class Hardware:
    """The Verilated shell and core."""

    def __init__(self, library: Path, seed: int = 1):
        try:
            self._library = ctypes.CDLL(str(library.resolve()))
        except OSError as error:
            raise BoardError(f"{library}: the simulated hardware cannot be loaded: {error}") from error
        self._library.dtscnn_open.restype = ctypes.c_void_p
        self._library.dtscnn_run.restype = ctypes.c_uint64
        folder = str(library.resolve().parent).encode()
        self._handle = ctypes.c_void_p(
            self._library.dtscnn_open(ctypes.c_char_p(folder), ctypes.c_uint32(seed))
        )
        if not self._handle:
            raise BoardError(f"{library.parent}: the simulated hardware cannot read its memories there")
        self._run = self._library.dtscnn_run
        self._value = ctypes.c_uint32()

    def read(self, address: int) -> int:
        """Return a register of the shell."""
        if self._library.dtscnn_read(self._handle, ctypes.c_uint32(address), ctypes.byref(self._value)):
            raise BoardError(f"the shell does not answer a read of 0x{address:02x}")
        return self._value.value

    def write(self, address: int, value: int) -> None:
        """Set a register of the shell."""
        if self._library.dtscnn_write(self._handle, ctypes.c_uint32(address), ctypes.c_uint32(value)):
            raise BoardError(f"the shell does not answer a write to 0x{address:02x}")

    def run(self, transfer: Transfer, cycles: int) -> int:
        """Let at most `cycles` clock cycles go by, until a channel is done; return how many did."""
        return int(self._run(self._handle, ctypes.byref(transfer), ctypes.c_uint64(cycles)))

    def reset(self) -> None:
        """Reset the programmable logic, as loading a bitstream does."""
        self._library.dtscnn_reset(self._handle)

    def withdraw(self) -> None:
        """Take back what the DMA's streams offer."""
        self._library.dtscnn_withdraw(self._handle)

    def close(self) -> None:
        """Free the simulation."""
        if self._handle:
            self._library.dtscnn_close(self._handle)
            self._handle = ctypes.c_void_p()
