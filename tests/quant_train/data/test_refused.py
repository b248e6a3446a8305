"""What is wrong with somebody's data is said by file, with what to do about it."""

from __future__ import annotations

import os
import pickle
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dt_scnn.errors import ConfigurationError
from quant_train import data
from quant_train.data import DataConfig, arrays
from tests import shapes
from tests.quant_train.data.test_own import IMAGES, LABELS, idx


def refusal(path: Path | str, config: DataConfig | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        data.load(str(path), "train", config=config)
    return str(caught.value)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shapes.write(tmp_path / "shapes", 4, (8, 8))


def picture(size: tuple[int, int] = (8, 8), mode: str = "L") -> Image.Image:
    return Image.new(mode, size)


def truncated(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda f: picture((9, 8)).save(f / "cross/odd.png"), "cross/odd.png has 8 x 9 pixels, all 12 others have 8 x 8; .*size = "),
        (lambda f: picture(mode="RGB").save(f / "cross/odd.png"), "cross/odd.png is in colour like 1; .*channels = 1 for grey"),
        (lambda f: (f / "empty").mkdir(), "empty: the class folder is empty; put pictures into it, or remove it"),
        (lambda f: (f / "cross/odd.png").write_bytes(b"text"), "cross/odd.png is no picture.*move it out"),
        (lambda f: truncated(f / "cross/0001.png"), "cross/0001.png is no picture that can be read.*save it again"),
        (lambda f: (f / "cross/photo.heic").write_bytes(b"heic"), "cross/photo.heic is no picture"),
        (lambda f: (f / "cross/more").mkdir(), "more: is a folder within the class folder 'cross'"),
        (lambda f: picture().save(f / "loose.png"), "loose.png: lies beside class folders"),
        (lambda f: (f / "cross").rename(f / "a\nb"), r"the class name 'a\\nb' cannot be written"),
        (lambda f: (f / "cross").rename(f / "cross "), "'cross ' begins or ends with a space"),
        (lambda f: os.rename(f / "cross", os.fsencode(f) + b"/\xff"), r"class name '\\udcff' cannot be written.*UTF-8"),
        (lambda f: [shutil.rmtree(f / name) for name in ("cross", "circle")], "one class, 'square'; a network tells two or more"),
        (lambda f: [(f / "cross" / f"000{i}.png").unlink() for i in range(3)], "'cross' has one image, and one is needed"),
        (lambda f: [(f / n).rename(f / "train" / n) for n in ((f / "train").mkdir(), os.listdir(f))[1] if n != "train"] + [(f / "test/cross").mkdir(parents=True)], "test/cross: the class folder is empty"),
        (lambda f: [shutil.rmtree(f / "cross"), (f / "circle").rename(f / "train"), (f / "square").rename(f / "test")], "holds pictures and no class folders, so they have no labels"),
        (lambda f: Image.fromarray(np.zeros((8, 8), np.float32)).save(f / "cross/odd.tif"), r"cross/odd.tif: the picture's pixels are floats"),
    ],
)  # fmt: skip
def test_folders(change: Callable[[Path], object], message: str, folder: Path) -> None:
    change(folder)
    text = refusal(folder)
    assert re.search(message, text), text


def test_many_sizes_are_told_and_asked_for(folder: Path) -> None:
    for index in range(3):
        picture((20 + index, 30)).save(folder / "cross" / f"large{index}.png")
    text = refusal(folder)
    assert "15 pictures have 4 sizes, from 8 x 8 to 30 x 22, most often 8 x 8 (12)" in text
    assert "large0.png has 30 x 20 pixels; say what the network takes: size = [8, 8] under [data]" in text
    assert data.load(str(folder), "train", config=DataConfig(size=(8, 8))).images.shape[1:] == (8, 8, 1)


def test_grey_and_colour_together_are_asked_for(folder: Path) -> None:
    picture(mode="RGB").save(folder / "cross" / "odd.png")
    for channels in (1, 3):
        found = data.load(str(folder), "train", config=DataConfig(channels=channels))  # type: ignore[arg-type]
        assert found.images.shape[3] == channels


def test_classes_of_training_and_test_must_be_the_same(tmp_path: Path) -> None:
    shapes.write(tmp_path / "train", 2, (8, 8))
    shapes.write(tmp_path / "test", 2, (8, 8))
    (tmp_path / "test" / "cross").rename(tmp_path / "test" / "crass")
    assert "the class 'cross' of train has no folder for test" in refusal(tmp_path)
    shapes.write(tmp_path / "test", 2, (8, 8))
    assert "'crass' is none of the classes 'circle', 'cross', 'square'; did you mean 'cross'?" in refusal(
        tmp_path
    )
    shutil.rmtree(tmp_path / "test" / "crass")
    shutil.copytree(tmp_path / "train", tmp_path / "training")
    assert "train and training are both for train" in refusal(tmp_path)


def test_unlabelled_test_pictures_beside_labelled_ones(tmp_path: Path) -> None:
    shapes.write(tmp_path / "trainingSet" / "trainingSet", 3, (8, 8))
    (tmp_path / "testSet").mkdir()
    picture().save(tmp_path / "testSet" / "img_1.jpg")
    text = refusal(tmp_path)
    assert "testSet: holds pictures and no class folders" in text and "or give" in text
    assert len(data.load(str(tmp_path / "trainingSet"), "train").images) == 6


