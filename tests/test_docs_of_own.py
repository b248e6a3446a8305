"""The blocks of the how-to pages on own data and own modules run as they stand, one page after the other in a folder of its own.

A block behind `<!-- slow: REASON -->`, and what follows on its page, is run by the slow tests alone.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = ("own-data.md", "own-module.md")
_BLOCK = re.compile(r"^(<!-- slow: .{9,} -->\n)?```(\w+)\n(.*?)^```$", re.M | re.S)


def run(name: str, folder: Path, slow: bool) -> int:
    """Run the blocks of a page; return how many. The Python of a page is one program, cut where shell blocks stand."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" -W ignore "$@"\n')
    (programs / "python").chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    program = "import subprocess\n"
    count = 0
    for remark, language, code in _BLOCK.findall((ROOT / "docs" / name).read_text()):
        if remark and not slow:
            break
        assert language in ("python", "sh")
        count += 1
        program += (
            code if language == "python" else f"subprocess.run(['bash', '-euc', {code!r}], check=True)\n"
        )
    (folder / "page.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "page.py"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return count


@pytest.mark.parametrize("name", PAGES)
def test_what_is_quick_runs(name: str, tmp_path: Path) -> None:
    assert run(name, tmp_path, slow=False) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("name", PAGES)
def test_all_of_a_page_runs(name: str, tmp_path: Path) -> None:
    assert run(name, tmp_path, slow=True) == (ROOT / "docs" / name).read_text().count("\n```\n")
