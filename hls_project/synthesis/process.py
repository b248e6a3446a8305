"""Run long tools: logged, limited in time, several at once, and none left behind, whatever ends the run."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dt_scnn.errors import FlowError
from dt_scnn.files import check_space
from hls_project.programs.interrupts import deferred

POLL_INTERVAL = 0.05
TAIL_LINES = 15


@dataclass(frozen=True)
class Call:
    """A program to run.

    name: what it does, as messages say it. folder: its working directory. log: takes all that it prints.
    timeout: seconds. stdin: text for its standard input.
    """

    name: str
    command: tuple[str, ...]
    folder: Path
    log: Path
    timeout: float
    stdin: str = ""


@dataclass
class _Running:
    call: Call
    process: subprocess.Popen[bytes]
    started: float
    read: int = 0
    pending: bytes = field(default=b"")

    def new_lines(self) -> list[str]:
        """Return the whole lines that were logged since the last time."""
        with open(self.call.log, "rb") as log:
            log.seek(self.read)
            content = log.read()
        self.read += len(content)
        *lines, self.pending = (self.pending + content).split(b"\n")
        return [line.decode(errors="replace") for line in lines]


def run(
    calls: Sequence[Call],
    jobs: int = 1,
    on_lines: Callable[[list[str]], None] = lambda lines: None,
    on_done: Callable[[Call], None] = lambda call: None,
) -> None:
    """Run `calls`, at most `jobs` at once; `on_lines` gets what is logged, by whole lines, `on_done` each call that succeeded.

    The first failure ends the others.

    Raises:
        FlowError: a program failed, or took more than its time. OSError: the disk is full where its log is.
    """
    waiting, running = list(calls), list[_Running]()
    try:
        while waiting or running:
            while waiting and len(running) < max(1, jobs):
                with deferred():
                    running.append(_start(waiting.pop(0)))
            time.sleep(POLL_INTERVAL)
            for one in list(running):
                status = one.process.poll()
                if lines := one.new_lines():
                    on_lines(lines)
                if status is None:
                    _check_time(one)
                    continue
                _kill(one)  # what a finished program may have left behind
                running.remove(one)
                check_space(one.call.log.parent)
                if status != 0:
                    raise FlowError(_failure(one.call, status), one.call.log, tail(one.call.log))
                on_done(one.call)
    finally:
        with deferred():  # a second Ctrl-C
            for one in running:
                _kill(one)


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
    except OSError:
        return ""


def _start(call: Call) -> _Running:
    call.log.parent.mkdir(parents=True, exist_ok=True)
    with open(call.log, "wb") as log, tempfile.TemporaryFile() as stdin:
        stdin.write(call.stdin.encode())
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                call.command, cwd=call.folder, stdin=stdin, stdout=log, stderr=log, start_new_session=True
            )
        except OSError as error:
            raise FlowError(f"{call.name} could not be started: {error}") from error
    return _Running(call, process, time.monotonic())


def _check_time(one: _Running) -> None:
    if time.monotonic() - one.started > one.call.timeout:
        raise FlowError(
            f"{one.call.name} did not end within {one.call.timeout:g} s", one.call.log, tail(one.call.log)
        )


def _failure(call: Call, status: int) -> str:
    if status >= 0:
        return f"{call.name} failed with status {status}"
    hint = "; too little memory is the usual reason" if -status == signal.SIGKILL else ""
    return f"{call.name} was ended by {signal.Signals(-status).name}{hint}"


def _kill(one: _Running) -> None:
    """End the program and all that it started: it leads its own process group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(one.process.pid, signal.SIGKILL)
    one.process.wait()
