"""A PYNQ board in software: real pynq drives the simulated shell and core, register by register."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .hardware import Fault

LIBRARY = "libdtscnn_board.so"
"""The simulated hardware, beside the overlay's other files."""

SOURCE = Path(__file__).parent / "dtscnn_board.cpp"
"""What goes around the Verilated shell in the library."""

__all__ = ["LIBRARY", "SOURCE", "Fault", "SimulatedBoard"]


def __getattr__(name: str) -> Any:
    """Load the device at its first use: the flow reads the names above where there is no pynq."""
    if name == "SimulatedBoard":
        from .device import SimulatedBoard

        return SimulatedBoard
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
