"""What every test may count on."""

from __future__ import annotations

import os
import signal
import tempfile
from pathlib import Path

import pytest

from tests import compilers

SIMULATOR = {"OPT_FAST": "-O1", "OPT_SLOW": "-O0", "OPT_GLOBAL": "-O0"}
"""Flags of Verilator's makefiles. A test simulates few images, and compiling costs more than they do."""


_links = tempfile.TemporaryDirectory(prefix="compilers-")


def pytest_configure() -> None:
    """Let Ctrl-C reach the programs that tests interrupt: a shell's background jobs inherit it ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Each worker of pytest-xdist, and each program it starts, would use all cores, and they would wait for each other.
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    for name, flag in SIMULATOR.items():
        os.environ.setdefault(name, flag)
    compilers.remember(Path(_links.name))


@pytest.fixture(autouse=True)
def optimised_where_it_is_slow(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a slow test simulate as users do."""
    if request.node.get_closest_marker("slow"):
        for name in SIMULATOR:
            monkeypatch.delenv(name)
