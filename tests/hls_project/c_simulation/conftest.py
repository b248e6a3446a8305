"""A small network's workspace, converted and compiled once; tests that change it work on a copy."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from dt_scnn.compiler import Compiler
from hls_project.c_simulation.csim_verdict import csim
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace.folder import Workspace, open_workspace
from tests import models

SPEC, SHAPE, IMAGES = "4C3-P2-6C3-P2-FC5", (10, 12, 2), 12
FAST = Compiler(flags=("-O0",))


def make_workspace(folder: Path, seed: int = 1) -> Workspace:
    source = folder / "small.onnx"
    onnx.save(models.build(SPEC, SHAPE, seed=seed, thresholds="ties"), source)
    labels = np.arange(IMAGES, dtype=np.int64) % 5
    np.savez(folder / "sample.npz", images=models.images(SHAPE, IMAGES), labels=labels)
    return open_workspace(str(source), folder / "build")


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = make_workspace(tmp_path_factory.mktemp("csim"))
    report = csim(workspace, models.images(SHAPE, IMAGES), None, HlsOptions(), FAST)
    assert report.difference is None
    assert report.exact == IMAGES
    return workspace


@pytest.fixture
def workspace(built: Workspace, tmp_path: Path) -> Workspace:
    folder = tmp_path / "build" / built.name
    shutil.copytree(built.folder, folder)
    return Workspace(built.name, folder, built.sample)
