"""Run a vendor's program: logged, heard line by line, limited in time, and gone with all its children, whatever ends it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError
from hls_project.programs.interrupts import deferred

POLL_INTERVAL = 0.05
TAIL_LINES = 20

NOTABLE = ("ERROR:", "mismatch image", "dtscnn_test:")
"""How lines begin that tell what went wrong: the tools', and those of the test bench."""


@dataclass(frozen=True)
class Limits:
    """Seconds. total: of the whole run. silent: without a byte of output."""

    total: float = 6 * 3600.0
    silent: float = 3600.0


def run(
    command: Sequence[str],
    folder: Path,
    log: Path,
    limits: Limits,
    hear: Callable[[str], None] = lambda line: None,
    *,
    name: str,
) -> None:
    """Run `command` in `folder`; all that it prints goes to `log`, by whole lines also to `hear`.

    name: of the program, for messages.

    Raises:
        FlowError: it could not be started, failed, or ran into a limit.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as cleanup:
        with deferred(), open(log, "wb") as output:
            try:
                process = subprocess.Popen(
                    list(command),
                    cwd=folder,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise FlowError(f"{command[0]} could not be started: {error}") from error
            cleanup.callback(_kill, process)
        status = _follow(process, log, limits, hear, name)
    if status != 0:
        how = f"status {status}" if status > 0 else signal.Signals(-status).name
        raise FlowError(f"{name} ended with {how}", log, tail(log))


def tail(log: Path) -> str:
    """Return the log's first notable lines that its end does not show, and its last lines."""
    lines = log.read_text(errors="replace").splitlines()
    errors = [line for line in lines[:-TAIL_LINES] if line.startswith(NOTABLE)][:TAIL_LINES]
    return "\n".join([*errors, *(["..."] if errors else []), *lines[-TAIL_LINES:]])


def _follow(
    process: subprocess.Popen[bytes], log: Path, limits: Limits, hear: Callable[[str], None], name: str
) -> int:
    """Hear the log until the process ends; return its exit status."""
    started = heard = time.monotonic()
    pending = b""
    with open(log, "rb") as written:
        while True:
            status = process.poll()
            now = time.monotonic()
            if content := written.read():
                heard = now
                *lines, pending = (pending + content).split(b"\n")
                for line in lines:
                    hear(line.decode(errors="replace").rstrip("\r"))
            if status is not None:
                if pending:
                    hear(pending.decode(errors="replace"))
                return status
            if now - started > limits.total:
                raise FlowError(f"{name} did not end within {limits.total:g} s", log, tail(log))
            if now - heard > limits.silent:
                raise FlowError(f"{name} printed nothing for {limits.silent:g} s", log, tail(log))
            time.sleep(POLL_INTERVAL)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the program and all that it started: it leads its own process group."""
    with deferred():  # a second Ctrl-C
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
