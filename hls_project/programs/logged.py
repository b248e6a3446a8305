"""A program run to its end, with what it prints in a log."""

from __future__ import annotations

import subprocess
from pathlib import Path

from dt_scnn.errors import FlowError


def run_logged(
    call: list[str], folder: Path, log: Path, timeout: float, environment: dict[str, str] | None = None
) -> None:
    """Run a program in `folder` and append what it prints to `log`. environment: its variables, or ours.

    Raises:
        FlowError: it failed, or took more than `timeout` seconds.
    """
    try:
        done = subprocess.run(
            call, cwd=folder, capture_output=True, text=True, timeout=timeout, check=False, env=environment
        )
    except subprocess.TimeoutExpired as hung:
        raise FlowError(f"{call[0]} did not end within {timeout:g} s", log_path=log) from hung
    with open(log, "a") as file:
        file.write(f"$ {' '.join(call)}\n{done.stdout}{done.stderr}")
    if done.returncode != 0:
        tail = "\n".join(done.stderr.splitlines()[-15:])
        raise FlowError(f"{call[0]} failed with status {done.returncode}", log_path=log, log_tail=tail)
