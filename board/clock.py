"""The clock of the programmable logic: set to what the overlay was timed for, read back, and measured."""

from __future__ import annotations

import time
import warnings
from typing import Any, NamedTuple, Optional

from .errors import BoardError
from .registers import Registers

CLOCK = 0
"""Index of the clock that drives the shell: FCLK_CLK0, pl_clk0."""

DIVISOR = 63
"""The largest of each of a clock's two divisors, which have 6 bits."""

ROUNDING = 200e-6
"""How far apart, relatively, two figures of one clock are by rounding: Vivado's 33.333 MHz and a crystal's 33.3333 MHz."""

DRIFT = 5e-3
"""How much more than the timed clock may be measured: a crystal and the processor's timer differ by far less."""

SLOW = 2e-2
"""How much less than the registers say may be measured without a warning."""

SPAN = 20e-3
"""Seconds of a measurement."""

SHARPNESS = 1e-3
"""Uncertainty of a measurement, relatively, below which it counts; the processor may be busy with something else."""

ATTEMPTS = 8


class Clock(NamedTuple):
    """MHz. timed: the overlay was timed for this. registers: what the processing system says runs. measured: what runs.

    The last two are None where there is no processing system.
    """

    timed: float
    registers: Optional[float]
    measured: Optional[float]

    @property
    def mhz(self) -> float:
        """The clock to reckon with: as measured, else as timed."""
        return self.timed if self.measured is None else self.measured


def settle(device: Any, registers: Registers, timed: float) -> Clock:
    """Set the clock to `timed` MHz, or as little below as the divisors allow; return what runs then.

    PYNQ before 4.0 writes the divisors of the `.hwh` as it loads a bitstream, and those are of the PLL that the block design
    assumed; no release sets a PLL, nor measures. device: a `pynq` device; one of simulated time has `seconds` and `sleep`
    in place of `time.perf_counter` and `time.sleep`, and `span` in place of `SPAN`.

    Raises:
        BoardError: the clock can't be set, or is faster than `timed`.
    """
    found = _set(timed)
    measured = measure(
        registers,
        getattr(device, "seconds", time.perf_counter),
        getattr(device, "sleep", time.sleep),
        getattr(device, "span", SPAN),
    )
    if measured > timed * (1 + DRIFT):
        raise BoardError(
            f"the programmable logic runs at {measured:.3f} MHz, measured, and its design was timed for {timed:g} MHz: results "
            f"cannot be trusted (the processing system's registers say {found:g} MHz: the board's crystal is not PYNQ's)"
        )
    if measured < found * (1 - SLOW):
        warnings.warn(
            f"the programmable logic runs at {measured:.3f} MHz, measured, though the processing system's registers say "
            f"{found:g} MHz: the board's crystal is not the one that PYNQ assumes",
            stacklevel=3,
        )
    return Clock(timed, found, measured)


def measure(
    registers: Registers, seconds: Any = time.perf_counter, sleep: Any = time.sleep, span: float = SPAN
) -> float:
    """Return the clock in MHz, by the shell's cycle counter and `seconds()`.

    Raises:
        BoardError: it stands still, or no measurement is sharp.
    """
    for _ in range(ATTEMPTS):
        first, begin, unsure_begin = _look(registers, seconds)
        sleep(span)
        last, end, unsure_end = _look(registers, seconds)
        if last == first:
            raise BoardError(
                "the clock of the programmable logic stands still: its cycle counter does not count"
            )
        if unsure_begin + unsure_end < SHARPNESS * (end - begin):
            return (last - first) / (end - begin) / 1e6
        span *= 2
    raise BoardError(f"the clock could not be measured in {ATTEMPTS} attempts: the processor is too busy")


def divisors(source: float, wanted: float) -> tuple[int, int]:
    """Return the two divisors that bring `source` MHz down to `wanted` MHz, or to as little below as they can.

    Raises:
        BoardError: no two divisors do.
    """
    least = source / wanted * (1 - ROUNDING)
    pairs = [(i, j) for i in range(1, DIVISOR + 1) for j in range(1, i + 1) if i * j >= least]
    if not pairs:
        raise BoardError(f"no divisors bring {source:g} MHz down to {wanted:g} MHz")
    return min(pairs, key=lambda pair: (pair[0] * pair[1], pair[0]))


def _set(timed: float) -> float:
    """Set the clock by the PLL that runs; return what the registers say then, MHz."""
    from pynq.ps import Clocks

    try:
        Clocks.set_pl_clk(CLOCK, DIVISOR, 1)  # slow for a moment, and tells the source
        source = Clocks.fclk0_mhz * DIVISOR
        Clocks.set_pl_clk(CLOCK, *divisors(source, timed))
        found = float(Clocks.fclk0_mhz)
    except (AttributeError, RuntimeError, ValueError) as error:
        raise BoardError(f"PYNQ cannot set the clock of the programmable logic: {error}") from error
    if found > timed * (1 + ROUNDING):
        raise BoardError(
            f"the programmable logic would run at {found:g} MHz, by the processing system's registers, and its design was "
            f"timed for {timed:g} MHz"
        )
    return found


def _look(registers: Registers, seconds: Any) -> tuple[int, float, float]:
    """Return the cycles, when they were, and how unsure that is."""
    before = seconds()
    cycles = registers.cycles()
    after = seconds()
    return cycles, (before + after) / 2, after - before
