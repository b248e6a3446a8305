from __future__ import annotations

import gzip
import hashlib
import http.server
import io
import pickle
import tarfile
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dt_scnn.errors import ConfigurationError
from quant_train import data
from quant_train.data import download as downloads
from quant_train.data import official
from quant_train.data.dataset import ROOT_VARIABLE, Dataset, data_root
from quant_train.data.idx import read_idx

SHARED = Path(__file__).parents[3] / "shared" / "data"
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (6, 28, 28), np.uint8)
LABELS = np.array([3, 1, 4, 1, 5, 9], np.uint8)
COLOUR = RNG.integers(0, 256, (2, 32, 32, 3), np.uint8)


def idx(array: np.ndarray) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


def write_mnist(folder: Path, pack: bool) -> None:
    folder.mkdir(parents=True)
    for stem, array in (("t10k-images-idx3-ubyte", PIXELS), ("t10k-labels-idx1-ubyte", LABELS)):
        content = gzip.compress(idx(array)) if pack else idx(array)
        (folder / f"{stem}{'.gz' * pack}").write_bytes(content)


def planar(images: np.ndarray) -> np.ndarray:
    return images.transpose(0, 3, 1, 2).reshape(len(images), -1)


@pytest.mark.parametrize("own", [False, True])
def test_idx_files_of_no_images_are_refused(tmp_path: Path, own: bool) -> None:
    (tmp_path / "mnist").mkdir()
    for stem, array in (("t10k-images-idx3-ubyte", PIXELS[:0]), ("t10k-labels-idx1-ubyte", LABELS[:0])):
        (tmp_path / "mnist" / stem).write_bytes(idx(array))
    with pytest.raises(ConfigurationError, match="there are no images|and not empty"):
        data.load(str(tmp_path / "mnist") if own else "mnist", "test", tmp_path)


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
@pytest.mark.parametrize("pack", [True, False])
def test_idx_files_with_official_names(tmp_path: Path, name: str, pack: bool) -> None:
    write_mnist(tmp_path / name, pack)
    loaded = data.load(name, "test", tmp_path)
    assert np.array_equal(loaded.images, PIXELS[..., None])
    assert loaded.labels.dtype == np.int64 and loaded.labels.tolist() == LABELS.tolist()
    assert loaded.name == name and len(loaded.classes) == 10
    with pytest.raises(ConfigurationError, match=r"train-images-idx3-ubyte\.gz not found in .*download"):
        data.load(name, "train", tmp_path)


@pytest.mark.parametrize("keep", [0, 3, 10, 900])
@pytest.mark.parametrize("pack", [True, False])
def test_a_truncated_idx_file_is_refused(tmp_path: Path, keep: int, pack: bool) -> None:
    content = gzip.compress(idx(PIXELS)) if pack else idx(PIXELS)
    path = tmp_path / "images"
    path.write_bytes(content[:keep])
    with pytest.raises(ConfigurationError, match="images"):
        read_idx(path)


def test_a_damaged_or_other_file_is_refused(tmp_path: Path) -> None:
    flipped = bytearray(gzip.compress(idx(PIXELS)))
    flipped[-5] ^= 1  # in the checksum that gzip carries
    for content in (bytes(flipped), idx(PIXELS) + b"x", b"\0\0\x0d\x01" + idx(LABELS)[4:], b"<html>"):
        (tmp_path / "file").write_bytes(content)
        with pytest.raises(ConfigurationError):
            read_idx(tmp_path / "file")


def test_images_and_labels_must_fit(tmp_path: Path) -> None:
    write_mnist(tmp_path / "mnist", pack=False)
    labels = tmp_path / "mnist" / "t10k-labels-idx1-ubyte"
    for bad, message in ((LABELS[:5], "6 images but labels"), (LABELS + 7, "labels must be 0 to 9")):
        labels.write_bytes(idx(bad))
        with pytest.raises(ConfigurationError, match=message):
            data.load("mnist", "test", tmp_path)


