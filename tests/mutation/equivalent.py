"""Mutants that no test can kill, for they do the same: kept in equivalent.toml, each with its reason.

An entry names its file, the line as it stands and as mutated (blanks count as one), never a line's number; where a line
stands several times in a file, `place` says which, from 1. An entry that fits no mutant is an error: the line has changed,
and its reason may be gone with it.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.groups import ROOT
from tests.mutation.mutants import Mutant, mutants

FILE = Path(__file__).parent / "equivalent.toml"


@dataclass(frozen=True)
class Equivalent:
    """An entry. file: relative to the root. place: which of several mutants that read the same; 0 for the only one."""

    file: str
    line: str
    mutant: str
    reason: str
    place: int = 0


def entries(path: Path = FILE) -> list[Equivalent]:
    """Return the entries of a file."""
    return [Equivalent(**entry) for entry in tomllib.loads(path.read_text())["mutant"]]


def reasons(known: list[Equivalent], file: str, found: list[Mutant]) -> dict[Mutant, str]:
    """Return the reason of each mutant of `file` that is known to do the same.

    Raises:
        ValueError: an entry fits no mutant, or more than one.
    """
    told: dict[Mutant, str] = {}
    for entry in known:
        if entry.file != file:
            continue
        fitting = [mutant for mutant in found if (mutant.before, mutant.after) == (entry.line, entry.mutant)]
        if len(fitting) < max(1, entry.place):
            raise ValueError(f"{FILE.name}: {file} has no mutant {entry.line!r} -> {entry.mutant!r} any more")
        if len(fitting) > 1 and not entry.place:
            raise ValueError(
                f"{FILE.name}: {file} has {len(fitting)} mutants {entry.line!r} -> {entry.mutant!r}; say which: place = 1"
            )
        told[fitting[max(0, entry.place - 1)]] = entry.reason
    return told


def check(known: list[Equivalent]) -> None:
    """Hold every entry against the files.

    Raises:
        ValueError: as `reasons`, or a file is gone.
    """
    for file in {entry.file for entry in known}:
        path = ROOT / file
        if not path.is_file():
            raise ValueError(f"{FILE.name}: there is no {file} any more")
        reasons(known, file, mutants(path.read_bytes(), path.suffix))
