"""Faults of the machine, brought about in this process while a stage runs."""

from __future__ import annotations

import errno
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

Kind = Literal["none", "killed", "full", "cut", "memory", "read-only", "backwards"]
KILLED = 99
NOBODY = 65534
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
_PATHS = (
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
)


@dataclass(frozen=True)
class Fault:
    """What happens to a stage.

    killed: the process ends without a word before the `at`-th change of its folder. full: from that change on there is no space.
    cut: no file gets longer than `at` bytes. memory: `at` MiB beyond what is taken. read-only: nothing can be written, by a user of
    no rights. backwards: the clock goes back at each look.
    """

    kind: Kind = "none"
    at: int = 0

    def __str__(self) -> str:
        return f"{self.kind}-{self.at}" if self.at else self.kind


def install(fault: Fault, folder: Path) -> None:
    """Bring the fault about in this process, for what it does in `folder`."""
    if fault.kind in ("killed", "full"):
        _watch(fault, str(folder.resolve()))
    elif fault.kind == "cut":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        sys.dont_write_bytecode = True  # or modules of the environment are kept cut off
        _limit(resource.RLIMIT_FSIZE, fault.at)
    elif fault.kind == "memory":
        taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _limit(resource.RLIMIT_AS, taken + (fault.at << 20))
    elif fault.kind == "read-only":
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)
        if os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
    elif fault.kind == "backwards":
        now, steps = time.time(), count()
        time.time = lambda: now - 60.0 * next(steps)


def lift_limits() -> None:
    """Take back limits of size and memory, so that the process can say how it went."""
    for kind in (resource.RLIMIT_FSIZE, resource.RLIMIT_AS):
        _limit(kind, resource.getrlimit(kind)[1])


def _limit(kind: int, most: int) -> None:
    resource.setrlimit(kind, (most, resource.getrlimit(kind)[1]))


def _watch(fault: Fault, folder: str) -> None:
    changes = count(1)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if not isinstance(flags, int) or not flags & _WRITES:
                return
        elif event in _PATHS:
            path = arguments[0]
        else:
            return
        if not isinstance(path, str | bytes | os.PathLike):
            return
        if not os.path.realpath(os.fsdecode(path)).startswith(folder):
            return
        if next(changes) < fault.at:
            return
        if fault.kind == "killed":
            os._exit(KILLED)
        if event in ("open", "os.mkdir", "os.link", "os.symlink"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fsdecode(path))

    sys.addaudithook(hook)
