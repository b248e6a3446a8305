"""A manifest that cannot be one is refused with a message, before anything of it is used."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from board.errors import BoardError, BuildMismatchError
from board.manifest import Manifest
from dt_scnn.files import sha256
from tests.board.instant import overlay


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"shape": [float("inf"), 1, 1]}, "not a manifest of format 1: OverflowError"),
        ({"shape": [28, -28, -1]}, "shape"),
        ({"files": 1}, "not a manifest"),
        ({"files": ["net.bit"]}, "not a manifest"),
        ({"golden": None}, "not a manifest"),
        ({"clock_mhz": float("nan")}, "clock of nan MHz"),
        ({"clock_mhz": 0}, "clock of 0.0 MHz"),
        ({"build_id": "1" * 17}, "build ID 0x1"),
        ({"build_id": "-1"}, "build ID -0x1"),
        ({"name": "../net"}, "is not the name of a file beside the manifest"),
        ({"name": "/"}, "is not the name of a file beside the manifest"),
        ({"golden": {"file": "", "sha256": ""}}, "'' is not the name of a file"),
        ({"golden": {"file": "..", "sha256": ""}}, "'..' is not the name of a file"),
        ({"files": {"a\0b": ""}}, r"'a\\\\x00b' is not the name of a file"),
    ],
)
def test_values_that_cannot_be(changes: dict[str, object], message: str, tmp_path: Path) -> None:
    path = overlay(tmp_path).with_suffix(".json")
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    with pytest.raises(BoardError) as caught:
        Manifest.load(path)
    assert re.search(message, str(caught.value)), caught.value


def test_a_manifest_that_is_nested_without_end(tmp_path: Path) -> None:
    (tmp_path / "net.json").write_text("[" * 200_000)
    with pytest.raises(BoardError, match="the manifest is damaged"):
        Manifest.load(tmp_path / "net.json")


def test_golden_vectors_that_are_none(tmp_path: Path) -> None:
    path = overlay(tmp_path).with_suffix(".json")
    np.savez(tmp_path / "net.golden.npz", images=np.zeros(1))
    content = json.loads(path.read_text())
    content["golden"]["sha256"] = sha256(tmp_path / "net.golden.npz")
    path.write_text(json.dumps(content))
    with pytest.raises(BuildMismatchError, match="holds no golden vectors: KeyError.*make the overlay again"):
        Manifest.load(path).golden_vectors()
