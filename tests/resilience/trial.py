"""Trials: a stage with a fault, then the stage again; the second time its result must be the one of a clean run."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.resilience.fault import KILLED, Fault
from tests.resilience.stages import clean

CLEAN = Fault()


@dataclass
class Bench:
    """One server, and the folder in which the trials of one stage are made. right: the result of a clean run."""

    stage: str
    folder: Path
    server: subprocess.Popen[str]
    right: Any = None

    def ask(self, *requests: tuple[Path, str, int]) -> list[dict[str, Any]]:
        """Run the stage, once for each (folder, kind of fault, at), side by side."""
        assert self.server.stdin is not None and self.server.stdout is not None
        lines = [
            {"stage": self.stage, "folder": str(folder), "kind": kind, "at": at}
            for folder, kind, at in requests
        ]
        self.server.stdin.write(json.dumps(lines) + "\n")
        self.server.stdin.flush()
        answers: list[dict[str, Any]] = json.loads(self.server.stdout.readline())
        for answer in answers:
            assert answer["status"] in (0, 1, KILLED), answer.get("said", answer)
        return answers

    def run(self, folder: Path, fault: Fault = CLEAN) -> dict[str, Any]:
        """Run the stage in `folder` with a fault; return the answer."""
        return self.ask((folder, fault.kind, fault.at))[0]

    def fresh(self, finished: bool = False) -> Path:
        """Return a new folder, with what there is before the stage, or after it."""
        target = self.folder / "trial"
        if target.exists():
            clean(target)
        shutil.copytree(self.folder / ("finished" if finished else "begin"), target, symlinks=True)
        return target

    def begin(self) -> None:
        """Make both folders, and the right result."""
        start = self.folder / "begin"
        start.mkdir()
        assert self.ask((start, "begin", 0))[0]["status"] == 0
        trial = self.fresh()
        answer = self.run(trial)
        assert answer["status"] == 0, answer
        self.right = answer["result"]
        shutil.copytree(trial, self.folder / "finished", symlinks=True)

    def again(self, folder: Path) -> None:
        """Run the stage without a fault: it must give the right result."""
        answer = self.run(folder)
        assert answer["status"] == 0, answer
        assert answer["result"] == self.right

    def try_out(self, fault: Fault, finished: bool = False) -> dict[str, Any]:
        """Run the stage with a fault, then again; return the first answer."""
        folder = self.fresh(finished)
        answer = self.run(folder, fault)
        if answer["status"] == 0:
            assert answer["result"] == self.right
        for path in (folder, *folder.rglob("*")) if fault.kind == "read-only" else ():
            path.chmod(0o755 if path.is_dir() else 0o644)
        self.again(folder)
        return answer

    def until_the_end(self, kind: str, step: int = 1) -> int:
        """Try a fault at every `step`-th change of the folder, until the stage ends without meeting it; return how often."""
        for tried, at in enumerate(range(1, 10_000, step), 1):
            answer = self.try_out(Fault(kind, at))  # type: ignore[arg-type]
            if answer["status"] == 0:
                return tried
            assert answer["status"] == (KILLED if kind == "killed" else 1), answer
        raise AssertionError(f"{self.stage} does not end")


def start() -> subprocess.Popen[str]:
    """Start a server."""
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "ignore", "PYTHONHASHSEED": "0"}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.resilience.server"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=Path(__file__).parents[2],
    )


def damaged(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Yield each file below `folder` that is not empty, cut to half and with a bit turned over."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and path.stat().st_size:
            content = path.read_bytes()
            yield path, content[: len(content) // 2]
            middle = len(content) // 2
            yield path, content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1 :]
