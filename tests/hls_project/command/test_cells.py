"""Cells of a notebook that are run without a browser."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from hls_project.command.cells import run_cells


def test_lines_that_a_kernel_sends_apart_are_told_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slow = "import time\nprint('drawn', flush=True)\ntime.sleep(1)\nprint('told')"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(slow)])
    nbformat.write(book, tmp_path / "slow.ipynb")
    run_cells(tmp_path / "slow.ipynb", tmp_path / "out" / "slow.run.ipynb")
    assert "drawn\ntold\n" in capsys.readouterr().out
