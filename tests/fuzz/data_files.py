"""Readers of images: IDX, CIFAR-10 in three forms, archives, samples, golden vectors, pictures."""

from __future__ import annotations

import gzip
import io
import pickle
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.fuzz import mutations
from tests.fuzz.reader import Reader, written

IMAGES = np.arange(4 * 3 * 3, dtype=np.uint8).reshape(4, 3, 3)
LABELS = np.arange(4) % 2


def _idx() -> Sequence[bytes]:
    images = (
        bytes([0, 0, 8, 3]) + b"".join(size.to_bytes(4, "big") for size in IMAGES.shape) + IMAGES.tobytes()
    )
    labels = bytes([0, 0, 8, 1]) + (4).to_bytes(4, "big") + LABELS.astype(np.uint8).tobytes()
    return [images, labels, gzip.compress(images, mtime=0)]


def _read_idx(path: Path) -> object:
    from quant_train.data.idx import rank, read_idx

    rank(path)
    return read_idx(path)


def _cifar_binary() -> Sequence[bytes]:
    return [bytes([label]) + bytes(3072) for label in (0, 9)]


def _read_cifar_binary(path: Path) -> object:
    from quant_train.data.cifar import load_binary

    return load_binary("test", path.parent)


def _cifar_pickle() -> Sequence[bytes]:
    batch = {b"data": np.zeros((1, 3072), np.uint8), b"labels": [3], b"filenames": [b"a.png"]}
    return [pickle.dumps(batch, protocol=2), pickle.dumps(batch, protocol=4)]


def _read_cifar(path: Path) -> object:
    from quant_train.data.cifar import load

    return load("test", path.parent)


def _cifar_jpeg() -> Sequence[bytes]:
    from PIL import Image

    content = io.BytesIO()
    Image.new("RGB", (32, 32)).save(content, "JPEG")
    jpeg = np.frombuffer(content.getvalue(), np.uint8)
    return [_archive(jpeg=jpeg, offsets=np.array([0, len(jpeg)]), labels=np.array([3]))]


def _archive(**arrays: np.ndarray) -> bytes:
    return written(lambda path: np.savez(path, **arrays), "file.npz")


def _own() -> Sequence[bytes]:
    words = np.array(["a", "b"])
    parts = {
        "train_images": IMAGES,
        "train_labels": LABELS,
        "test_images": IMAGES[..., None],
        "test_labels": LABELS,
    }
    return [
        _archive(images=IMAGES, labels=LABELS),
        _archive(x=IMAGES, y=words[LABELS]),
        _archive(**parts, classes=words),
    ]


def _read_own(path: Path) -> object:
    from quant_train.data import load

    return load(str(path), "train")


def _samples() -> Sequence[bytes]:
    images = IMAGES[..., None]
    return [
        _archive(images=images),
        _archive(images=images, labels=LABELS),
        _archive(images=images, labels=np.array(["a"] * 4)),
    ]


def _read_sample(path: Path) -> object:
    from hls_project.workspace.images import read_sample

    return read_sample(path, ["a", "b"])


def _golden() -> Sequence[bytes]:
    vm = np.zeros((1, 2, 2, 1), np.int32)
    arrays = {
        "key": np.array("0"),
        "images": IMAGES[..., None],
        "scores": np.zeros((4, 2), np.int32),
        "labels": LABELS,
    }
    traces = {
        "layers": np.array(["conv0", "dense0"]),
        "conv0/vm": vm,
        "conv0/spikes": vm,
        "conv0/pooled": vm,
        "dense0/vm": vm,
    }
    return [_archive(**arrays, **traces)]


def _read_golden(path: Path) -> object:
    from hls_project.parity.vectors import is_current, load

    is_current(path, Path(__file__), IMAGES[..., None], LABELS)
    return load(path)


def _pictures() -> Sequence[bytes]:
    from PIL import Image

    found = []
    for mode, kind in (
        ("L", "PNG"),
        ("RGBA", "PNG"),
        ("P", "PNG"),
        ("I;16", "PNG"),
        ("RGB", "JPEG"),
        ("P", "GIF"),
        ("RGB", "BMP"),
        ("L", "TIFF"),
    ):
        content = io.BytesIO()
        Image.new(mode, (5, 4)).save(content, kind)
        found.append(content.getvalue())
    return found


def _read_picture(path: Path) -> object:
    from board.pictures import fitted, header, read

    header(path)
    return fitted(read(path, 1), (4, 4))


READERS = (
    Reader("idx", "images-idx3-ubyte", _idx, _read_idx, mutations.gzipped),
    Reader("cifar-binary", "test_batch.bin", _cifar_binary, _read_cifar_binary),
    Reader("cifar-pickle", "test_batch", _cifar_pickle, _read_cifar),
    Reader("cifar-jpeg", "test-jpeg.npz", _cifar_jpeg, _read_cifar, mutations.archive),
    Reader("own-data", "data.npz", _own, _read_own, mutations.archive),
    Reader("sample", "sample.npz", _samples, _read_sample, mutations.archive),
    Reader("golden", "golden.npz", _golden, _read_golden, mutations.archive),
    Reader("picture", "picture", _pictures, _read_picture, mutations.png),
)
