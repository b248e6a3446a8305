"""Data of one's own in the layouts that they come in: sizes, classes and splits are read from them, and nothing is written."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from board.images import as_frame
from dt_scnn.errors import ConfigurationError
from quant_train import data
from quant_train.data import DataConfig, pictures
from tests import shapes

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (10, 5, 6), np.uint8)
LABELS = np.arange(10, dtype=np.uint8) % 2


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def files(folder: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three class folders of ten pictures each, 12 x 10."""
    return shapes.write(tmp_path / "shapes", 10, (12, 10))


def test_class_folders(folder: Path) -> None:
    before = files(folder)
    train, test = data.load(str(folder), "train"), data.load(str(folder), "test")
    assert train.images.shape == (24, 12, 10, 1) and test.images.shape == (6, 12, 10, 1)
    assert train.classes == test.classes == shapes.CLASSES and train.title == "shapes"
    assert np.bincount(test.labels).tolist() == [2, 2, 2]
    assert files(folder) == before
    known = {
        shapes.shape(name, (12, 10), seed).tobytes(): name for name in shapes.CLASSES for seed in range(10)
    }
    told = [
        known.pop(image.tobytes()) for part in (train, test) for image in part.images
    ]  # each is there once
    assert told == [train.classes[label] for part in (train, test) for label in part.labels]


def test_the_share_depends_on_names_and_seed_alone(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = data.load(str(folder), "test")
    # What SHA-256 of "seed/class/file" puts first, of each class and then of all: worked out by hand, so that it stays.
    assert hashed_by_hand(folder, 0) == [image.tobytes() for image in test.images]
    other = tmp_path / "copied"
    for path in sorted(folder.rglob("*.png"), reverse=True):  # the file system lists them in another order
        (other / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, other / path.parent.name)
    monkeypatch.setattr(pictures.os, "cpu_count", lambda: 1)
    assert np.array_equal(data.load(str(other), "test").images, test.images)
    seeded = data.load(str(folder), "test", config=DataConfig(seed=1))
    assert not np.array_equal(seeded.images, test.images)
    assert len(data.load(str(folder), "test", config=DataConfig(test_share=0.5)).images) == 15


def hashed_by_hand(folder: Path, seed: int) -> list[bytes]:
    import hashlib

    def digest(path: Path) -> bytes:
        return hashlib.sha256(f"{seed}/{path.parent.name}/{path.name}".encode()).digest()

    first = [path for name in shapes.CLASSES for path in sorted((folder / name).iterdir(), key=digest)[:2]]
    return [np.asarray(Image.open(path)).tobytes() for path in sorted(first, key=digest)]


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("train", "val"),
        ("Training", "Testing"),
        ("trainingSet/trainingSet", "testSet"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("archive/train", "archive/validation"),
    ],
)
def test_splits_by_the_folders_names(train: str, test: str, tmp_path: Path) -> None:
    shapes.write(tmp_path / "set" / train, 4, (8, 8))
    shapes.write(tmp_path / "set" / test, 3, (8, 8), seed=90)
    (tmp_path / "set" / "README.txt").write_text("pictures")
    (tmp_path / "set" / "__MACOSX").mkdir()
    found = {split: data.load(str(tmp_path / "set"), split) for split in ("train", "test")}
    assert [len(part.images) for part in found.values()] == [12, 9]
    later = {
        shapes.shape(name, (8, 8), 90 + index).tobytes() for name in shapes.CLASSES for index in range(3)
    }
    assert {image.tobytes() for image in found["test"].images} == later


def test_a_test_folder_goes_before_a_validation_folder(tmp_path: Path) -> None:
    for index, name in enumerate(("train", "valid", "test")):
        shapes.write(tmp_path / name, 2 + index, (8, 8))
    assert len(data.load(str(tmp_path), "test").images) == 12


