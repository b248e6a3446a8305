"""A stage is current as long as what it was made from and what it left are the same."""

from __future__ import annotations

from pathlib import Path

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
    for text in ("", "[]", '{"key": "key", "products": [1]}'):
        (tmp_path / stage.STAMP).write_text(text)
        assert not stage.is_current(tmp_path, "key")
    (tmp_path / stage.STAMP).write_text('{"key": "key"}')
    assert stage.is_current(tmp_path, "key")
