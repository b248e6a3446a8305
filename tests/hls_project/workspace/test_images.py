"""Which images a model is checked on: a count takes them from its sample, as far as that goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import DATA, DATASET
from hls_project.workspace import images as workspace_images
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import load_images, read_sample, with_data
from quant_train import data
from quant_train.data.dataset import Dataset
from tests import models
from tests.quant_train.test_data import write_mnist

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


@pytest.fixture
def own_data(tmp_path: Path) -> Path:
    """Class folders for the model's four classes, of pictures that are larger than its images."""
    rng = np.random.default_rng(0)
    for index in range(4):
        folder = tmp_path / "pictures" / f"class {index}"
        folder.mkdir(parents=True)
        for number in range(10):
            Image.fromarray(rng.integers(0, 256, (20, 14), np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "pictures"


@pytest.mark.parametrize("count", [None, 3, 8])
def test_data_take_the_place_of_the_sample(workspace: Workspace, own_data: Path, count: int | None) -> None:
    taken = with_data(workspace, str(own_data), count, None)
    images, labels = load_images(taken, count, None)
    expected = data.load(str(own_data), "test", config=data.DataConfig(size=SHAPE[:2]))
    assert np.array_equal(images, expected.images[:count]) and len(images) == (count or 8)
    assert labels is not None and labels.tolist() == expected.labels[:count].tolist()
    assert taken.sample == workspace.folder / "data.npz" and not list(own_data.glob("*.npz"))


def test_data_that_do_not_fit_the_model_are_refused(
    workspace: Workspace, own_data: Path, tmp_path: Path
) -> None:
    write_mnist(tmp_path / "mnist", pack=False)
    with pytest.raises(ConfigurationError, match="pictures has 8 test images, not 9"):
        with_data(workspace, str(own_data), 9, None)
    with pytest.raises(
        ConfigurationError, match=r"mnist has images of \(H, W, C\) = \(28, 28, 1\).*takes \(8, 8, 1\)"
    ):
        workspace_images.test_images(workspace.model, "mnist", tmp_path)
    with pytest.raises(ConfigurationError, match="digits has 10 classes, and .*model.onnx 4; another"):
        with_data(workspace, "digits", None, None)
    (own_data / "class 3").rename(own_data / "class three")
    with pytest.raises(ConfigurationError, match="'class three' is none of the classes 'class 0', "):
        with_data(workspace, str(own_data), None, None)


def test_a_model_that_names_its_data_takes_more_of_them_by_its_own_split(
    tmp_path: Path, own_data: Path
) -> None:
    model = models.build("3C3-P2-FC4", SHAPE)
    config = data.DataConfig(size=SHAPE[:2], test_share=0.5, seed=3)
    for key, value in ((DATASET, str(own_data)), (DATA, data.data_json(config))):
        model.metadata_props.append(onnx.StringStringEntryProto(key=key, value=value))
    (tmp_path / "mine.onnx").write_bytes(model.SerializeToString())
    images, labels = load_images(open_workspace(str(tmp_path / "mine.onnx"), tmp_path / "build"), 15, None)
    expected = data.load(str(own_data), "test", config=config)
    assert len(expected.images) == 20 and np.array_equal(images, expected.images[:15])
    assert labels is not None and labels.tolist() == expected.labels[:15].tolist()


def test_a_model_without_images_says_how_to_give_some(tmp_path: Path) -> None:
    (tmp_path / "mine.onnx").write_bytes(models.build("3C3-P2-FC4", SHAPE).SerializeToString())
    with pytest.raises(
        ConfigurationError, match="no sample.npz beside it; give its folder or file: DATA=path"
    ):
        load_images(open_workspace(str(tmp_path / "mine.onnx"), tmp_path / "build"), None, None)
