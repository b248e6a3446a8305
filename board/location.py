"""Where an overlay is: as the user says, or where the toolkit leaves the overlays of a model."""

from __future__ import annotations

import re
from pathlib import Path

from .errors import BoardError

BUILD = Path("build")
_SUFFIXES = (".bit", ".hwh", ".json")
"""Of an overlay's files; what follows another point is part of a model's name, such as v1.2."""
_FOLDERS = {True: "overlay-sim", False: "overlay"}


def locate(bitstream: Path, simulated: bool) -> Path:
    """Return the path of an overlay's bitstream: as it is, or, of a bare name, where the toolkit leaves overlays.

    That is `build/<name>/`, else the only `build/<name>-<digits>/` with one: the digits tell apart models of one name.

    Raises:
        BoardError: it is in neither place, or several are; the message names them, or says how to make one.
    """
    inside = sorted(map(str, bitstream.glob("*.bit"))) if bitstream.is_dir() else []
    if inside or not bitstream.name:
        raise BoardError(
            f"{bitstream} is a folder; give the path of an overlay's .bit, such as {inside[0] if inside else 'mnist.bit'}"
        )
    if bitstream.suffix == "" or not (bitstream.suffix in _SUFFIXES or bitstream.is_file()):
        bitstream = bitstream.with_name(f"{bitstream.name}.bit")
    if bitstream.is_file() or bitstream.with_suffix(".json").is_file():
        return bitstream
    name, bare = bitstream.stem, bitstream.name == str(bitstream)
    made = _made(name, name, simulated)
    if bare:
        if made.is_file():
            return made
        fitting = _with_digits(name, simulated)
        if len(fitting) == 1:
            return fitting[0]
        if fitting:
            raise BoardError(
                f"there is no overlay {bitstream}, and several models of that name have one; give the path of the one that is "
                f"meant, the newest first: {', '.join(map(str, fitting))}"
            )
    tried = f", and no {made}" if bare else ""
    if simulated:
        raise BoardError(
            f"there is no overlay {bitstream}{tried}; on a computer, `make simulate-board MODEL={name}` makes {made}; on a board, "
            "copy the folder that `make package` packs"
        )
    here = [_made(name, name, True), *_with_digits(name, True)] if bare else []
    there = [path for path in here if path.is_file()]
    without = f"{there[0]} is" if there else f"`make simulate-board MODEL={name}` makes one"
    raise BoardError(
        f"there is no overlay {bitstream}{tried}; on a computer without a board, {without} for the simulated one, "
        f'device="sim"; with Vivado, `make bitstream MODEL={name}` makes {made}; on a board, copy the folder that `make package` '
        "packs"
    )


def _made(folder: str, name: str, simulated: bool) -> Path:
    return BUILD / folder / _FOLDERS[simulated] / f"{name}.bit"


def _with_digits(name: str, simulated: bool) -> list[Path]:
    """Return the overlays of the models called `name` whose folder had to be told apart, the newest first."""
    pattern = re.compile(re.escape(name) + "-[0-9a-f]{8}")
    folders = [path.name for path in BUILD.glob("*") if pattern.fullmatch(path.name)]
    found = [path for path in (_made(folder, folder, simulated) for folder in folders) if path.is_file()]
    return sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)
