"""What the machine has: cores, memory and disk."""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

_GB = 1e9
_CONTAINER = Path("/sys/fs/cgroup/memory.max")
"""Where a container's limit stands: its bytes, or "max"."""


@dataclass(frozen=True)
class Machine:
    """cores: that this process may use. memory_gb: of the machine, or of the container. disk_gb: free in the current folder."""

    cores: int
    memory_gb: float
    disk_gb: float


def this_machine() -> Machine:
    """Return what this machine has."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        memory = min(memory, int(_CONTAINER.read_text()))
    return Machine(cores, memory / _GB, shutil.disk_usage(Path.cwd()).free / _GB)
