"""Contiguous memory of the simulated board: what the processor sees and what the DMA sees differ until they are synchronized."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from pynq.buffer import PynqBuffer

BASE = 0x10000000
PAGE = 4096


class Region(NamedTuple):
    """One allocation. host, memory: (bytes,) uint8 as the processor's cache and as the DMA has them."""

    host: np.ndarray
    memory: np.ndarray


class SimulatedBuffer(PynqBuffer):
    """A PYNQ buffer that gives its region back once, by `freebuffer` or when nothing refers to it any more."""

    def freebuffer(self) -> None:
        """Give the region back; views of a buffer own nothing."""
        give_back = self.__dict__.pop("give_back", None)
        if give_back is not None:
            give_back()


class ContiguousMemory:
    """`size` bytes, allocated by pages, as a board's CMA is."""

    def __init__(self, device: Any, size: int):
        self._device = device
        self._size = size
        self._regions: dict[int, Region] = {}
        self._next = BASE

    @property
    def allocated_bytes(self) -> int:
        """Bytes that are not given back yet."""
        return sum(len(region.memory) for region in self._regions.values())

    def allocate(self, shape: Any, dtype: Any, **unused: Any) -> PynqBuffer:
        """Return a zeroed buffer.

        Raises:
            MemoryError: there is no room.
        """
        length = int(np.prod(shape)) * np.dtype(dtype).itemsize
        pages = max(1, -(-length // PAGE)) * PAGE
        if self.allocated_bytes + pages > self._size:
            raise MemoryError(
                f"{length:,} bytes of contiguous memory wanted, {self._size - self.allocated_bytes:,} are free"
            )
        address, self._next = self._next, self._next + pages + PAGE
        if self._next > 0xF0000000:
            self._next = BASE
        region = self._regions[address] = Region(np.zeros(pages, np.uint8), np.zeros(pages, np.uint8))
        buffer = SimulatedBuffer(
            shape, dtype=dtype, buffer=region.host, device=self._device, device_address=address, bo=address
        )
        buffer.give_back = partial(self._regions.pop, address, None)
        return buffer

    def find(self, address: int, length: int) -> Any:
        """Return the DMA's view of `length` bytes at `address`, or None if they are not all of one region."""
        for begin, region in self._regions.items():
            if begin <= address and address + length <= begin + len(region.memory):
                return region.memory[address - begin : address - begin + length]
        return None

    def flush(self, address: int, offset: int, length: int) -> None:
        """Write the processor's cache back."""
        region = self._regions[address]
        region.memory[offset : offset + length] = region.host[offset : offset + length]

    def invalidate(self, address: int, offset: int, length: int) -> None:
        """Let the processor see memory."""
        region = self._regions[address]
        region.host[offset : offset + length] = region.memory[offset : offset + length]
