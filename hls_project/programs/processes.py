"""Programs that run side by side, watched line by line."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dt_scnn.errors import FlowError
from hls_project.programs.interrupts import deferred

Process = subprocess.Popen[str]


@contextmanager
def processes(calls: Sequence[Sequence[str]], folder: Path | None = None) -> Iterator[list[Process]]:
    """Start every call in `folder`; none outlives the block, whatever ends it."""
    running: list[Process] = []
    try:
        for call in calls:
            with deferred():
                running.append(
                    subprocess.Popen(
                        list(call),
                        cwd=folder,
                        stdin=subprocess.DEVNULL,
                        stdout=subprocess.PIPE,
                        stderr=subprocess.PIPE,
                        text=True,
                        errors="replace",
                    )
                )
        yield running
    finally:
        with deferred():  # a second Ctrl-C
            for process in running:
                process.kill()
                process.wait()


def watch(
    running: list[Process],
    hear: Callable[[int, str], None],
    tick: Callable[[], None],
    timeout: float,
) -> list[int]:
    """Read the processes' output until all have ended; return their exit statuses.

    `hear(index, line)` gets each line of standard output, in the thread of that process; `tick()` is called ten times a
    second in the caller's thread. `timeout`: seconds without a line from any.

    Raises:
        FlowError: they hang.
    """
    heard = time.monotonic()

    def listen(index: int) -> None:
        nonlocal heard
        for line in running[index].stdout or ():
            heard = time.monotonic()
            hear(index, line.rstrip("\n"))

    listeners = [threading.Thread(target=listen, args=(index,), daemon=True) for index in range(len(running))]
    for listener in listeners:
        listener.start()
    while any(listener.is_alive() for listener in listeners):
        next(listener for listener in listeners if listener.is_alive()).join(0.1)
        tick()
        if time.monotonic() - heard > timeout:
            raise FlowError(f"the simulation made no progress for {timeout:g} s")
    tick()
    return [process.wait() for process in running]


def last_words(process: Process) -> str:
    """Return what an ended process wrote to standard error."""
    return (process.stderr.read() if process.stderr else "").strip()
