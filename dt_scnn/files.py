"""Files that are whole or not there: written beside, then renamed into place."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SPACE = 1 << 16
"""Bytes, more than a program writes at once."""


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a path beside `path` to write to; it takes `path`'s place when the block ends, and goes when it fails."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def read_json(path: Path, pairs: Callable[[list[tuple[str, Any]]], Any] | None = None) -> Any:
    """Return the content of a JSON file, with or without a byte order mark. pairs: makes the value of an object, in place of a dictionary.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no JSON, or nested deeper than anybody means.
    """
    try:
        return json.loads(path.read_text("utf-8-sig"), object_pairs_hook=pairs)
    except RecursionError as error:
        raise ValueError("its values are nested too deep") from error


def write_json(path: Path, content: Any) -> None:
    """Write `content` as indented JSON."""
    with atomic_path(path) as partial:
        partial.write_text(json.dumps(content, indent=1) + "\n")


def write_npz(path: Path, arrays: Mapping[str, Any], compressed: bool = True) -> None:
    """Write arrays as an `.npz` archive.

    It is put together in memory: an archive that cannot be written to its end, on a full disk, leaves an error of its own
    behind beside the disk's.
    """
    import numpy as np

    content = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(content, **arrays)
    with atomic_path(path) as partial:
        partial.write_bytes(
            content.getvalue()
        )  # a view of its buffer would outlive it in an error: Python 3.12 crashes


def check_space(folder: Path) -> None:
    """Raise the disk's own error where `folder` takes no more: not every program says that the file it wrote was cut off.

    Raises:
        OSError: there is no room for `SPACE` bytes.
    """
    probe = folder / f".space.{os.getpid()}.partial"
    try:
        probe.write_bytes(os.urandom(SPACE))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(folder)) from error
    finally:
        probe.unlink(missing_ok=True)


def sha256(source: Path | bytes) -> str:
    """Return the hexadecimal SHA-256 of bytes or of a file's content."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with open(source, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
