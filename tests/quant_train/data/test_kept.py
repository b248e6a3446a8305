"""Pictures that take long to decode are decoded once, and again when anything has changed that their pixels come from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from quant_train import data
from quant_train.data import kept, pictures
from tests import shapes


@pytest.fixture
def decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were decoded; every size counts as large."""
    names: list[str] = []
    read = pictures.read

    def noted(path: Path, channels: int) -> np.ndarray:
        names.append(path.name)
        return read(path, channels)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(kept, "LARGE_BYTES", 0)
    monkeypatch.setattr(pictures, "read", noted)
    shapes.write(tmp_path / "shapes", 4, (8, 8))
    return names


def load() -> np.ndarray:
    return data.load("shapes", "train").images


def test_large_pictures_are_decoded_once(decoded: list[str], tmp_path: Path) -> None:
    first = load()
    assert len(decoded) == 9
    assert np.array_equal(load(), first) and len(decoded) == 9
    assert [path.suffix for path in (tmp_path / "build" / ".pictures").iterdir()] == [".npy"]
    assert len(list((tmp_path / "shapes").rglob("*"))) == 15


def test_a_picture_that_changed_is_decoded_again(decoded: list[str], tmp_path: Path) -> None:
    first = load()
    for name in shapes.CLASSES:
        for index in range(4):
            path = tmp_path / "shapes" / name / f"{index:04}.png"
            shapes.shape(name, (8, 8), 50 + index).save(path)
    assert not np.array_equal(load(), first) and len(decoded) == 18
    assert data.load("shapes", "train", shape=(4, 4, 3)).images.shape == (9, 4, 4, 3) and len(decoded) == 27


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY\x01\x00", b"text"])
def test_what_was_cut_off_is_made_again(decoded: list[str], tmp_path: Path, content: bytes) -> None:
    first = load()
    (path,) = (tmp_path / "build" / ".pictures").iterdir()
    whole = path.read_bytes()
    path.write_bytes(content)
    assert np.array_equal(load(), first) and path.read_bytes() == whole


def test_small_ones_leave_nothing_behind(
    decoded: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "LARGE_BYTES", 64 << 20)
    load()
    load()
    assert len(decoded) == 18 and not (tmp_path / "build").exists()