def test_an_image_bomb(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picture((300, 300)).save(folder / "cross" / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    for config in (None, DataConfig(size=(8, 8), channels=1)):
        text = refusal(folder, config)
        assert "bomb.png is no picture that can be read" in text and "decompression bomb" in text


def test_more_than_memory_is_told_before_it_is_taken(folder: Path) -> None:
    assert "are more than 4 GiB; give a smaller size" in refusal(folder, DataConfig(size=(40000, 40000)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"images": IMAGES, "labels": LABELS[:9]}, "labels has 9 labels for 10 images; there must be one for each"),
        ({"images": IMAGES, "labels": LABELS * 2}, r"no image is of class '1' \(label 1\).*here go to 2"),
        ({"images": IMAGES, "labels": LABELS + 200}, "label 201 of 10 images"),
        ({"images": IMAGES, "labels": LABELS.astype(int) - 1}, "label 0 is -1"),
        ({"images": IMAGES, "labels": LABELS, "classes": np.array(["a"])}, "label 1 is 1, but labels go from 0 to 0"),
        ({"images": IMAGES, "labels": LABELS, "classes": np.array(["a", "a"])}, "the class 'a' is there twice"),
        ({"images": IMAGES, "labels": LABELS, "classes": np.arange(2)}, r"classes must be names \(K,\)"),
        ({"images": IMAGES, "labels": np.array(["a", ""] * 5)}, "the class name '' cannot be written"),
        ({"images": IMAGES, "labels": np.array([b"\xff", b"\xfe"] * 5)}, r"the label b'\\xff' is no UTF-8; save names"),
        ({"images": IMAGES, "labels": np.where(LABELS == 1, np.inf, 0)}, "label 1 is inf, but labels go from 0 to"),
        ({"images": IMAGES, "labels": LABELS * 0}, "has one class, '0'"),
        ({"images": IMAGES, "labels": np.eye(2)[LABELS]}, r"of one-hot rows: labels.argmax\(axis=1\)"),
        ({"images": IMAGES / 255, "labels": LABELS}, r"images must be uint8.*not float64.*\(255 \* images\)"),
        ({"images": IMAGES[:, None], "labels": LABELS}, r"channels first; give \(N, H, W, C\)"),
        ({"images": IMAGES.reshape(10, -1), "labels": LABELS}, r"must be images \(N, H, W\).*not of shape \(10, 30\)"),
        ({"images": IMAGES, "label": LABELS}, "holds the arrays images, label; needed are images and labels"),
        ({"images": IMAGES, "labels": np.array([0, None] * 5, object)}, "holds pickled objects, which are never loaded"),
        ({"train_images": IMAGES, "train_labels": LABELS, "test_images": IMAGES[:, :4], "test_labels": LABELS},
         r"differ in \(H, W, C\): \[\(4, 6, 1\), \(5, 6, 1\)\]"),
        ({"test_images": IMAGES, "test_labels": LABELS}, "has only images for test, none for train"),
    ],
)  # fmt: skip
def test_archives(content: dict[str, np.ndarray], message: str, tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", **content)
    text = refusal(tmp_path / "set.npz")
    assert re.search(message, text) and "set.npz" in text, text


def test_objects_in_an_archive_are_not_run(tmp_path: Path) -> None:
    class Touch:
        def __reduce__(self) -> object:
            return Path.touch, (tmp_path / "trace",)

    np.savez(tmp_path / "set.npz", images=IMAGES, labels=np.array([Touch()] * 10, object))
    assert "never loaded" in refusal(tmp_path / "set.npz")
    assert not (tmp_path / "trace").exists()
    pickle.loads(pickle.dumps(Touch()))
    assert (tmp_path / "trace").exists()


@pytest.mark.parametrize("keep", [0, 10, 300])
def test_a_truncated_archive(keep: int, tmp_path: Path) -> None:
    np.savez(tmp_path / "set.npz", images=IMAGES, labels=LABELS)
    (tmp_path / "set.npz").write_bytes((tmp_path / "set.npz").read_bytes()[:keep])
    assert "set.npz: damaged, or no .npz archive" in refusal(tmp_path / "set.npz")


def test_an_archive_that_unpacks_to_more_than_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.savez_compressed(tmp_path / "set.npz", images=np.zeros((9, 100, 100), np.uint8), labels=LABELS[:9])
    assert zipfile.ZipFile(tmp_path / "set.npz").getinfo("images.npy").file_size > 90_000
    monkeypatch.setattr(arrays, "MOST_BYTES", 80_000)
    assert "GiB unpacked, more than" in refusal(tmp_path / "set.npz")


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("a.zip", "unpack it"),
        ("a.csv", "in an .npz"),
        ("a.pt", "is a pickle"),
        ("a.npy", "savez"),
        ("a.xyz", "a folder, or an"),
    ],
)
def test_other_files(name: str, hint: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"content")
    text = refusal(tmp_path / name)
    assert f"{name}: is no data set; " in text and hint in text


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            {"a": IMAGES, "b": LABELS, "c": LABELS},
            "needs one IDX file of images and one of labels, not a, b, c",
        ),
        ({"a": IMAGES}, "not a; give each data set a folder of its own"),
        ({"a": IMAGES, "b": LABELS[:9]}, "b has 9 labels for 10 images"),
        ({"train-a": IMAGES, "train-b": LABELS, "test-b": LABELS}, "test needs one IDX file of images"),
        ({}, "is empty; a data set has a folder of pictures for each class"),
    ],
)
def test_idx_folders(content: dict[str, np.ndarray], message: str, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for name, array in content.items():
        (tmp_path / "set" / name).write_bytes(idx(array))
    assert message in refusal(tmp_path / "set")


@pytest.mark.parametrize("name", ["", "shape", "../nothing"])
def test_what_is_not_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = refusal(name)
    assert "the data set must be one of digits" in text and f"no such path in {tmp_path}" in text
