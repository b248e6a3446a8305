"""A small network with images, and a page of it with every report there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import hls_project
from hls_project.parity import golden
from tests import models
from tests.hls_project.page import reports


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The QONNX file of a small network, with a sample of 12 images beside it."""
    pytest.importorskip("jinja2")
    pytest.importorskip("matplotlib")
    path = tmp_path_factory.mktemp("models") / "small.onnx"
    path.write_bytes(models.build("4C3-P2-6C3-FC10", (8, 8, 1), seed=5).SerializeToString())
    scores = golden.scores(path, reports.IMAGES)
    np.savez(path.with_name("sample.npz"), images=reports.IMAGES, labels=reports.LABELS, scores=scores)
    return path


@pytest.fixture(scope="session")
def page(network: Path, tmp_path_factory: pytest.TempPathFactory) -> hls_project.Report:
    """The page of the network, with a plan and every report there."""
    build = tmp_path_factory.mktemp("page") / "build"
    hls_project.explore(network, build=build)
    reports.write_all(build / "small")
    return hls_project.report(network, build=build)
