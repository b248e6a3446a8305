"""One run at a time in a folder: a lock that ends with the process, whatever ends it, and says who holds it."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import read_json

LOCK, HOLDER = ".lock", ".lock.json"
PATIENCE_S = 600.0
"""Seconds that a run waits for another one."""


def hold(folder: Path, patience_s: float = PATIENCE_S, instead: str = "another --build") -> BaseFileLock:
    """Return the lock of `folder`, held until it is released or no longer referred to; the same process may hold it often.

    Where another process holds it, that one is named on stderr, and it is waited for. instead: what to do otherwise.

    Raises:
        ConfigurationError: it is still held after `patience_s` seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / LOCK, is_singleton=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        print(f"{folder} is in use by {_holder(folder)}; waiting for it", file=sys.stderr, flush=True)
        try:
            lock.acquire(timeout=patience_s)
        except Timeout as error:
            raise ConfigurationError(
                f"{folder} is still in use by {_holder(folder)} after {patience_s:g} seconds; wait for it, end it, or give "
                f"{instead}"
            ) from error
    holder = {
        "process": os.getpid(),
        "host": socket.gethostname(),
        "command": shlex.join(sys.orig_argv),
        "since": datetime.now().isoformat(" ", "seconds"),
    }
    (folder / HOLDER).write_text(json.dumps(holder))
    return lock


@contextmanager
def held(folder: Path, instead: str = "another --build") -> Iterator[None]:
    """Hold `folder` as long as the block runs; see `hold`."""
    lock = hold(folder, instead=instead)
    try:
        yield
    finally:
        lock.release()


def _holder(folder: Path) -> str:
    try:
        holder = read_json(folder / HOLDER)
        return f"process {holder['process']} on {holder['host']} since {holder['since']} ({holder['command'][:200]})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another run"
