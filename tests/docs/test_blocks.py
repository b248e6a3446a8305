"""Every shell and Python block of README and docs runs, or says why not."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.docs.blocks import RUN, SHOWN, Block, blocks, to_run
from tests.docs.generated import PAGES, ROOT


def folder_of_a_clone(place: Path) -> dict[str, str]:
    """Make `place` look like a clone whose environment is installed; return the environment to work in."""
    programs = place / ".venv" / "bin"
    programs.mkdir(parents=True)
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"].get("scripts", {})
    calls = dict.fromkeys(("python", "python3"), "")
    for name, (module, _, function) in {n: e.partition(":") for n, e in scripts.items()}.items():
        calls[name] = f"-c 'import sys; from {module} import {function}; sys.exit({function}())'"
    for name, call in calls.items():
        (programs / name).write_text(f'#!/bin/sh\nexec "{sys.executable}" {call} "$@"\n')
        (programs / name).chmod(0o755)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (place / name).symlink_to(ROOT / name)
    for stamp in re.findall(r"\.stamp-[a-z]+", (ROOT / "Makefile").read_text()):
        (place / ".venv" / stamp).touch()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    return environment | {
        "PATH": f"{programs}{os.pathsep}{environment['PATH']}",
        "PYTHONPATH": str(ROOT),
        "COLUMNS": "120",
        "OMP_NUM_THREADS": "1",
    }


def run(page: Path, place: Path, *options: str) -> None:
    command = [sys.executable, "-W", "ignore", "-m", "tests.docs.run_page", str(page), *options]
    done = subprocess.run(
        command,
        cwd=place,
        env=folder_of_a_clone(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:]


QUICK = [page for page in PAGES if to_run(page, slow=False)]
LONG = ("own-script", "own-module", "from-snntorch", "report")
"""Pages whose quick blocks take ten seconds together."""

SLOW = [page for page in PAGES if to_run(page, slow=True) != to_run(page, slow=False)]


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, marks=pytest.mark.slow if page.stem in LONG else ()) for page in QUICK],
    ids=lambda page: str(page.relative_to(ROOT)),
)
def test_quick_blocks_run(page: Path, tmp_path: Path) -> None:
    run(page, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("page", SLOW, ids=lambda page: str(page.relative_to(ROOT)))
def test_all_blocks_run(page: Path, tmp_path: Path) -> None:
    run(page, tmp_path, "--slow")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_block_has_its_language_and_every_remark_its_reason(page: Path) -> None:
    for block in blocks(page):
        assert block.language in (*RUN, *SHOWN), f"line {block.line}: a block is one of {(*RUN, *SHOWN)}"
        assert not block.remark or (len(block.reason) > 9 and block.language in RUN), f"line {block.line}"
        assert block.language in RUN or not re.search(r"^(\$ |make |pip |python )", block.code, re.M)


def test_blocks_are_found_with_their_lines_and_remarks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# A\n\n```sh\necho a\n```\n\n<!-- not run: needs a board -->\n\n```sh\necho b\n```\n\n"
        "<!-- slow: takes a minute -->\n```python\nc = 1\nd = 2\n```\n\n```text\ne\n```\n\n    f\n"
    )
    assert blocks(page) == [
        Block(4, "sh", "echo a\n"),
        Block(10, "sh", "echo b\n", "not run", "needs a board"),
        Block(15, "python", "c = 1\nd = 2\n", "slow", "takes a minute"),
        Block(20, "text", "e\n"),
        Block(24, "", "f\n"),
    ]
    assert [block.line for block in to_run(page, slow=False)] == [4]
    assert [block.line for block in to_run(page, slow=True)] == [4, 15]


def test_a_remark_without_a_block_is_an_error(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- not run: needs a board -->\n\nText.\n\n```sh\necho b\n```\n")
    with pytest.raises(ValueError, match="no block behind"):
        blocks(page)


@pytest.mark.parametrize("code", ["sh\nfalse\necho after", "python\nraise ValueError('wrong')"])
def test_a_block_that_fails_fails_its_page(code: str, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"```sh\necho before\n```\n\n```{code}\n```\n")
    (tmp_path / "place").mkdir()
    with pytest.raises(AssertionError, match=r"before\s+--- page.md, line 6\s+Traceback"):
        run(page, tmp_path / "place")
