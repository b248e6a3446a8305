"""Values as words of Tcl."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping


def word(text: str) -> str:
    """Return `text` as one word of Tcl, whatever characters it has."""
    return '"' + re.sub(r'([\\"$\[\]{};])', r"\\\1", text).replace("\n", "\\n") + '"'


def list_of(texts: Iterable[str]) -> str:
    """Return `texts` as one word of Tcl that is a list of them."""
    return f"[list {' '.join(word(text) for text in texts)}]"


def dict_of(values: Mapping[str, str]) -> str:
    """Return `values` as one word of Tcl that is a list of names and values in turn."""
    return list_of(text for pair in values.items() for text in pair)
