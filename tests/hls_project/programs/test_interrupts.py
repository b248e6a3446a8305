from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hls_project.programs import processes
from hls_project.programs.interrupts import deferred
from hls_project.synthesis import process as synthesis
from hls_project.vendor import run as vendor

POPEN = subprocess.Popen
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


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Interrupt the start of each program; the list has those that were started, and none outlives the test."""
    programs: list[subprocess.Popen[bytes]] = []

    def interrupted(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        programs.append(POPEN(*args, **kwargs))  # type: ignore[call-overload]
        signal.raise_signal(signal.SIGINT)
        return programs[-1]

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    yield programs
    monkeypatch.undo()
    for program in programs:
        program.kill()
        program.wait()


STARTS = pytest.mark.parametrize("start", [with_processes, with_synthesis, with_vendor])


@STARTS
def test_a_program_that_is_interrupted_while_it_starts_is_not_left_running(
    start: Callable[[Path], None], tmp_path: Path, started: list[subprocess.Popen[bytes]]
) -> None:
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path)
    assert [program.returncode for program in started] == [-signal.SIGKILL]


@STARTS
def test_a_second_interrupt_during_the_clean_up_leaves_nothing_running(
    start: Callable[[Path], None],
    tmp_path: Path,
    started: list[subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = POPEN.wait

    def interrupted(program: subprocess.Popen[bytes], timeout: float | None = None) -> int:
        signal.raise_signal(signal.SIGINT)
        return wait(program, timeout)

    monkeypatch.setattr(POPEN, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start(tmp_path)
    assert [program.returncode for program in started] == [-signal.SIGKILL]
