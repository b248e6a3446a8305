"""The board: driver and bitstream. On a PYNQ image it needs numpy and pynq alone."""

from __future__ import annotations

from typing import Any

from .errors import BoardError

__all__ = ["BoardError", "DTSCNNOverlay"]


def __getattr__(name: str) -> Any:
    """Load the driver at its first use: tools read the data of this package where there is no pynq."""
    if name == "DTSCNNOverlay":
        from .overlay import DTSCNNOverlay

        return DTSCNNOverlay
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
