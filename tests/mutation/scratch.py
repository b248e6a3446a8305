"""A copy of the tree in which mutants live: the checkout is never touched."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.groups import ROOT, Tests
from tests.mutation.mutants import Mutant

_NOT_COPIED = (".git", ".venv*", "build", "work", "data", "__pycache__", "*.egg-info", ".*_cache")

# What a compiler says of text that is none of its language: such a mutant was never alive.
_NOT_COMPILED = re.compile(
    r"\.(h|cpp):\d+:\d+: (fatal )?error: |Exiting due to \d+ error|ERROR: .*\n.*yosys_worker"
)


@dataclass(frozen=True)
class Ran:
    """How tests ended. verdict: survived, killed, timeout or stillborn. seconds: of CPU. said: their last lines."""

    verdict: str
    seconds: float
    said: str


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Return what of a folder is not copied: results, and what is no file, such as the socket of a notebook's kernel."""
    files = {name for name in names if (path := Path(folder) / name).is_file() or path.is_dir()}
    return set(names) - files | shutil.ignore_patterns(*_NOT_COPIED)(folder, names)


class Scratch:
    """One copy; one mutant at a time in it."""

    def __init__(self, folder: Path, modules: Sequence[str], root: Path) -> None:
        self._folder = folder
        self._tree = folder / "tree"
        shutil.copytree(root, self._tree, ignore=_left_out)
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "tests.mutation.warm", *modules],
            cwd=self._tree,
            env=_environment(self._tree),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def with_mutant(self, file: str, mutant: Mutant) -> Iterator[None]:
        """Put a mutant in the place of its file."""
        path = self._tree / file
        try:
            path.write_bytes(mutant.source)
            yield
        finally:
            path.write_bytes(mutant.text)

    def run(self, tests: Tests, limit: float) -> Ran:
        """Run tests on the copy. limit: seconds of CPU of any process; five times that of wall clock.

        Raises:
            RuntimeError: no test was found.
        """
        arguments = ["-x", "-q", "--no-header", "-p", "no:cacheprovider", "--hypothesis-seed=1"]
        arguments += [f"--basetemp={self._folder / 'tmp'}", *tests.arguments()]
        log = self._folder / "log"
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps({"arguments": arguments, "log": str(log), "limit": limit}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if answer["status"] in (4, 5):
            raise RuntimeError(f"no test is called {tests.chosen!r} in {tests.path}")
        said = log.read_text(errors="replace")
        return Ran(_verdict(answer["status"], said), answer["cpu"], said[-3000:])


def _verdict(status: int, said: str) -> str:
    if status == 0:
        return "survived"
    if _NOT_COMPILED.search(said):
        return "stillborn"
    return "timeout" if status < 0 else "killed"


def _environment(tree: Path) -> dict[str, str]:
    """The copy's modules, none of them from a cache that a mutant may have written; ccache where there is one."""
    mine = {"PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    if shutil.which("ccache"):
        mine["OBJCACHE"] = "ccache"
    return os.environ | mine


@contextmanager
def scratch(modules: Sequence[str], root: Path = ROOT) -> Iterator[Scratch]:
    """Give a copy of the tree at `root`, and remove it afterwards. modules: what to import once, for all tests."""
    with tempfile.TemporaryDirectory(prefix="mutate-", ignore_cleanup_errors=True) as folder:
        made = Scratch(Path(folder), modules, root)
        try:
            yield made
        finally:
            made.process.terminate()
            made.process.wait()
