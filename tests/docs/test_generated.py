"""The reference pages say what the sources say."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.docs.generated import PAGES, TABLES, described, written


def test_the_tables_are_those_of_the_sources() -> None:
    pages = {path: path.read_text() for path in PAGES}
    stale = [path.name for path, page in pages.items() if written(page) != page]
    assert not stale, "run: python -m tests.docs.generated"
    assert all(any(f"<!-- generated: {name} -->" in page for page in pages.values()) for name in TABLES)


def test_every_key_of_a_recipe_and_every_register_has_its_line() -> None:
    recipe, registers = TABLES["recipe-training"](), TABLES["registers"]()
    assert "| `batch_size` | integer, >= 2 | `128` | images, of all devices together |" in recipe
    assert '| `precision` | `"float32"`, `"bfloat16"`, `"automatic"` | `"float32"` |' in recipe
    assert "| `0x08` | `BUILD_ID_LOW` | RO |" in registers and len(registers.splitlines()) == 18


def test_a_field_without_a_word_is_an_error() -> None:
    @dataclass
    class Owner:
        """What it is.

        first, second (mm): sizes. third: see
        there, at first: nothing.
        """

        first: int
        second: int
        third: int

    @dataclass
    class Silent(Owner):
        """first, second, third: sizes."""

        fourth: int

    assert described(Owner) == {
        "first": "sizes (mm)",
        "second": "sizes (mm)",
        "third": "see there, at first: nothing",
    }
    with pytest.raises(KeyError, match="fourth"):
        described(Silent)
