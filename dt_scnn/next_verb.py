"""The line behind a verb: the command that mostly comes next, written as this one was."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from dt_scnn.models import BUILD

NEXT = {
    "doctor": "csim",
    "download": "train",
    "train": "csim",
    "evaluate": "csim",
    "export": "csim",
    "compare": "csim",
    "csim": "cosim",
    "explore": "cosim",
    "cosim": "simulate-board",
    "estimate": "timing",
    "timing": "cosim",
    "gatesim": "bitstream",
    "simulate-board": "notebook",
    "notebook": "bitstream",
    "bitstream": "deploy",
    "package": "deploy",
    "deploy": "board-report",
}
"""Verb to verb; `board-report` ends the way, and `report` names the commands of all that is missing."""

HOST = "xilinx@192.168.2.99"
"""Of a board, where none was named: the address that PYNQ images have."""
WITHOUT_DATA = (
    *("export", "download", "explore", "estimate", "timing", "package", "deploy", "board-report", "doctor"),
)
"""Verbs that take no `--data`."""
WITHOUT_BUILD = ("train", "export", "download", "doctor")
"""Verbs that take no `--build`."""
_TO_A_BOARD = ("deploy", "board-report")


def next_line(
    verb: str,
    model: str,
    *,
    build: Path = BUILD,
    data: str | None = None,
    host: str | None = None,
    environment: Mapping[str, str] = os.environ,
) -> str | None:
    """Return "next: " and the command that comes after `verb` for the same model; None after the last one.

    build, data, host: as `verb` was given them. environment: where make leaves a mark; what make called is told as make.
    """
    if verb not in NEXT:
        return None
    following = NEXT[verb]
    data = None if following in WITHOUT_DATA else data
    address = (host or HOST) if following in _TO_A_BOARD else None
    if "MAKELEVEL" in environment:
        given = {"MODEL": model, "DATA": data, "HOST": address}
        return " ".join(
            [
                "next: make",
                following,
                *(f"{name}={shlex.quote(value)}" for name, value in given.items() if value),
            ]
        )
    other = None if build == BUILD or following in WITHOUT_BUILD else str(build)
    options = {"--data": data, "--host": address, "--build": other}
    words = [following, model, *(word for name, value in options.items() if value for word in (name, value))]
    return f"next: dt-scnn {shlex.join(words)}"
