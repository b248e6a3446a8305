"""What every test may count on."""

from __future__ import annotations

import signal


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests interrupt: a shell's background jobs inherit it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
