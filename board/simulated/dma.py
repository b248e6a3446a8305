"""Registers of an AXI DMA in direct mode (AXI DMA product guide PG021), over the simulated streams."""

from __future__ import annotations

from typing import Any, Optional

from .hardware import STREAM_FAULTS, Fault, Transfer
from .memory import ContiguousMemory

MM2S, S2MM = 0x00, 0x30
CONTROL, STATUS, ADDRESS, ADDRESS_HIGH, LENGTH = 0x00, 0x04, 0x18, 0x1C, 0x28
RUN, RESET, INTERRUPT_ON_COMPLETE, INTERRUPT_ON_ERROR = 0x1, 0x4, 1 << 12, 1 << 14
HALTED, IDLE, INTERNAL, SLAVE, DECODE = 0x1, 0x2, 0x10, 0x20, 0x40
SLICE = 20_000
"""Clock cycles that go by while the processor looks at a busy channel's status once."""

FAULT_WORD = 2
"""Word of the stream at which a fault shows."""


class SimulatedDma:
    """Both channels. Time goes by while a status is read. cycles: those that went by in transfers; begun: how many there were."""

    def __init__(self, hardware: Any, memory: ContiguousMemory, length_bits: int):
        self._hardware = hardware
        self._memory = memory
        self._length_mask = (1 << length_bits) - 1
        self.fault: Optional[Fault] = None
        self.cycles = 0
        self.begun = 0
        self._reset()

    @property
    def interrupts(self) -> list[bool]:
        """Levels of `mm2s_introut` and `s2mm_introut`."""
        enabled = INTERRUPT_ON_COMPLETE | INTERRUPT_ON_ERROR
        return [
            bool(self._registers[one + CONTROL] & self._registers[one + STATUS] & enabled)
            for one in (MM2S, S2MM)
        ]

    @property
    def moved(self) -> tuple[int, int]:
        """Bytes sent and received of the transfer under way."""
        return int(self._transfer.sent), int(self._transfer.received)

    def read(self, offset: int) -> int:
        """Return a register."""
        if offset in (MM2S + STATUS, S2MM + STATUS):
            self.advance()
        return self._registers.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Set a register."""
        channel, register = (S2MM, offset - S2MM) if offset >= S2MM else (MM2S, offset)
        if register == CONTROL and value & RESET:
            self._reset()
            return
        if register == STATUS:  # interrupts are cleared by writing 1
            self._registers[offset] &= ~(value & 0x7000)
            return
        if register == LENGTH:
            self._begin(channel, value & self._length_mask)
            return
        self._registers[offset] = value
        if register == CONTROL:
            status = self._registers[channel + STATUS]
            self._registers[channel + STATUS] = status & ~HALTED if value & RUN else status | HALTED

    def _reset(self) -> None:
        self._registers: dict[int, int] = {MM2S + CONTROL: 0, S2MM + CONTROL: 0}
        self._registers.update({MM2S + STATUS: HALTED, S2MM + STATUS: HALTED})
        self._transfer = Transfer()
        self._source: Any = None
        self._target: Any = None
        self._hardware.withdraw()

    def _begin(self, channel: int, length: int) -> None:
        registers, transfer = self._registers, self._transfer
        if registers[channel + STATUS] & HALTED:
            return  # ignored, as the hardware does
        registers[channel + STATUS] &= ~IDLE
        self.begun += 1
        address = registers.get(channel + ADDRESS, 0) | registers.get(channel + ADDRESS_HIGH, 0) << 32
        found = self._memory.find(address, length)
        if not length:
            return self._stop(channel, INTERNAL)
        if found is None or self.fault == Fault.DECODE_ERROR:
            self.fault = None
            return self._stop(channel, DECODE)
        if channel == S2MM:
            self._target = found  # kept alive while the hardware writes to it
            transfer.target, transfer.target_bytes, transfer.received = found.ctypes.data, length, 0
            transfer.target_done = transfer.overflow = 0
            return None
        if self.fault == Fault.SLAVE_ERROR:
            self.fault = None
            return self._stop(channel, SLAVE)
        self._source = found
        transfer.source, transfer.source_bytes, transfer.sent = found.ctypes.data, length, 0
        transfer.source_done = 0
        transfer.fault, transfer.fault_word = 0, FAULT_WORD
        if self.fault in STREAM_FAULTS:
            transfer.fault, self.fault = int(self.fault), None
        return None

    def advance(self) -> None:
        """Let a slice of time go by."""
        transfer = self._transfer
        if self._source is None and self._target is None:
            return
        self.cycles += self._hardware.run(transfer, SLICE)
        if self._source is not None and transfer.source_done:
            self._source, transfer.source = None, None
            self._registers[MM2S + STATUS] |= IDLE | INTERRUPT_ON_COMPLETE
        if self._target is not None and transfer.target_done:
            self._target, transfer.target = None, None
            if transfer.overflow:
                self._stop(S2MM, INTERNAL)
            else:
                self._registers[S2MM + STATUS] |= IDLE | INTERRUPT_ON_COMPLETE
                self._registers[S2MM + LENGTH] = transfer.received

    def _stop(self, channel: int, error: int) -> None:
        self._registers[channel + STATUS] |= error | HALTED | INTERRUPT_ON_ERROR
        self._registers[channel + CONTROL] &= ~RUN
