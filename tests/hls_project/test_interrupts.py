from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hls_project import processes
from hls_project.interrupts import deferred
from hls_project.synthesis import process as synthesis
from hls_project.vendor import run as vendor

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture(autouse=True)
def handler() -> Iterator[None]:
    """Hear SIGINT also where these tests run in the background of a shell."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_waits_for_the_end_of_the_block() -> None:
    ended = False
    with pytest.raises(KeyboardInterrupt), deferred():
        signal.raise_signal(signal.SIGINT)
        ended = True
    assert ended and signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_ignored_interrupt_stays_ignored() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with deferred():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_a_program_started_within_can_be_interrupted() -> None:
    with deferred():
        program = subprocess.Popen(SLEEP, stderr=subprocess.DEVNULL)
    program.send_signal(signal.SIGINT)
    assert program.wait(10) != 0


def with_processes(folder: Path) -> None:
    with processes.processes([SLEEP]):
        pass


def with_synthesis(folder: Path) -> None:
    synthesis.run([synthesis.Call("tool", SLEEP, folder, folder / "log", 60)])


def with_vendor(folder: Path) -> None:
    vendor.run(SLEEP, folder, folder / "log", vendor.Limits(), name="tool")


@pytest.mark.parametrize("start", [with_processes, with_synthesis, with_vendor])
def test_a_program_that_is_interrupted_while_it_starts_is_not_left_running(
    start: Callable[[Path], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def interrupted(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **kwargs))  # type: ignore[call-overload]
        signal.raise_signal(signal.SIGINT)
        return started[0]

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path)
    (program,) = started
    try:
        assert program.returncode == -signal.SIGKILL
    finally:
        program.kill()
        program.wait()
