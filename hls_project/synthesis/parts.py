"""FPGA parts and what they hold, from the vendor's data sheets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Literal

from dt_scnn.errors import ConfigurationError

Family = Literal["xc7", "xcup"]
"""yosys' names: 7 series, and UltraScale+."""

DEFAULT_PART = "xc7z020clg400-1"
FILE = Path(__file__).with_name("parts.json")


@dataclass(frozen=True)
class Part:
    """What a part holds: six-input LUTs, flip-flops, block RAMs of 36 kbit, UltraRAMs, DSP slices.

    board: one that carries it. source: the data sheet with these figures.
    """

    name: str
    board: str
    family: Family
    source: str
    lut: int
    ff: int
    bram36: int
    uram: int
    dsp: int


def parts() -> dict[str, Part]:
    """Return all known parts by name."""
    return {name: Part(name, **fields) for name, fields in json.loads(FILE.read_text()).items()}


def find(name: str) -> Part:
    """Return the part `name`; the package and speed grade may be left out where that names one part.

    Raises:
        ConfigurationError: it is unknown; the message names the nearest that is known.
    """
    known = parts()
    found = [part for part in known.values() if name and part.name.lower().startswith(name.lower())]
    if len(found) != 1:
        near = [part.name for part in found] or get_close_matches(name.lower(), known, 1, 0.6)
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        raise ConfigurationError(f"unknown part {name!r}; {meant}known: {', '.join(known)}")
    return found[0]
