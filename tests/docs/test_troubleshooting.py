"""The troubleshooting page lists messages that the sources really have."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.docs.generated import DOCS, ROOT

GAP = "\0"


def texts(node: ast.AST) -> Iterator[str]:
    """Yield all string literals but docstrings, with a gap where an f-string puts a value in."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return
    if isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else GAP for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    for child in ast.iter_child_nodes(node):
        yield from texts(child)


@pytest.fixture(scope="module")
def messages() -> list[str]:
    """What the sources may print."""
    files = [
        path
        for package in ("dt_scnn", "quant_train", "hls_project", "board")
        for path in (ROOT / package).rglob("*.py")
    ]
    found = {text for path in files for text in texts(ast.parse(path.read_text())) if " " in text}
    return [text.replace("`", "") for text in found] + [(ROOT / "Makefile").read_text()]


def listed() -> list[str]:
    """Return the messages of the page."""
    return re.findall(r"^\| `(.+?)` \|", (DOCS / "troubleshooting.md").read_text(), re.M)


def occurs(message: str, sources: list[str]) -> bool:
    """Say whether some source has the parts of a message in this order, each with something in between."""
    parts = [part.strip(" .") for part in re.split(r"\.\.\.", message)]
    pattern = re.compile(".*?".join(re.escape(part) for part in parts if part), re.S)
    return any(pattern.search(source) for source in sources)


def test_every_listed_message_is_one_of_the_sources(messages: list[str]) -> None:
    found = listed()
    assert len(found) > 50
    assert not [message for message in found if not occurs(message, messages)]


def test_a_message_that_is_not_there_is_told(messages: list[str]) -> None:
    assert occurs("Vth1 <= Vth2, but kernel ... has ... and ...", messages)
    assert not occurs("Vth1 <= Vth2, but channel ... has ... and ...", messages)
    assert not occurs("has ... and ... Vth1 <= Vth2, but kernel", messages)
