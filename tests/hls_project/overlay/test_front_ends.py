"""Every file that Vivado is handed - core, shell and wrapper - is read by three front ends, without a warning."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dt_scnn import zoo
from hls_project.cosimulation.verilate import shell
from hls_project.graph.integer import integerize
from hls_project.graph.network_summary import FILE, NetworkSummary
from hls_project.overlay import boards
from hls_project.overlay.vivado import scripts
from hls_project.plan.fold import Fold
from hls_project.targets.rtl import core
from hls_project.targets.rtl.convert import write_rtl
from hls_project.targets.rtl.options import RtlOptions
from tests import models
from tests.front_ends import problems, slang, stand_in

TOP = "dtscnn_axi"
QUICK = ("mnist",)
LARGEST = "cifar-10-accurate-scnn"
"""Unfolded, as here, no part could hold it."""

OTHERS = [name for name in zoo.names() if name not in (*QUICK, LARGEST) and zoo.find(name).model.is_file()]
SMALL = {"one class, RGB": ("1C1v-FC1", (3, 2, 3)), "pools that leave rows": ("2C3-P2-P2-FC2", (11, 9, 3))}
FOLDED = {
    "words of 9,792 bits": {"conv1": Fold("folded", 6, 10, 1), "dense0": Fold("folded", 96, 12, 1)},
    "pairs in memories": {"conv1": Fold("folded", 4, 8, 2), "dense0": Fold("folded", 6, 4, 1)},
    "pixels, chains": {"conv0": Fold("folded_lut", 3, 2, 4), "conv1": Fold("folded_lut", 1, 2, 1)},
    "one kernel at a time": {"conv0": Fold("folded", 1, 1, 1), "dense0": Fold("folded_lut", 1, 2, 1)},
}
LONG = ("words of 9,792 bits", "pairs in memories")


def handed(folder: Path, rtl: Path, network: NetworkSummary, pace: dict[str, int]) -> tuple[Path, list[str]]:
    """Write what Vivado is handed; return the folder and the sources in it."""
    around = shell(network, core.build_id(rtl), **pace)
    files = sorted(file for pattern in core.SOURCES for file in rtl.glob(pattern))
    sources = scripts.Sources((*files, *around.files()), around.parameters)
    scripts.write(folder / "vivado", sources, boards.find("pynq-z2"), 100.0)
    work = folder / "vivado"
    return work, sorted(path.name for path in work.iterdir() if path.suffix in (".sv", ".v"))


def rtl_of(name: str, folder: Path) -> tuple[Path, list[str]]:
    source = zoo.find(name).model if name not in SMALL else models.build(*SMALL[name])
    rtl = folder / "rtl"
    write_rtl(integerize(source), rtl, RtlOptions())
    return handed(folder, rtl, NetworkSummary.load(rtl / FILE), core.pace(rtl))


@pytest.mark.parametrize(
    "name", [*SMALL, *QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def test_three_front_ends_read_what_vivado_gets_of_target_rtl(name: str, tmp_path: Path) -> None:
    assert problems(*rtl_of(name, tmp_path), TOP) == {}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in FOLDED]
)
def test_three_front_ends_read_folded_layers(name: str, tmp_path: Path) -> None:
    rtl = tmp_path / "rtl"
    spec, bits = ("5C3-P2-6C3-FC96-FC3", 8) if "words" in name else ("5C3-P2-6C3-FC7-FC3", 4)
    network = integerize(models.build(spec, (9, 10, 3), bits))
    write_rtl(network, rtl, RtlOptions(folds=FOLDED[name]))
    work, files = handed(tmp_path, rtl, NetworkSummary.load(rtl / FILE), core.pace(rtl))
    assert problems(work, files, TOP) == {}


def test_three_front_ends_read_what_vivado_gets_of_target_hls(tmp_path: Path) -> None:
    from hls_project.targets.hls.convert import write_project
    from hls_project.targets.hls.options import HlsOptions

    project, core_folder = tmp_path / "hls", tmp_path / "core"
    write_project(integerize(models.build("2C3-P2-FC3", (6, 6, 3))), project, HlsOptions())
    core_folder.mkdir()
    shutil.copy(project / "dtscnn_core.sv", core_folder)
    network = NetworkSummary.load(project / FILE)
    (core_folder / "dtscnn.sv").write_text(stand_in(project / "dtscnn_core.sv", network))
    work, files = handed(tmp_path, core_folder, network, {})
    assert problems(work, files, TOP) == {}


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ("assign nowhere = 1'b1;", "nowhere"),
        ("logic [3:0] narrow; assign narrow = 8'd255;", "narrow|constant"),
        ("logic twice; assign twice = 1'b0; assign twice = 1'b1;", "twice"),
    ],
)
def test_slang_sees_what_is_wrong(tmp_path: Path, broken: str, word: str) -> None:
    (tmp_path / "a.sv").write_text(f"`default_nettype none\nmodule a;\n    {broken}\nendmodule\n")
    said = slang(tmp_path, ["a.sv"], "a")
    assert any(part in said for part in word.split("|")), said
