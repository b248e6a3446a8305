"""The numpy network is the hardware's, in every membrane potential, spike and score."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings

from board.errors import BoardError
from board.manifest import Manifest
from board.reference import Reference
from hls_project.overlay.manifest import write_network
from hls_project.parity import golden
from tests import models


def test_the_shipped_network_is_exact_on_every_golden_image(mnist_bit: Path) -> None:
    manifest = Manifest.load(mnist_bit.with_suffix(".json"))
    vectors, reference = manifest.golden_vectors(), Reference(manifest.network_file)
    assert np.array_equal([reference.scores(image) for image in vectors.images], vectors.scores)


@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models.networks(max_size=12, max_convs=3, max_kernel=7))
def test_random_networks_are_exact_in_every_map(example: models.Example) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "random.onnx"
        onnx.save(example.build(), model)
        pictures = example.images(3)
        reference = Reference(write_network(Path(folder) / "network.npz", model))
        traced = golden.trace(model, pictures)
        for index, picture in enumerate(pictures):
            for found, expected in zip(reference.maps(picture), traced, strict=True):
                assert found.name == expected.name
                assert np.array_equal(found.vm, expected.vm[index])
                if expected.spikes is not None:
                    assert np.array_equal(found.spikes, expected.spikes[index])


@pytest.mark.parametrize("content", [b"", b"text", b"PK\5\6" + bytes(18)])
def test_a_damaged_network_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "net.network.npz").write_bytes(content)
    with pytest.raises(BoardError, match="is not the network of an overlay: .*; copy all files"):
        Reference(tmp_path / "net.network.npz")
    with pytest.raises(BoardError, match="is not the network of an overlay"):
        Reference(tmp_path / "nothing.npz")
