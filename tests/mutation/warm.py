"""A process that has imported what is slow to import, and runs pytest in a child of its own for each line that it reads.

Started in a copy of the tree, with the modules' names as arguments: none of the project's, which mutants are made of.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import signal
import sys
import time

import hypothesis
import pytest

_GIBI = 1 << 30


def main() -> None:
    """Read calls, a JSON object a line, and answer each with one."""
    for name in sys.argv[1:]:
        try:
            importlib.import_module(name)
        except ImportError:  # the tests will say what they miss
            continue
    # The first example that fails is enough; it is not made smaller.
    hypothesis.settings.register_profile(
        "first", phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate]
    )
    hypothesis.settings.load_profile("first")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for line in sys.stdin:
        call = json.loads(line)
        began = time.perf_counter()
        child = os.fork()
        if child == 0:
            _run(call["arguments"], call["log"], call["limit"])
        status, cpu = _wait(child, 5 * call["limit"])
        print(json.dumps({"status": status, "seconds": time.perf_counter() - began, "cpu": cpu}), flush=True)


def _run(arguments: list[str], log: str, limit: float) -> None:
    """Run pytest in this process, and end."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream, target in ((os.open(os.devnull, os.O_RDONLY), 0), (file, 1), (file, 2)):
        os.dup2(stream, target)
    sys.stdin = os.fdopen(0)
    resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 2))
    resource.setrlimit(resource.RLIMIT_FSIZE, (_GIBI, _GIBI))
    resource.setrlimit(resource.RLIMIT_DATA, (8 * _GIBI, 8 * _GIBI))
    status = 1
    try:
        status = int(pytest.main(arguments))
    finally:
        sys.stdout.flush()
        os._exit(status)


def _wait(child: int, limit: float) -> tuple[int, float]:
    """Return a child's exit status, negative for a signal, and the CPU seconds of it and of what it waited for."""
    end = time.monotonic() + limit
    try:
        done, status, used = os.wait4(child, os.WNOHANG)
        while not done and time.monotonic() < end:
            time.sleep(0.05)
            done, status, used = os.wait4(child, os.WNOHANG)
    finally:
        _kill(child)  # and what it started
    if not done:
        _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime


def _kill(child: int) -> None:
    try:
        os.killpg(child, signal.SIGKILL)
    except ProcessLookupError:
        return


if __name__ == "__main__":
    main()
