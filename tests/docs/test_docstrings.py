"""Parameters and fields of this project's docstrings become lists."""

from __future__ import annotations

from tests.docs.docstrings import listed, split

NAMES = ("first", "second", "first_one")


def test_a_row_is_taken_apart() -> None:
    text = "What it is. first, second (mm): sizes. first_one: see\nthere, as second: 3."
    rest, said = split(text, NAMES)
    assert rest == "What it is."
    assert said == {"first": "sizes (mm)", "second": "sizes (mm)", "first_one": "see there, as second: 3"}
    assert split("Nothing of second to say: it is so.", NAMES) == ("Nothing of second to say: it is so.", {})
    assert split("first: 0, 1, ...", NAMES)[1] == {"first": "0, 1, ..."}


def test_a_docstring_gets_a_section_before_what_it_raises() -> None:
    text = "Do it.\n\nsecond: a size.\n\nMore of it.\n\nRaises:\n    ValueError: it is too large."
    assert listed(text, NAMES, "Args") == (
        "Do it.\n\nMore of it.\n\nArgs:\n    second: a size.\n\nRaises:\n    ValueError: it is too large."
    )
    assert listed("Do it.\n\nNo more.", NAMES, "Args") == "Do it.\n\nNo more."
