"""What a harness is: one reader of the project, genuine small files for it, and how such files are damaged."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from board.errors import BoardError
from dt_scnn.errors import DTSCNNError
from tests.fuzz.mutations import Mutation, any_bytes

TOLD = (DTSCNNError, BoardError)
"""What a reader may raise: errors with a message for the user."""


@dataclass(frozen=True)
class Reader:
    """read: takes the path of a file called `file`. seeds: contents that it takes. mutate: damages one."""

    name: str
    file: str
    seeds: Callable[[], Sequence[bytes]]
    read: Callable[[Path], object]
    mutate: Mutation = any_bytes


def outcome(reader: Reader, content: bytes, folder: Path) -> str:
    """Read `content` as a file in `folder`; return the message of a refusal, "" if it is taken.

    Raises:
        Exception: the reader raises what is no error of this project: a finding.
    """
    path = folder / reader.file
    path.write_bytes(content)
    try:
        reader.read(path)
    except TOLD as error:
        return str(error) or "refused without a word"
    return ""


def written(write: Callable[[Path], object], name: str = "file") -> bytes:
    """Return the content of the file that `write` writes to the path it is given."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()
