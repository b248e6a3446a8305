"""Faults of data sets, recipes and trainings."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from tests import shapes
from tests.docs.faults.fault import Fault, verb
from tests.quant_train.data.test_own import IMAGES, LABELS, idx

RECIPE = """dataset = "shapes"
[network]
spec = "2C3-P2-FC"
[training]
epochs = 1
batch_size = 4
"""


def train(*words: str) -> str:
    return verb("train", "recipe.toml", *words, DTSCNN_DATA="nothing")


def with_recipe(old: str = "", new: str = "", *words: str) -> Callable[[Path], str]:
    """Return an act: train by the recipe with a change, on good pictures."""

    def act(folder: Path) -> str:
        shapes.write(folder / "shapes", 4, (8, 8))
        assert old in RECIPE
        (folder / "recipe.toml").write_text(RECIPE.replace(old, new, 1))
        return train(*words)

    return act


def with_pictures(change: Callable[[Path], object]) -> Callable[[Path], str]:
    """Return an act: train on pictures that `change` has spoilt."""

    def act(folder: Path) -> str:
        change(shapes.write(folder / "shapes", 4, (8, 8)))
        (folder / "recipe.toml").write_text(RECIPE)
        return train()

    return act


def with_archive(**arrays: np.ndarray) -> Callable[[Path], str]:
    """Return an act: train on an archive of `arrays`."""

    def act(folder: Path) -> str:
        np.savez(folder / "data.npz", **arrays)
        return with_recipe("", "", "--data", "data.npz")(folder)

    return act


def with_files(**contents: bytes) -> Callable[[Path], str]:
    """Return an act: train on a folder with these files."""

    def act(folder: Path) -> str:
        (folder / "set").mkdir()
        for name, content in contents.items():
            (folder / "set" / name.replace("__", ".")).write_bytes(content)
        return with_recipe("", "", "--data", "set")(folder)

    return act


def with_checkpoint(content: bytes) -> Callable[[Path], str]:
    """Return an act: export a checkpoint."""

    def act(folder: Path) -> str:
        (folder / "last.ckpt").write_bytes(content)
        return verb("export", "last.ckpt", "--out", "net.onnx")

    return act


def _large_header(folder: Path) -> str:
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1099511627776,), }\n"
    with zipfile.ZipFile(folder / "data.npz", "w") as file:
        file.writestr("images.npy", b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
        file.writestr("labels.npy", b"\x93NUMPY\1\0" + len(header).to_bytes(2, "little") + header)
    return with_recipe("", "", "--data", "data.npz")(folder)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _picture(size: tuple[int, int] = (8, 8), mode: str = "L") -> Image.Image:
    return Image.new(mode, size)


def _other_settings(folder: Path) -> str:
    with_recipe()(folder)
    return train("--set", "training.seed=1")


_PICKLE = b"\x80\x02cposix\nsystem\nX\x04\0\0\0truetR."

DATA = [
    Fault("A data set that is not there", with_recipe('"shapes"', '"shape"')),
    Fault("A known data set whose files are not there", with_recipe('"shapes"', '"mnist"')),
    Fault("A class folder without pictures", with_pictures(lambda f: (f / "empty").mkdir())),
    Fault("A picture that is cut off", with_pictures(lambda f: _cut(f / "cross" / "0001.png"))),
    Fault("A picture of another size", with_pictures(lambda f: _picture((9, 8)).save(f / "cross" / "odd.png"))),
    Fault("A picture in colour among grey ones", with_pictures(lambda f: _picture(mode="RGB").save(f / "cross" / "odd.png"))),
    Fault("A picture of floats", with_pictures(lambda f: Image.fromarray(np.zeros((8, 8), np.float32)).save(f / "cross" / "odd.tif"))),
    Fault("A text among the pictures", with_pictures(lambda f: (f / "cross" / "notes.png").write_text("notes"))),
    Fault("A folder in a class folder", with_pictures(lambda f: (f / "cross" / "more").mkdir())),
    Fault("A picture beside the class folders", with_pictures(lambda f: _picture().save(f / "loose.png"))),
    Fault("A class with one picture", with_pictures(lambda f: [(f / "cross" / f"000{i}.png").unlink() for i in range(3)])),
    Fault("A zip file in place of a folder", lambda f: (f.joinpath("a.zip").write_bytes(b"PK"), with_recipe("", "", "--data", "a.zip")(f))[1]),
    Fault("An archive that is cut off", lambda f: (f.joinpath("a.npz").write_bytes(b"PK\3\4"), with_recipe("", "", "--data", "a.npz")(f))[1]),
    Fault("An archive of other arrays", with_archive(pictures=IMAGES, labels=LABELS)),
    Fault("An archive of pickled objects", with_archive(images=IMAGES, labels=np.array([0, None] * 5, object))),
    Fault("Images that are floats", with_archive(images=IMAGES / 255, labels=LABELS)),
    Fault("Images with channels first", with_archive(images=IMAGES[:, None], labels=LABELS)),
    Fault("Fewer labels than images", with_archive(images=IMAGES, labels=LABELS[:9])),
    Fault("Labels as one-hot rows", with_archive(images=IMAGES, labels=np.eye(2)[LABELS])),
    Fault("A class that no image is of", with_archive(images=IMAGES, labels=LABELS * 2)),
    Fault("One class alone", with_archive(images=IMAGES, labels=LABELS * 0)),
    Fault("A small archive that says to hold a terabyte", _large_header),
    Fault("IDX images without labels", with_files(images=idx(IMAGES))),
    Fault("An IDX file that is cut off", with_files(images=idx(IMAGES)[:-5], labels=idx(LABELS))),
    Fault("An IDX file of no images", with_files(images=idx(IMAGES[:0]), labels=idx(LABELS[:0]))),
    Fault("CIFAR-10's Python version, which is pickled", with_files(data_batch_1=b"", test_batch=b"", batches__meta=b"")),
    Fault("A CIFAR-10 batch that is cut off", with_files(**{f"data_batch_{i}__bin": bytes(3000) for i in range(1, 6)}, test_batch__bin=b"")),
]  # fmt: skip

RECIPES = [
    Fault("A recipe that is not there", lambda f: train()),
    Fault("A model that is not in the zoo", lambda f: verb("train", "minst")),
    Fault("A recipe that is no TOML", with_recipe("epochs = 1", "epochs 1")),
    Fault("A recipe that is nested without end", with_recipe("epochs = 1", "epochs = " + 5000 * "[")),
    Fault("A key that is misspelt", with_recipe("epochs", "epoch")),
    Fault("A value out of range", with_recipe("epochs = 1", "epochs = 0")),
    Fault("An override that is none", with_recipe("", "", "--set", "training.epochs 5")),
    Fault("A layer that is none", with_recipe("P2", "Q2")),
    Fault("A kernel of even size", with_recipe("2C3", "2C4")),
    Fault("A layer larger than any memory", with_recipe("2C3", "999999999C3")),
    Fault("More pooling than pixels", with_recipe("P2", "P9")),
    Fault("Another number of classes than the data have", with_recipe("FC", "FC7")),
    Fault("More training images held out than there are", with_recipe("epochs = 1", "held_out = 500")),
    Fault("A training by other settings in the same folder", _other_settings, quick=False),
    Fault("A teacher that is not there", with_recipe("[training]", "[teacher]\ncheckpoint = 'last.ckpt'\n[training]")),
    Fault("Muon for a network without hidden layers", with_recipe("epochs = 1", "epochs = 1\noptimizer = 'muon'")),
    Fault("A reflection wider than the images", with_recipe("epochs = 1", "epochs = 1\nshift = 8\npadding = 'reflection'")),
    Fault("Devices that cannot share a batch", with_recipe("", "", "--devices", "3")),
    Fault("Seeds that are none", with_recipe("", "", "--seeds", "1,1")),
    Fault("An address of no cluster", with_recipe("", "", "--seeds", "1,2", "--scheduler", "node1")),
    Fault("A checkpoint that is damaged", with_checkpoint(b"PK\3\4")),
    Fault("A checkpoint that holds code", with_checkpoint(_PICKLE)),
    Fault("A data set that cannot be downloaded", lambda f: verb("download", "imagenet")),
]  # fmt: skip
