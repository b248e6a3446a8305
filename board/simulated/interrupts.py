"""Interrupts of the simulated board: registers of an AXI interrupt controller (product guide PG099), and what stands for Linux."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from pynq.interrupt import _InterruptController

PENDING, ENABLED_PENDING, ENABLE, ACKNOWLEDGE, SET_ENABLE, CLEAR_ENABLE, MASTER = (
    0x00,
    0x04,
    0x08,
    0x0C,
    0x10,
    0x14,
    0x1C,
)
INTERVAL = 1e-3
"""Seconds between two looks at a controller whose interrupt is awaited."""


class InterruptController:
    """The controller's registers. levels: its inputs, lowest bit first, which stay as long as their cause does."""

    def __init__(self, levels: Callable[[], list[bool]]):
        self._levels = levels
        self._latched = 0
        self._enabled = 0
        self._master = 0

    @property
    def irq(self) -> bool:
        """Level of the output to the processor."""
        return bool(self._master & 1 and self._pending() & self._enabled)

    def read(self, offset: int) -> int:
        """Return a register."""
        return {
            PENDING: self._pending(),
            ENABLED_PENDING: self._pending() & self._enabled,
            ENABLE: self._enabled,
            MASTER: self._master,
        }.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Set a register."""
        if offset == ACKNOWLEDGE:
            self._latched &= ~value
        elif offset == ENABLE:
            self._enabled = value
        elif offset == SET_ENABLE:
            self._enabled |= value
        elif offset == CLEAR_ENABLE:
            self._enabled &= ~value
        elif offset == MASTER:
            self._master = value & 3

    def _pending(self) -> int:
        self._latched |= sum(level << index for index, level in enumerate(self._levels()))
        return self._latched


class UserInterrupt:
    """Takes the place of `pynq.uio.UioController`: its events are set when the controller interrupts the processor.

    look: lets time go by, and says whether the processor is interrupted.
    """

    def __init__(self, look: Callable[[], bool]):
        self._look = look
        self._events: list[Any] = []

    def add_event(self, event: Any, number: int) -> None:
        """Set `event` at the next interrupt."""
        self._events.append(event)
        if len(self._events) == 1:
            asyncio.get_running_loop().call_soon(self._poll)

    def _poll(self) -> None:
        if self._look():
            events, self._events = self._events, []
            for event in events:
                event.set()
        elif self._events:
            asyncio.get_running_loop().call_later(INTERVAL, self._poll)

    def attach(self, lines: Sequence[int]) -> None:
        """Let pynq find this for the processor's interrupt lines, where it would look for a device of Linux."""
        for line in lines:
            _InterruptController._uio_devices[line] = self

    def detach(self) -> None:
        """Undo `attach`."""
        devices = _InterruptController._uio_devices
        for line in [line for line, found in devices.items() if found is self]:
            del devices[line]
