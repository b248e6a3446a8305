"""Boards as data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.overlay import boards
from hls_project.synthesis import parts


def content(name: str = "pynq-z2") -> dict[str, Any]:
    return json.loads((boards.FOLDER / f"{name}.json").read_text())  # type: ignore[no-any-return]


def test_every_board_is_found_by_its_name_and_has_a_known_part() -> None:
    assert boards.names() == ["kv260", "pynq-z1", "pynq-z2", "zcu104"]
    for name in boards.names():
        found = boards.find(name)
        assert found.name == name and found.part in parts.parts()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_users_own_file_is_taken(encoding: str, tmp_path: Path) -> None:
    own = tmp_path / "mine.json"
    own.write_text(
        json.dumps(content() | {"name": "mine", "part": "xc7z010clg400-1", "clock_mhz": 66.7}), encoding
    )
    found = boards.find(str(own))
    assert (found.name, found.part, found.clock_mhz) == ("mine", "xc7z010clg400-1", 66.7)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"clock": 100}, "clock: Unexpected keyword argument"),
        ({"part": "xc7; exit"}, "part: String should match pattern"),
        ({"name": "../x"}, "name: String should match pattern"),
        ({"clock_mhz": 0}, "clock_mhz: Input should be greater than 0"),
        ({"clock_mhz": float("inf")}, "clock_mhz: Input should be less than or equal to 10000"),
        ({"ports": {}}, "ports.clock"),
        ({"addresses": {"axi_dma_0": "0x40400000"}}, "addresses must be of axi_dma_0, axi_intc_0, dtscnn_0"),
        (
            {"addresses": dict.fromkeys(boards.CELLS, "0x40400000")},
            "addresses must be different multiples of 0x10000",
        ),
        (
            {"addresses": dict(zip(boards.CELLS, ["0x1", "0x20000", "0x30000"], strict=True))},
            "multiples of 0x10000",
        ),
        ({"addresses": dict.fromkeys(boards.CELLS, "here")}, "String should match pattern"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    own = tmp_path / "mine.json"
    own.write_text(json.dumps(content() | change))
    with pytest.raises(ConfigurationError, match=message):
        boards.find(str(own))


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("zedboard", "there is no board 'zedboard'; there are kv260, pynq-z1, pynq-z2, zcu104, and BOARD="),
        ("", "there is no board ''"),
        ("nowhere/mine.json", "nowhere/mine.json cannot be read as a board"),
        ("../boards/pynq-z2", "there is no board"),
    ],
)
def test_an_unknown_board_is_an_error(name: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        boards.find(name)


def test_a_file_that_is_no_json_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{")
    with pytest.raises(ConfigurationError, match="cannot be read as a board"):
        boards.find(str(tmp_path / "mine.json"))
