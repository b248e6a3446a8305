"""Archives of arrays: a message for whatever is wrong, and no more memory than the file can fill."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dt_scnn import archives
from dt_scnn.errors import ConfigurationError


def member(header: str, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    text = f"{header}\n".encode("latin1")
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + data


def array(shape: object, kind: str = "|u1", data: bytes = b"") -> bytes:
    return member(f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}", data)


def write(path: Path, content: bytes, name: str = "images.npy", damage: int | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    if damage is not None:
        whole = bytearray(path.read_bytes())
        whole[damage] ^= 0x55
        path.write_bytes(whole)
    return path


def refusal(path: Path, name: str = "images") -> str:
    with pytest.raises(ConfigurationError) as caught, archives.opened(path) as archive:
        archive[name]
    assert str(path) in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (array((1 << 40,)), r"is cut off: its header says uint8 \(1099511627776,\), and there are 0 bytes"),
        (array((3, -1)), "is cut off"),
        (array((1 << 40,), "<U0"), "is cut off"),
        (array((4,), "|u1", b"abc"), "is cut off: .* there are 3 bytes"),
        (array((1,), "|O", bytes(8)), "holds pickled objects, which are never loaded"),
        (array((1,), "<U1", b"\0\0\x11\0"), "holds text that is no Unicode"),
        (member("{'descr': '|u1', "), "damaged, or no .npz archive"),
        (member("("), "damaged, or no .npz archive"),
        (member("{}", version=b"\3\0"), r"of version \(3, 0\) of numpy's format"),
        (b"text", "damaged, or no .npz archive"),
        (b"", "damaged, or no .npz archive"),
    ],
)
def test_an_array_that_is_none_is_refused(content: bytes, message: str, tmp_path: Path) -> None:
    text = refusal(write(tmp_path / "a.npz", content))
    assert re.search(message, text), text


def test_what_is_compressed_may_be_damaged(tmp_path: Path) -> None:
    whole = array((4, 9), data=bytes(range(36)))
    clean = write(tmp_path / "a.npz", whole)
    size = clean.stat().st_size
    told = set()
    for damage in range(size):
        path = write(tmp_path / "b.npz", whole, damage=damage)
        try:
            with archives.opened(path) as archive:
                assert archive["images"].shape == (4, 9)
        except ConfigurationError as error:
            told.add(str(error))
    assert len(told) > 5


def test_a_member_that_is_not_there_is_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(3), y=np.arange(2))
    assert "has no array 'images'; it holds x, y" in refusal(tmp_path / "a.npz")
    assert "cannot be read (No such file" in refusal(tmp_path / "none.npz")
    np.save(tmp_path / "plain.npz.npy", np.arange(3))
    assert "no .npz archive" in refusal(tmp_path / "plain.npz.npy")


def test_more_than_memory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "a.npz", images=np.zeros(10_000, np.uint8))
    with pytest.raises(ConfigurationError, match="GiB unpacked, more than"):
        archives.opened(tmp_path / "a.npz", 9_000).__enter__()


def test_arrays_are_as_numpy_reads_them(tmp_path: Path) -> None:
    arrays = {
        "a": np.arange(6, dtype=">i4").reshape(2, 3),
        "b": np.asfortranarray(np.eye(3)),
        "c": np.array(["ä", "\U0010ffff", ""]),
        "d": np.array("key"),
        "e": np.zeros((0, 4), np.uint8),
        "f": np.array([b"x", b"yz"]),
        "g": np.array(["ä"]).astype(">U1"),
    }
    np.savez(tmp_path / "a.npz", **arrays)
    with archives.opened(tmp_path / "a.npz") as archive:
        assert archive.names == list(arrays) and archive.get("h") is None and "a" in archive
        for name, value in arrays.items():
            assert archive[name].dtype == value.dtype and np.array_equal(archive[name], value)
    content = io.BytesIO()
    np.savez_compressed(content, **arrays)
    (tmp_path / "b.npz").write_bytes(content.getvalue())
    with archives.opened(tmp_path / "b.npz") as archive:
        assert all(np.array_equal(archive[name], value) for name, value in arrays.items())
