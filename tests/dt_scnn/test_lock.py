"""A folder belongs to one run at a time: another process waits, and is told whom it waits for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from dt_scnn.lock import hold

HOLDER = """
import sys
from pathlib import Path
from dt_scnn.lock import hold
lock = hold(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    """Return a process that holds the lock of `folder` until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stdout.readline() == "held\n"
    return process


def test_another_process_is_named_and_then_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with holder(tmp_path) as other:
        with pytest.raises(ConfigurationError, match=f"still in use by process {other.pid} .*-c"):
            hold(tmp_path, patience_s=0.3)
        assert f"is in use by process {other.pid}" in capsys.readouterr().err
        other.communicate()
    hold(tmp_path, patience_s=0).release()


def test_a_run_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with holder(tmp_path) as other:
        other.kill()
        other.wait()
        hold(tmp_path, patience_s=5).release()


def test_one_process_may_hold_a_folder_often_and_lets_go_of_it_with_the_last_reference(
    tmp_path: Path,
) -> None:
    first, second = hold(tmp_path), hold(tmp_path)
    assert first is second
    del first, second
    with holder(tmp_path) as other:
        other.communicate()
