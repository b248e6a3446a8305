"""A stage of the flow: its outputs are made again only when what it was made from has changed."""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from dt_scnn.errors import FlowError
from dt_scnn.files import read_json, sha256, write_json

STAMP = "stage.json"
_PACKAGE = Path(__file__).parents[1]
_TOOLS = ("hls4ml", "qonnx", "onnx", "onnxruntime", "numpy")


def key(*parts: str | bytes | Path) -> str:
    """Return a digest of `parts`: text, bytes, and the content of files."""
    digest = hashlib.sha256()
    for part in parts:
        content = (
            part.read_bytes() if isinstance(part, Path) else part.encode() if isinstance(part, str) else part
        )
        digest.update(len(content).to_bytes(8, "little"))
        digest.update(content)
    return digest.hexdigest()


def tree_key(folder: Path, patterns: Iterable[str]) -> str:
    """Return a digest of the names and contents of the files below `folder` that match any of `patterns`."""
    files = sorted({file for pattern in patterns for file in folder.rglob(pattern) if file.is_file()})
    return key(*(part for file in files for part in (str(file.relative_to(folder)), file)))


@functools.cache
def generator_key() -> str:
    """Return a digest of this package's sources and of the libraries that it generates with."""
    return key(
        tree_key(_PACKAGE, ("*.py", "*.h", "*.cpp", "*.sv")), *(f"{tool} {version(tool)}" for tool in _TOOLS)
    )


def is_current(folder: Path, stage_key: str) -> bool:
    """Say whether `folder` was completed by a stage with this key, and its recorded products are as they were left."""
    try:
        stamp = read_json(folder / STAMP)
        products, here = stamp["products"].items(), folder.resolve()
        return stamp["key"] == stage_key and all(sha256(here / name) == was for name, was in products)
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return False


def complete(folder: Path, stage_key: str, products: Iterable[Path] = ()) -> None:
    """Record that the stage with this key completed `folder`; call it last.

    products: files that are read, loaded or run later: their digests are recorded, so that damaged ones are made again.

    Raises:
        FlowError: one of them is not there.
    """
    try:
        digests = {os.path.relpath(path.resolve(), folder.resolve()): sha256(path) for path in products}
    except FileNotFoundError as error:
        raise FlowError(f"a program ended without an error and made no {error.filename}") from error
    write_json(folder / STAMP, {"key": stage_key, "products": digests})
