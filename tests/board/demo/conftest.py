"""An overlay of a small network, with hardware that answers at once what the network does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from board.overlay import DTSCNNOverlay
from board.preparation import LIGHT_ON_DARK, Drawing
from board.reference import Reference
from dt_scnn.files import sha256
from tests.board import instant

SHAPE = (28, 28, 1)
MNIST = Drawing(LIGHT_ON_DARK, 20)


def write_network(path: Path, thresholds: np.ndarray, channels: int = 1) -> None:
    """Write a network of one convolution with 3 kernels, a pool and 10 classes."""
    random = np.random.default_rng(7)
    count = len(thresholds)
    np.savez(
        path,
        layers=np.array(["conv0", "dense0"]),
        **{
            "conv0/weights": random.integers(-3, 4, (3, 3, channels, 3)).astype(np.int8),
            "conv0/geometry": np.array([1, 1, 1, 1, 1, 1, 2], np.int32),
            "conv0/thresholds": thresholds.astype(np.int32),
            "dense0/weights": random.integers(-7, 8, (14, 14, 3 * count, 10)).astype(np.int8),
            "dense0/geometry": np.array([1, 1, 0, 0, 0, 0, 1], np.int32),
        },
    )


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., DTSCNNOverlay]]:
    """Load an overlay whose manifest has these changes. network: whether it came with the network's file."""
    loaded: list[DTSCNNOverlay] = []

    def open_overlay(network: bool = True, channels: int = 1, **changes: object) -> DTSCNNOverlay:
        file = tmp_path / "net.network.npz"
        write_network(file, np.array([[200, -400, 100], [900, 300, 150]]), channels)
        reference, shape = Reference(file), (28, 28, channels)
        monkeypatch.setattr(
            instant,
            "scores",
            lambda images, classes: np.stack(
                [reference.scores(image) for image in images.reshape(-1, *shape)]
            ),
        )
        (tmp_path / "net.bit").write_bytes(b"bits")
        bitstream = instant.overlay(
            tmp_path, shape, **({"drawing": MNIST._asdict()} if channels == 1 else {}) | changes
        )
        if network:
            manifest = json.loads(bitstream.with_suffix(".json").read_text())
            manifest["files"][file.name] = sha256(file)
            bitstream.with_suffix(".json").write_text(json.dumps(manifest))
        loaded.append(DTSCNNOverlay(bitstream, device=instant.instant_board(bitstream)))
        return loaded[-1]

    yield open_overlay
    for overlay in loaded:
        overlay.close()
