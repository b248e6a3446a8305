"""Programs: logged, bounded in time, and none left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.errors import FlowError
from hls_project.synthesis.process import Call, run
from tests.hls_project.synthesis.conftest import is_running, wait_until


def python(folder: Path, code: str, name: str = "the tool", timeout: float = 20.0, stdin: str = "") -> Call:
    return Call(name, (sys.executable, "-c", code), folder, folder / f"{name}.log", timeout, stdin)


def test_output_is_logged_and_heard_by_lines(tmp_path: Path) -> None:
    heard: list[str] = []
    code = "import sys; print(sys.stdin.read()); print('two', file=sys.stderr); print('no end', end='')"
    run([python(tmp_path, code, stdin="one " * 30_000)], on_lines=heard.extend)
    assert sorted(heard) == sorted(["one " * 30_000, "two"])
    assert "no end" in (tmp_path / "the tool.log").read_text()


def test_the_working_directory_is_the_call_s(tmp_path: Path) -> None:
    run([python(tmp_path, "open('here', 'w').close()")])
    assert (tmp_path / "here").exists()


def test_at_most_so_many_run_at_once(tmp_path: Path) -> None:
    code = "import time; print(time.monotonic()); time.sleep(0.3); print(time.monotonic())"
    calls = [python(tmp_path, code, str(number)) for number in range(5)]
    done: list[str] = []
    run(calls, 2, on_done=lambda call: done.append(call.name))
    assert sorted(done) == ["0", "1", "2", "3", "4"]
    spans = [[float(word) for word in call.log.read_text().split()] for call in calls]
    at_once = [sum(first <= moment < last for first, last in spans) for moment, _ in spans]
    assert max(at_once) == 2


def test_failure_names_the_tool_its_status_and_the_end_of_its_log(tmp_path: Path) -> None:
    code = "import sys; print('a\\n' * 40); sys.exit('ERROR: no such cell')"
    with pytest.raises(FlowError, match="the tool failed with status 1") as caught:
        run([python(tmp_path, code)])
    assert caught.value.log_tail.endswith("ERROR: no such cell")
    assert len(caught.value.log_tail.splitlines()) == 15
    assert caught.value.log_path == tmp_path / "the tool.log"


FULL_DISK = """
import resource, sys
from pathlib import Path
from dt_scnn.exit_statuses import exit_statuses
from hls_project.synthesis.process import Call, run
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
folder = Path(sys.argv[1])
silent = "try: open('figures.json', 'w').write('[' * 9000)\\nexcept OSError: pass"
with exit_statuses("nothing"):
    run([Call("tool", (sys.executable, "-c", silent), folder, folder / "log", 60)], on_done=lambda _: print("read"))
"""


def test_a_tool_that_says_nothing_of_a_full_disk(tmp_path: Path) -> None:
    call = [sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"error: {tmp_path}: File too large\n")
    assert {path.name for path in tmp_path.iterdir()} == {"log", "figures.json"}


def test_a_tool_that_is_killed_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="SIGKILL; too little memory"):
        run([python(tmp_path, "import os; os.kill(os.getpid(), 9)")])


def test_a_tool_that_cannot_be_started(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="the tool could not be started"):
        run([Call("the tool", ("/does/not/exist",), tmp_path, tmp_path / "log", 1.0)])


def spawn(folder: Path) -> str:
    return (
        "import pathlib, subprocess, time; child = subprocess.Popen(['sleep', '100']);"
        f"pathlib.Path({str(folder / 'child')!r}).write_text(str(child.pid)); time.sleep(100)"
    )


def test_a_tool_that_hangs_ends_with_all_that_it_started(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match="the tool did not end within 5 s"):
        run([python(tmp_path, spawn(tmp_path), timeout=5.0)])
    child = int((tmp_path / "child").read_text())
    assert wait_until(lambda: not is_running(child))


def test_one_failure_ends_the_others_and_starts_no_more(tmp_path: Path) -> None:
    failing = python(tmp_path, "import time; time.sleep(0.5); raise SystemExit(3)", "failing")
    never = python(tmp_path, "open('never', 'w').close()", "never")
    with pytest.raises(FlowError, match="failing failed with status 3"):
        run([python(tmp_path, spawn(tmp_path), "long"), failing, never], 2)
    assert wait_until(lambda: not is_running(int((tmp_path / "child").read_text())))
    assert not (tmp_path / "never").exists()


def test_ctrl_c_leaves_nothing_running(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from hls_project.synthesis.process import Call, run;"
        f"run([Call('tool', (sys.executable, '-c', {spawn(tmp_path)!r}), Path('.'), Path({str(tmp_path / 'log')!r}), 60)])"
    )
    caller = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL, env=os.environ.copy())
    child = tmp_path / "child"
    assert wait_until(lambda: child.exists() and bool(child.read_text()))
    caller.send_signal(signal.SIGINT)
    assert caller.wait(10) != 0
    assert wait_until(lambda: not is_running(int(child.read_text())))
