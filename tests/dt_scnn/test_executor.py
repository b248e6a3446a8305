"""The one executor: processes of this machine and a Dask cluster give the same; each fault is one clear error."""

from __future__ import annotations

import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dt_scnn import executor as module
from dt_scnn.errors import ConfigurationError, FlowError
from dt_scnn.executor import executor, run_all

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """Address of a scheduler with one worker, a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as found:
        yield found.scheduler_address


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_TIMEOUT", 1.0)


def results(scheduler: str | None, inputs: list[int]) -> dict[int, float]:
    found: dict[int, float] = {}
    with executor(scheduler, 2) as pool:
        run_all(pool, math.sqrt, inputs, found.__setitem__)
    return found


def test_processes_of_this_machine() -> None:
    assert results(None, [4, 9, 16]) == {4: 2.0, 9: 3.0, 16: 4.0}


def test_a_cluster_gives_the_same(cluster: str) -> None:
    assert results(cluster, [4, 9, 16]) == {4: 2.0, 9: 3.0, 16: 4.0}


@pytest.mark.parametrize("where", ["here", "cluster"])
def test_the_error_of_a_task_is_raised(where: str, request: pytest.FixtureRequest) -> None:
    with pytest.raises(ValueError, match="math domain"):
        results(None if where == "here" else request.getfixturevalue("cluster"), [4, -1])


def leave(place: Path) -> None:
    place.touch()
    time.sleep(0.2)


@pytest.mark.parametrize("where", ["here", "cluster"])
def test_the_first_failure_takes_back_what_waits(
    where: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    def finish(place: Path, result: None) -> None:
        raise ValueError(place.name)

    scheduler = None if where == "here" else request.getfixturevalue("cluster")
    with pytest.raises(ValueError), executor(scheduler, 1) as pool:
        run_all(pool, leave, [tmp_path / str(number) for number in range(40)], finish)
    if scheduler:  # the cluster has taken nothing up that was there before this
        assert results(scheduler, [4]) == {4: 2.0}
    assert 1 <= len(list(tmp_path.iterdir())) < 40


@pytest.mark.parametrize(
    "address", ["", "10.0.0.1:8786", "tcp://host", "http://host:1", "tcp://a b:1", "tcp://h:1/x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(
        ConfigurationError, match="SCHEDULER is the address of a Dask scheduler, such as tcp://"
    ):
        results(address, [4])


def test_a_scheduler_that_does_not_answer_is_one_error_in_time(
    short: None, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as silent:  # takes the connection and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        with pytest.raises(
            ConfigurationError, match=r"no Dask scheduler answers at tcp://127.0.0.1:\d+ within 1 s"
        ):
            results(f"tcp://127.0.0.1:{silent.getsockname()[1]}", [4])
        assert time.monotonic() - started < 8
    assert capfd.readouterr() == ("", "")


def test_a_scheduler_without_workers_is_one_error(short: None) -> None:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None, processes=True) as found,
        pytest.raises(ConfigurationError, match="has had no worker for 1 s"),
    ):
        results(found.scheduler_address, [4])


def test_without_dask_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'dt-scnn\[cluster\]'"):
        results("tcp://127.0.0.1:8786", [4])


def die(number: int) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_process_that_is_killed_is_named() -> None:
    with pytest.raises(FlowError, match="too little memory is the usual reason"), executor(None, 1) as pool:
        run_all(pool, die, [1], lambda one, result: None)


def test_a_script_without_a_guard_is_run_once(tmp_path: Path) -> None:
    """Workers that ran it again would wait for the folder that it holds."""
    (tmp_path / "mine.py").write_text(
        "import math\nfrom dt_scnn.executor import executor, run_all\nprint('once')\n"
        "with executor(None, 2) as pool:\n    run_all(pool, math.sqrt, [4, 9], lambda one, root: print(one, root))\n"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "mine.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert sorted(done.stdout.splitlines()) == ["4 2.0", "9 3.0", "once"], done.stderr


FAILING = """
from dt_scnn.executor import executor, run_all

def finish(one, result):
    raise ValueError

for _ in range(16):
    try:
        with executor(None, 1) as pool:
            run_all(pool, abs, range(40), finish)
    except ValueError:
        print("told")
"""


def test_a_failure_takes_the_others_back_in_silence(tmp_path: Path) -> None:
    """The pool's own thread fails, now and then, on a task that was cancelled when its workers were ended."""
    (tmp_path / "failing.py").write_text(FAILING)
    done = subprocess.run(
        [sys.executable, tmp_path / "failing.py"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.split() == ["told"] * 16 and done.stderr == ""


TASK = """
import pathlib, sys
from hls_project.synthesis.process import Call, run

def work(folder):
    run([Call("sleep", (sys.executable, "-c", "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"),
        pathlib.Path(folder), pathlib.Path(folder) / "log", 90.0)])
"""
PROGRAM = """
import sys
from dt_scnn.executor import executor, run_all
from task import work

with executor(None, 1) as pool:
    run_all(pool, work, [sys.argv[1]] * 3, print)  # some wait in the worker's queue
"""


def test_an_interruption_ends_what_a_worker_runs(tmp_path: Path) -> None:
    (tmp_path / "task.py").write_text(TASK)
    (tmp_path / "program.py").write_text(PROGRAM)
    process = subprocess.Popen(
        [sys.executable, tmp_path / "program.py", tmp_path],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 30
    while not ((tmp_path / "pid").is_file() and (tmp_path / "pid").read_text()):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the workers get it too
    _, errors = process.communicate(timeout=20)
    assert "KeyboardInterrupt" in errors and errors.count("Traceback") == 1
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)
