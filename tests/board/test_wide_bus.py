"""Real pynq on simulated hardware whose bus has 64 bits and whose core takes several pixels at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from board.overlay import DTSCNNOverlay
from dt_scnn.compiler import Compiler
from hls_project.cosimulation.verilate import Verilator
from hls_project.overlay.simulated import simulated_overlay
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace
from tests import models


@pytest.mark.parametrize(
    ("spec", "shape", "folds"),
    [
        (  # 270 bytes, 5 result words: neither fills whole bus words
            *("3C1-FC4", (5, 6, 9), {"conv0": Fold("folded", 3, 9, 1)}),
        ),
        pytest.param(  # rows of 4, 4 and 2 pixels
            *("4C3-P2-FC5", (6, 10, 3), {"conv0": Fold("adders", 4, 27, 4)}), marks=pytest.mark.slow
        ),
    ],
)
def test_every_score_is_exact(
    spec: str, shape: tuple[int, int, int], folds: dict[str, Fold], tmp_path: Path
) -> None:
    workspace = Workspace("wide", tmp_path / "wide", tmp_path / "sample.npz")
    np.savez(tmp_path / "sample.npz", images=models.images(shape, 6))
    workspace.folder.mkdir()
    workspace.model.write_bytes(models.build(spec, shape).SerializeToString())
    bit = simulated_overlay(workspace, RtlOptions(folds=folds), Verilator.find(Compiler.from_environment()))
    with DTSCNNOverlay(bit, device="sim", timeout=2.0) as overlay:
        manifest = overlay.classifier.manifest
        assert manifest.bus_bits == 64
        golden = manifest.golden_vectors()
        assert overlay.verify() == len(golden.images) == 6
        for count in (1, 2, 3):  # odd and even numbers of result words
            assert np.array_equal(overlay.predict(golden.images[:count]).scores, golden.scores[:count])