@pytest.mark.parametrize("place", ["", "cifar-10-batches-bin"])
def test_cifar_binary_batches(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "cifar-10" / place
    folder.mkdir(parents=True)
    for index in range(1, 6):
        records = np.column_stack([np.array([index, 9], np.uint8), planar(COLOUR)])
        (folder / f"data_batch_{index}.bin").write_bytes(records.tobytes())
    loaded = data.load("cifar-10", "train", tmp_path)
    assert loaded.labels.tolist() == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9] and loaded.title == "CIFAR-10"
    assert all(np.array_equal(loaded.images[start : start + 2], COLOUR) for start in range(0, 10, 2))
    (folder / "data_batch_4.bin").unlink()
    with pytest.raises(ConfigurationError, match="data_batch_4.bin not found"):
        data.load("cifar-10", "train", tmp_path)
    (folder / "data_batch_4.bin").write_bytes(b"\0" * 3072)
    with pytest.raises(ConfigurationError, match="whole records"):
        data.load("cifar-10", "train", tmp_path)


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_cifar_python_batches(tmp_path: Path, protocol: int) -> None:
    folder = tmp_path / "cifar-10" / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    batch = {b"batch_label": b"testing batch 1 of 1", b"labels": [4, 2], b"data": planar(COLOUR)}
    (folder / "test_batch").write_bytes(pickle.dumps(batch, protocol))
    loaded = data.load("cifar-10", "test", tmp_path)
    assert np.array_equal(loaded.images, COLOUR) and loaded.labels.tolist() == [4, 2]


class Malicious:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return Path.touch, (self.path,)


def test_a_pickle_that_runs_code_is_refused_and_not_run(tmp_path: Path) -> None:
    folder, trace = tmp_path / "cifar-10", tmp_path / "trace"
    folder.mkdir()
    (folder / "test_batch").write_bytes(pickle.dumps({b"data": Malicious(trace), b"labels": []}))
    with pytest.raises(ConfigurationError, match="do not trust it"):
        data.load("cifar-10", "test", tmp_path)
    assert not trace.exists()
    pickle.loads((folder / "test_batch").read_bytes())
    assert trace.exists()  # so the file was what it says


@pytest.mark.parametrize("content", [b"", b"\x80\x02}q\0", pickle.dumps([1]), pickle.dumps({b"data": [1]})])
def test_a_damaged_python_batch_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "cifar-10").mkdir()
    (tmp_path / "cifar-10" / "test_batch").write_bytes(content)
    with pytest.raises(ConfigurationError, match="not a CIFAR-10 batch"):
        data.load("cifar-10", "test", tmp_path)


