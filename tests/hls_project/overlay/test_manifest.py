"""What a manifest says of the model's images, which the driver reads."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from board.manifest import Manifest
from board.preparation import LIGHT_ON_DARK, Drawing
from dt_scnn import zoo
from hls_project.graph.network_summary import NetworkSummary
from hls_project.overlay.manifest import write_manifest
from hls_project.workspace.folder import Workspace
from hls_project.workspace.images import read_sample
from tests import models


def strokes() -> np.ndarray:
    """Return twenty of the shipped digits' images."""
    return read_sample(zoo.find("mnist").sample)[0][:20]


def noise() -> np.ndarray:
    return models.images((28, 28, 1), 20)


@pytest.mark.parametrize(
    ("images", "drawing"), [(strokes(), Drawing(LIGHT_ON_DARK, 20)), (noise(), None)], ids=["digits", "noise"]
)
def test_it_says_what_drawings_the_model_was_trained_on(
    images: np.ndarray, drawing: Drawing | None, tmp_path: Path
) -> None:
    net = models.build("2C3-P2-FC3", (28, 28, 1))
    workspace = Workspace("net", tmp_path, tmp_path / "sample.npz")
    onnx.save(net, workspace.model)
    np.savez(tmp_path / "sample.npz", images=images)
    (tmp_path / "net.bit").write_bytes(b"bits")
    path = write_manifest(
        tmp_path,
        workspace,
        NetworkSummary(("a", "b", "c"), (28, 28, 1), 1.0, ()),
        kind="board",
        target="rtl",
        board="pynq-z2",
        part="xc7z020clg400-1",
        clock_mhz=100.0,
        build_id="1" * 16,
        bus_bits=32,
        hardware=[],
    )
    assert Manifest.load(path).drawing == drawing