def test_a_folder_named_for_the_test_is_all_test(tmp_path: Path) -> None:
    shapes.write(tmp_path / "train", 4, (8, 8))
    shapes.write(tmp_path / "test", 3, (8, 8))
    assert len(data.load(str(tmp_path / "test"), "test", classes=shapes.CLASSES).images) == 9
    assert len(data.load(str(tmp_path / "train"), "train").images) == 9  # of 12, for it is the whole data set
    with pytest.raises(ConfigurationError, match="has only images for test, none for train"):
        data.load(str(tmp_path / "test"), "train")


def test_classes_that_are_numbers_are_in_their_order(tmp_path: Path) -> None:
    for name in ("0", "1", "2", "10"):
        (tmp_path / "set" / name).mkdir(parents=True)
        for index in range(2):
            Image.new("L", (4, 4), int(name)).save(tmp_path / "set" / name / f"{index}.png")
    found = data.load(str(tmp_path / "set"), "train")
    assert found.classes == ("0", "1", "2", "10")
    assert [found.classes[label] for label in found.labels] == [str(image[0, 0, 0]) for image in found.images]


@pytest.mark.parametrize("pack", [True, False])
@pytest.mark.parametrize("place", [".", "MNIST/raw"])
def test_idx_files_of_any_name(pack: bool, place: str, tmp_path: Path) -> None:
    folder = tmp_path / "set" / place
    folder.mkdir(parents=True)
    for split, count in (("train", 6), ("t10k", 4)):
        for kind, array in (("pictures", IMAGES[:count]), ("classes", LABELS[:count])):
            content = gzip.compress(idx(array)) if pack else idx(array)
            (folder / f"my-{split}-{kind}{'.gz' * pack}").write_bytes(content)
            (folder / f"my-{split}-{kind}.gz").write_bytes(
                gzip.compress(idx(array))
            )  # torchvision leaves both
    train, test = (data.load(str(tmp_path / "set"), split) for split in ("train", "test"))
    assert train.images.shape == (6, 5, 6, 1) and train.classes == ("0", "1")
    assert {image.tobytes() for image in test.images} == {image.tobytes() for image in IMAGES[:4]}


def npz(path: Path, **arrays: object) -> str:
    np.savez(path, **arrays)
    return str(path)


@pytest.mark.parametrize(
    ("images", "labels"), [("images", "labels"), ("x", "y"), ("X", "Y"), ("data", "target")]
)
def test_an_archive_of_images_and_labels(images: str, labels: str, tmp_path: Path) -> None:
    words = np.array(["yes", "no"])[LABELS]
    path = npz(tmp_path / "set.npz", **{images: np.repeat(IMAGES[..., None], 3, 3), labels: words})
    train, test = data.load(path, "train"), data.load(path, "test")
    assert train.classes == ("no", "yes") and train.images.shape == (8, 5, 6, 3) and len(test.images) == 2
    for part in (train, test):
        for image, label in zip(part.images, part.labels, strict=True):
            place = next(index for index, other in enumerate(IMAGES) if np.array_equal(image[..., 0], other))
            assert part.classes[label] == words[place]


@pytest.mark.parametrize("form", ["{split}_images {split}_labels", "x_{split} y_{split}"])
def test_an_archive_with_splits(form: str, tmp_path: Path) -> None:
    arrays: dict[str, object] = {}
    for split, part in (("train", slice(6)), ("val", slice(6, 8)), ("test", slice(8, 10))):
        names = form.format(split=split).split()
        arrays |= {names[0]: IMAGES[part], names[1]: LABELS[part, None]}
    path = npz(tmp_path / "set.npz", **arrays, classes=np.array(["even", "odd"]))
    train, test = data.load(path, "train"), data.load(path, "test")
    assert train.classes == ("even", "odd") and (len(train.images), len(test.images)) == (6, 2)
    assert {image.tobytes() for image in test.images} == {image.tobytes() for image in IMAGES[8:]}


