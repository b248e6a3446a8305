"""Ctrl-C at a moment when it would do harm waits until the moment is over."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def deferred() -> Iterator[None]:
    """Handle a SIGINT that comes within the block at its end.

    A program that is being started there is known by then, and one that is being ended has ended. Only the main thread hears
    SIGINT; elsewhere, and where SIGINT is ignored, nothing changes. A program started within has the default handler, as
    usual.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    heard: list[tuple[int, FrameType | None]] = []
    signal.signal(signal.SIGINT, lambda number, frame: heard.append((number, frame)))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if heard:
            handler(*heard[0])
