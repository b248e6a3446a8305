"""Memory of freed maps is kept for the next ones, instead of being returned to the kernel and cleared page by page."""

from __future__ import annotations

import ctypes
import platform

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4  # of glibc's malloc.h


def keep_freed_memory() -> None:
    """Tell glibc's malloc to serve large requests from the heap and never to shrink it; elsewhere do nothing.

    Each training step frees and takes again the same maps of some tens of MB. The results are the same, bit for bit.
    """
    if platform.libc_ver()[0] != "glibc":
        return
    libc = ctypes.CDLL(None)
    libc.mallopt(_MMAP_MAX, 0)
    libc.mallopt(_TRIM_THRESHOLD, -1)
    libc.mallopt(_TOP_PAD, 64 << 20)  # bytes to take at a time
