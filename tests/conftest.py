"""What every test may count on."""

from __future__ import annotations

import os
import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests interrupt: a shell's background jobs inherit it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Each worker of pytest-xdist, and each program it starts, would use all cores, and they would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
