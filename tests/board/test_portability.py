"""What runs on a PYNQ image: the Python of the oldest one, numpy and pynq, and nothing else."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

BOARD = Path(__file__).parents[2] / "board"
SOURCES = sorted(BOARD.rglob("*.py"))
LAZY = {"PIL"}
"""Only to open or scale pictures; it is on every PYNQ image."""

WIDGETS = {"IPython", "ipywidgets", "ipycanvas"}
"""Only in the demo, which runs in Jupyter, and does without the last two."""


def imported(tree: ast.AST) -> set[str]:
    """Return the packages that are imported by absolute names."""
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [
        node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level
    ]
    return {name.partition(".")[0] for name in names}


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.relative_to(BOARD).as_posix())
def test_python_3_8_reads_it_and_it_needs_numpy_and_pynq_alone(source: Path) -> None:
    tree = ast.parse(source.read_text(), feature_version=(3, 8))
    lazy = LAZY | (WIDGETS if source.parent.name == "demo" else set())
    assert imported(tree) <= {"numpy", "pynq", *lazy, *sys.stdlib_module_names}
    at_once = ast.Module([node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)], [])
    assert not imported(at_once) & lazy
    assert (
        "from __future__ import annotations" in source.read_text()
    )  # `list[int]` is an error in 3.8 without it


def test_what_reads_the_board_s_data_needs_no_pynq() -> None:
    code = "import sys; sys.modules['pynq'] = None; import board, board.manifest, board.registers, board.simulated"
    assert subprocess.run([sys.executable, "-c", code], cwd=BOARD.parent, check=False).returncode == 0
