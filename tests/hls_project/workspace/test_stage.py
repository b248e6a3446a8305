"""A stage is current as long as what it was made from and what it left are the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from dt_scnn.errors import FlowError
from hls_project.workspace import stage


def test_a_damaged_or_missing_product_is_made_again(tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"code")
    stage.complete(tmp_path, "key", [program])
    assert stage.is_current(tmp_path, "key") and not stage.is_current(tmp_path, "other")
    program.write_bytes(b"cod")
    assert not stage.is_current(tmp_path, "key")
    program.unlink()
    assert not stage.is_current(tmp_path, "key")


def test_a_stamp_of_something_else_is_no_stamp(tmp_path: Path) -> None:
    for text in ("", "[]", '{"key": "key", "products": [1]}', '{"key": "key"}', '{"products": {}}'):
        (tmp_path / stage.STAMP).write_text(text)
        assert not stage.is_current(tmp_path, "key")
    (tmp_path / stage.STAMP).write_text('{"key": "key", "products": {}}')
    assert stage.is_current(tmp_path, "key")


def test_products_lie_in_folders_behind_a_link_and_beside_the_stamp(tmp_path: Path) -> None:
    (tmp_path / "far" / "away" / "stamp").mkdir(parents=True)
    (tmp_path / "build").symlink_to(tmp_path / "far" / "away")
    folder, product = tmp_path / "build" / "stamp", tmp_path / "build" / "overlay.bit"
    product.write_bytes(b"bits")
    for path in (product, product.resolve()):
        stage.complete(folder, "key", [path])
        assert stage.is_current(folder, "key") and stage.is_current(folder.resolve(), "key")
    product.write_bytes(b"bite")
    assert not stage.is_current(folder, "key")


def test_a_product_that_was_not_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(FlowError, match=r"made no .*netlist\.v"):
        stage.complete(tmp_path, "key", [tmp_path / "netlist.v"])
    assert not stage.is_current(tmp_path, "key")
