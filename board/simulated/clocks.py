"""The clock registers of the simulated board's processing system, Zynq-7000, with PLLs as the boot images of PYNQ-Z1 and Z2 set them."""

from __future__ import annotations

from typing import Any

from pynq.ps import Clocks, _ClocksZynq

BASE, SPAN = 0xF8000000, 0x1000
"""System-level control registers (Zynq-7000 technical reference manual UG585, appendix B.28)."""

ARM_PLL, DDR_PLL, IO_PLL, ARM_CLOCK, FPGA_CLOCK = 0x100, 0x104, 0x108, 0x120, 0x170
CRYSTAL_MHZ = 50.0
BOOT_FEEDBACK = {ARM_PLL: 26, DDR_PLL: 21, IO_PLL: 20}
"""Feedback divisors, from the handoffs of PYNQ's own overlays for these boards: 1,300, 1,050 and 1,000 MHz."""

SOURCES = (IO_PLL, IO_PLL, ARM_PLL, DDR_PLL)

OTHER_PLL_DIVISORS = (4, 4)
"""Divisors of 100 MHz as a block design has them that assumes an IO PLL of 1,600 MHz: here they make 62.5 MHz."""


class ClockRegisters:
    """The registers. cycles: counts the programmable logic's clock; simulated time follows from it."""

    def __init__(self, cycles: Any):
        self._cycles = cycles
        self._values = {pll: feedback << 12 for pll, feedback in BOOT_FEEDBACK.items()}
        self._values[ARM_CLOCK] = 2 << 8
        for index in range(4):
            self._values[FPGA_CLOCK + 16 * index] = 1 << 20 | 20 << 8
        self._seconds = 0.0
        self._counted = 0

    @property
    def mhz(self) -> float:
        """What the programmable logic runs at."""
        value = self._values[FPGA_CLOCK]
        source = CRYSTAL_MHZ * (self._values[SOURCES[value >> 4 & 3]] >> 12 & 0x7F)
        return source / max(1, value >> 8 & 0x3F) / max(1, value >> 20 & 0x3F)

    def seconds(self) -> float:
        """Return the simulated time: cycles that went by, each as long as the clock was set then."""
        cycles = self._cycles()
        # A reset of the programmable logic clears the counter.
        self._seconds += (cycles - self._counted if cycles >= self._counted else cycles) / (self.mhz * 1e6)
        self._counted = cycles
        return self._seconds

    def read(self, offset: int) -> int:
        """Return a register."""
        return self._values.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Set a register."""
        self.seconds()
        self._values[offset] = value


class ProcessorClocks:
    """Lets `pynq.ps.Clocks` work on the active device's registers, as it does on a Zynq-7000."""

    def __init__(self) -> None:
        self._before = Clocks.__dict__.get("_real_instance")
        self._ours = _ClocksZynq()
        Clocks._real_instance = self._ours

    def detach(self) -> None:
        """Undo it."""
        if Clocks.__dict__.get("_real_instance") is not self._ours:
            return
        if self._before is None:
            del Clocks._real_instance
        else:
            Clocks._real_instance = self._before
