"""The header of a `.bit` file: what it was made for, and whether it is whole."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError

_PREAMBLE = bytes.fromhex("00090ff00ff00ff00ff0000001")


@dataclass(frozen=True)
class BitHeader:
    """design: its name, with Vivado's remarks. part: without `xc` for 7 series. size: bytes of configuration data."""

    design: str
    part: str
    size: int


def read(path: Path) -> BitHeader:
    """Return the header of a `.bit` file: fields a to d are texts with a 16-bit length, e is the data with a 32-bit one.

    Raises:
        FlowError: it is missing, no bitstream, or cut off.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise FlowError(f"Vivado wrote no {path.name}, though it reports success") from None
    if not content.startswith(_PREAMBLE):
        raise FlowError(f"{path} is no bitstream")
    position, texts = len(_PREAMBLE), {}
    for key in "abcd":
        length = int.from_bytes(content[position + 1 : position + 3], "big")
        if content[position : position + 1] != key.encode():
            raise FlowError(f"{path} is no bitstream: its field {key} is missing")
        texts[key] = content[position + 3 : position + 3 + length].rstrip(b"\0").decode(errors="replace")
        position += 3 + length
    size = int.from_bytes(content[position + 1 : position + 5], "big")
    found = len(content) - position - 5
    if content[position : position + 1] != b"e" or size != found or not size:
        raise FlowError(f"{path} is cut off: {max(found, 0):,} of {size:,} bytes of configuration data")
    return BitHeader(texts["a"], texts["b"], size)


def check(path: Path, part: str) -> BitHeader:
    """Return the header of the `.bit` file, which must be for `part`.

    Raises:
        FlowError: as `read`, or it is for another part.
    """
    header = read(path)
    if _device(header.part) != _device(part):
        raise FlowError(f"{path} is for part {header.part}, not for {part}")
    return header


def _device(part: str) -> str:
    """Return the device and package of a part without `xc`, dashes and speed grade: 7z020clg400, zu7evffvc1156."""
    name, *rest = part.lower().removeprefix("xc").split("-")
    return name + (rest[0] if rest and not rest[0].isdigit() else "")