def test_cifar_jpeg_archive(tmp_path: Path) -> None:
    smooth = np.broadcast_to(np.arange(32, dtype=np.uint8)[:, None, None] * 4, (32, 32, 3))
    files = []
    for image in (smooth, 255 - smooth):
        buffer = io.BytesIO()
        Image.fromarray(np.ascontiguousarray(image)).save(buffer, "JPEG", quality=95)
        files.append(buffer.getvalue())
    offsets = np.cumsum([0] + [len(file) for file in files]).astype(np.uint32)
    folder = tmp_path / "cifar-10"
    folder.mkdir()
    content = np.frombuffer(b"".join(files), np.uint8)
    np.savez(folder / "test-jpeg.npz", jpeg=content, offsets=offsets, labels=np.array([0, 1], np.uint8))
    loaded = data.load("cifar-10", "test", tmp_path)
    assert loaded.title == "CIFAR-10 (JPEG)" and loaded.labels.tolist() == [0, 1]
    assert np.abs(loaded.images.astype(int) - np.stack([smooth, 255 - smooth])).max() < 12
    np.savez(
        folder / "test-jpeg.npz", jpeg=content[:-600], offsets=offsets, labels=np.array([0, 1], np.uint8)
    )
    with pytest.raises(ConfigurationError, match="image 1 is damaged"):
        data.load("cifar-10", "test", tmp_path)
    archive = (folder / "test-jpeg.npz").read_bytes()
    (folder / "test-jpeg.npz").write_bytes(archive[: len(archive) // 2])
    with pytest.raises(ConfigurationError, match="damaged, or no .npz archive"):
        data.load("cifar-10", "test", tmp_path)


def test_digits_come_with_scikit_learn_and_the_splits_are_apart() -> None:
    train, test = data.load("digits", "train"), data.load("digits", "test")
    assert train.images.shape == (1437, 8, 8, 1) and test.images.shape == (360, 8, 8, 1)
    assert train.images.max() == 255 and len(np.unique(train.images)) == 17
    assert set(test.labels) == set(range(10))


@pytest.mark.parametrize(("name", "split"), [("emnist", "test"), ("../mnist", "test"), ("mnist", "valid")])
def test_an_unknown_name_or_split_is_refused(
    name: str, split: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # beside which there is no mnist
    with pytest.raises(ConfigurationError, match="must be"):
        data.load(name, split)  # type: ignore[arg-type]


def test_the_root_is_the_argument_then_the_variable_then_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "clone"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv(ROOT_VARIABLE, raising=False)
    assert data_root() == Path("data")
    (tmp_path / "shared" / "data").mkdir(parents=True)
    assert data_root() == Path("../shared/data")
    (here / "data").mkdir()
    assert data_root() == Path("data")
    monkeypatch.setenv(ROOT_VARIABLE, "/elsewhere")
    assert data_root() == Path("/elsewhere")
    assert data_root(tmp_path) == tmp_path


def test_a_dataset_says_what_is_wrong_with_its_images() -> None:
    with pytest.raises(ConfigurationError, match=r"uint8 \(N, H, W, C\), not float64"):
        Dataset(np.zeros((1, 2, 2, 1)), np.zeros(1, np.int64), ("a",), "x", "X")  # type: ignore[arg-type]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the local address at which it is served."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(folder))  # type: ignore[arg-type]

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield folder, f"http://127.0.0.1:{running.server_address[1]}/"
        running.shutdown()


def test_downloads_are_checked_before_they_are_put_in_place(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = server
    monkeypatch.setattr(downloads, "SOURCES", {"mnist": official.Source((address,), {"a.gz": "0" * 32})})
    with pytest.raises(ConfigurationError, match="404"):
        downloads.download("mnist", tmp_path)
    (folder / "a.gz").write_bytes(b"content")
    with pytest.raises(ConfigurationError, match="wrong checksum"):
        downloads.download("mnist", tmp_path)
    assert not list((tmp_path / "mnist").iterdir())
    right = hashlib.md5(b"content").hexdigest()
    mirrors = (address + "nowhere/", address)
    monkeypatch.setattr(downloads, "SOURCES", {"mnist": official.Source(mirrors, {"a.gz": right})})
    assert (downloads.download("mnist", tmp_path) / "a.gz").read_bytes() == b"content"


def test_a_downloaded_cifar_archive_is_unpacked_and_read(
    tmp_path: Path, server: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, address = server
    batch = pickle.dumps({b"data": planar(COLOUR), b"labels": [0, 1]}, 2)
    with tarfile.open(folder / "c.tar.gz", "w:gz") as tar:
        for name in (
            "cifar-10-batches-py/test_batch",
            "../../escaped_batch",
            "cifar-10-batches-py/readme.html",
        ):
            member = tarfile.TarInfo(name)
            member.size = len(batch)
            tar.addfile(member, io.BytesIO(batch))
    md5 = hashlib.md5((folder / "c.tar.gz").read_bytes()).hexdigest()
    monkeypatch.setattr(downloads, "SOURCES", {"cifar-10": official.Source((address,), {"c.tar.gz": md5})})
    root = tmp_path / "root"
    downloads.download("cifar-10", root)
    assert data.load("cifar-10", "test", root).labels.tolist() == [0, 1]
    assert sorted(path.name for path in (root / "cifar-10").iterdir()) == [
        "c.tar.gz",
        "escaped_batch",
        "test_batch",
    ]
    assert not list(tmp_path.glob("escaped*"))


def test_digits_are_not_downloaded(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="those that are: mnist"):
        downloads.download("digits", tmp_path)


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"real data sets are not in {SHARED}")
@pytest.mark.parametrize(
    ("name", "shape", "first"),
    [
        ("mnist", (10000, 28, 28, 1), [7, 2, 1, 0, 4]),
        ("fashion-mnist", (10000, 28, 28, 1), None),
        ("cifar-10", (10000, 32, 32, 3), None),
    ],
)
def test_the_real_data_sets(name: str, shape: tuple[int, ...], first: list[int] | None) -> None:
    test = data.load(name, "test", SHARED)
    assert test.images.shape == shape and np.bincount(test.labels).size == 10
    assert 20 < test.images.mean() < 140
    if first:
        assert test.labels[:5].tolist() == first


def test_checksums_are_of_what_is_in_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    md5 = hashlib.md5(b"pixels", usedforsecurity=False).hexdigest()
    unpacked = dict.fromkeys(("packed", "raw", "other", "cut", "absent"), md5)
    monkeypatch.setattr(official, "SOURCES", {"mnist": official.Source((), {}, unpacked)})
    folder = tmp_path / "mnist"
    folder.mkdir()
    (folder / "packed.gz").write_bytes(gzip.compress(b"pixels", 1, mtime=7))
    (folder / "raw").write_bytes(b"pixels")
    (folder / "other.gz").write_bytes(gzip.compress(b"others"))
    (folder / "cut.gz").write_bytes(gzip.compress(b"pixels")[:-4])
    assert data.checksums("mnist", tmp_path) == {
        "packed": True,
        "raw": True,
        "other": False,
        "cut": False,
        "absent": None,
    }
    assert not set(data.checksums("mnist", folder).values()) - {None}
