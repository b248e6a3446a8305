"""SystemVerilog as text: templates filled with values, literals, memory files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

HERE = Path(__file__).parent

LONGEST_LITERAL = 65_536
"""Bits of the longest literal that all tools take: Verilator 5.48 refuses longer ones."""


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Return a template, named by its place below this package, with its values, without the line end."""
    text = (HERE / f"{template}.sv").read_text()
    return Template(text).substitute(values).rstrip("\n")


def write(path: Path, text: str) -> None:
    """Write `text` with one line end after it."""
    path.write_text(text.rstrip("\n") + "\n")


def stride(bits: int) -> int:
    """Return the distance of a table's entries of `bits` bits: a power of two, so that an address needs no product."""
    return max(2, 1 << (bits - 1).bit_length())


def table_literal(entries: NDArray[np.uint8]) -> str:
    """Return a table as one SystemVerilog literal. entries: bits `(entries, width)` of 0 and 1, bit 0 first."""
    apart = stride(entries.shape[1])
    bits = np.pad(entries, ((0, 0), (0, apart - entries.shape[1])))
    assert bits.size <= LONGEST_LITERAL
    number = int.from_bytes(np.packbits(bits, bitorder="little").tobytes(), "little")
    return f"{bits.size}'h{number:x}"


def memory(words: NDArray[np.uint8], width: int) -> str:
    """Return a file for `$readmemh`. words: bits `(words, width)` of 0 and 1, bit 0 first."""
    digits = -(-width // 4)
    rows = np.packbits(words, axis=1, bitorder="little")
    return "".join(f"{int.from_bytes(row.tobytes(), 'little'):0{digits}x}\n" for row in rows)


def bits_of(values: NDArray[np.int64], bits: int) -> NDArray[np.uint8]:
    """Return two's complement: an array with one more axis, of `bits` bits, bit 0 first."""
    return ((values[..., None] >> np.arange(bits)) & 1).astype(np.uint8)