def test_cifar_s_binary_version_is_read_and_its_pickles_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "cifar-10-batches-bin"
    folder.mkdir()
    records = np.column_stack([LABELS[:3], RNG.integers(0, 256, (3, 3072), np.uint8)])
    (folder / "test_batch.bin").write_bytes(records.tobytes())
    for place in (tmp_path, folder):
        found = data.load(str(place), "test")
        assert found.images.shape == (3, 32, 32, 3) and found.classes[0] == "airplane"
    other = data.load(str(folder), "test", classes=("automobile", "airplane"))
    assert sorted(other.labels) == sorted(1 - found.labels)
    pickled = tmp_path / "data" / "cifar-10-batches-py"
    pickled.mkdir(parents=True)
    for name in ("data_batch_1", "test_batch", "batches.meta"):
        (pickled / name).write_bytes(b"\x80\x04\x95")
    for place in (pickled, pickled.parent):
        with pytest.raises(ConfigurationError, match="pickles are never loaded.*binary version"):
            data.load(str(place), "test")


def test_the_pixels_are_those_that_the_driver_makes_of_the_files(tmp_path: Path) -> None:
    # Photographs: turned, of 16 bits, with transparency, with palettes, of all sizes.
    folder = tmp_path / "photographs"
    rng = np.random.default_rng(1)
    for name in ("a", "b"):
        (folder / name).mkdir(parents=True)
        noise = rng.integers(0, 256, (23, 31, 4), np.uint8)
        exif = Image.Exif()
        exif[0x112] = 6
        Image.fromarray(noise[..., :3]).save(folder / name / "turned.jpg", exif=exif)
        Image.fromarray(noise[:17]).save(folder / name / "transparent.png")
        Image.fromarray(noise[:9, :, 0].astype(np.uint16) * 200).save(folder / name / "deep.png")
        Image.fromarray(noise[:, :13, :3]).quantize(16).save(folder / name / "palette.gif")
        Image.fromarray(noise[..., :3]).convert("CMYK").save(folder / name / "print.tif")
    for channels in (1, 3):
        config = DataConfig(size=(8, 12), channels=channels)
        found = [data.load(str(folder), split, config=config) for split in ("train", "test")]
        made = {image.tobytes() for part in found for image in part.images}
        shape = (8, 12, channels)
        assert made == {as_frame(path, shape, resize=True).tobytes() for path in folder.rglob("*.*")}
        assert len(made) == 10


def test_a_model_s_shape_and_classes_go_before_the_data_s_own(folder: Path) -> None:
    found = data.load(str(folder), "test", classes=("square", "star", "circle", "cross"), shape=(6, 6, 3))
    assert found.images.shape == (6, 6, 6, 3) and found.classes == ("square", "star", "circle", "cross")
    assert np.bincount(found.labels).tolist() == [2, 0, 2, 2]
    unnamed = data.load(str(folder), "test", classes=("0", "1", "2"))
    assert unnamed.classes == shapes.CLASSES
    with pytest.raises(ConfigurationError, match="has 3 classes, .*, and the model 4 without names"):
        data.load(str(folder), "test", classes=("0", "1", "2", "3"))
    with pytest.raises(ConfigurationError, match="'cross' is none of the classes .*did you mean 'crosses'"):
        data.load(str(folder), "test", classes=("circle", "crosses", "square"))


def test_numbers_mean_the_names_beside_them_whatever_a_model_s_order(tmp_path: Path) -> None:
    path = npz(tmp_path / "set.npz", images=IMAGES, labels=LABELS, classes=np.array(["even", "odd"]))
    own, other = data.load(path, "test"), data.load(path, "test", classes=("odd", "none", "even"))
    assert np.array_equal(own.images, other.images) and own.classes == ("even", "odd")
    assert [own.classes[label] for label in own.labels] == [other.classes[label] for label in other.labels]
    assert data.load(path, "test", classes=("0", "1")).classes == ("even", "odd")
    with pytest.raises(
        ConfigurationError, match="'odd', which is none of the model's classes 'even', 'uneven'"
    ):
        data.load(path, "test", classes=("even", "uneven"))


def test_a_data_set_with_a_name_is_as_it_is() -> None:
    with pytest.raises(ConfigurationError, match=r"digits: is as it is; \[data\] is for data at a path"):
        data.load("digits", "test", config=DataConfig(size=(4, 4)))
