"""Compilers that remember: what was compiled once from the same text with the same flags is not compiled again.

Most of a run of the tests is g++ at work, on Verilator's runtime for each simulator and on the same networks again and again.
ccache (of the extra `dev`) stands before each compiler on the path; without it everything is compiled.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
from pathlib import Path

NAMES = ("g++", "c++", "gcc", "cc")
"""What ccache takes the place of: called by one of these names, it looks for the next program of that name on the path."""


def remember(folder: Path) -> None:
    """Put ccache before the compilers on PATH, for this process and those it starts. folder: for links to it."""
    beside = Path(sys.executable).with_name("ccache")
    program = str(beside) if beside.is_file() else shutil.which("ccache")
    if program is None:
        return
    for name in NAMES:
        if shutil.which(name) is not None:
            (folder / name).symlink_to(program)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    # -march=native is the same text on every machine, and means another thing.
    os.environ["CCACHE_NAMESPACE"] = hashlib.sha256(_instructions().encode()).hexdigest()
    # A header that Verilator precompiles counts by what is in it.
    os.environ.setdefault(
        "CCACHE_SLOPPINESS", "pch_defines,time_macros,include_file_mtime,include_file_ctime"
    )


def _instructions() -> str:
    """Return what the processor says that it knows."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return ""
    return next((line for line in lines if line.startswith(("flags", "Features"))), "")
