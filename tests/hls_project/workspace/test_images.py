"""Which images a model is checked on: a count takes them from its sample, as far as that goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import load_images, read_sample
from quant_train.data.dataset import Dataset
from tests import models

SHAPE = (8, 8, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A model of one's own, whose file names no data set, with six images."""
    (tmp_path / "net.onnx").write_bytes(models.build("3C3-P2-FC4", SHAPE).SerializeToString())
    np.savez(tmp_path / "sample.npz", images=models.images(SHAPE, 6), labels=np.arange(6) % 4)
    return open_workspace(str(tmp_path / "net.onnx"), tmp_path / "build")


@pytest.mark.parametrize("count", [None, 1, 5, 6])
def test_a_count_takes_the_model_s_own_sample(workspace: Workspace, count: int | None) -> None:
    images, labels = load_images(workspace, count, None)
    assert workspace.sample is not None and labels is not None
    whole, _ = read_sample(workspace.sample)
    assert (images == whole[:count]).all() and (labels == (np.arange(6) % 4)[:count]).all()


def test_the_shipped_images_need_no_data_set(tmp_path: Path) -> None:
    images, labels = load_images(open_workspace("mnist", tmp_path / "build"), 5, tmp_path)
    assert images.shape == (5, 28, 28, 1) and labels is not None and len(labels) == 5


def test_more_than_there_are_is_refused_by_numbers(workspace: Workspace) -> None:
    with pytest.raises(ConfigurationError, match="its sample has 6 images, 7 are asked for"):
        load_images(workspace, 7, None)


def test_a_data_set_without_images_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="there are no images in its files"):
        Dataset(np.zeros((0, 8, 8, 1), np.uint8), np.zeros(0, np.int64), ("a",), "mine", "mine")
