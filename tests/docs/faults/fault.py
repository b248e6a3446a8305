"""One fault: how it comes about, and what the user reads then."""

from __future__ import annotations

import contextlib
import io
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import typer

from board.errors import BoardError
from dt_scnn.errors import DTSCNNError

_LINES = 3
"""Of a message that the page shows: what follows are the lines of a tool's log."""


@dataclass(frozen=True)
class Fault:
    """what: it is, for the page. act: brings it about in the folder that it is given, which is the current one, and returns the message.

    quick: it takes a moment, and no tool.
    """

    what: str
    act: Callable[[Path], str]
    quick: bool = True


def message(fault: Fault, folder: Path) -> str:
    """Bring a fault about in `folder`, an empty one; return what the user reads, without this machine's paths.

    Raises:
        Exception: what a user would see as a traceback.
        AssertionError: there was no message.
    """
    with contextlib.chdir(folder):
        said = fault.act(folder)
    assert said and "Traceback" not in said, f"{fault.what}: {said!r}"
    said = said.replace(f"{folder.resolve()}/", "").replace(f"{folder}/", "").replace(str(folder), ".")
    said = re.sub(r"\b(?=\d*[a-f])[0-9a-f]{12,64}\b", lambda found: found[0][:4] + "...", said)
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    return "\n".join(lines[:_LINES])


def verb(*words: str, **environment: str) -> str:
    """Return what a verb of `dt-scnn` prints as its error. environment: variables that it is run with."""
    from dt_scnn_console.__main__ import app

    with _environment(environment), _quiet() as err:
        try:
            typer.main.get_command(app).main(list(words), standalone_mode=False)
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, str) else f"{err.getvalue()}" if ended.code else ""
    return ""


def raised(call: Callable[[], object]) -> str:
    """Return the message of the error that a call of the Python API raises."""
    with _quiet():
        try:
            call()
        except (DTSCNNError, BoardError) as error:
            return f"{type(error).__name__}: {error}"
    return ""


@contextlib.contextmanager
def _quiet() -> Iterator[io.StringIO]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield err


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in changes}
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.__setitem__(name, value)
