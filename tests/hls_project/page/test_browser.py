"""The page in a real browser, at desk and phone width, in a light and a dark scheme."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import hls_project
from tests.browser import browser as started

LOOK = Path(__file__).with_name("look.js").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with started() as running:
        yield running


def opened(browser: Any, path: Path, width: int, scheme: str, said: list[str], asked: list[str]) -> Any:
    """Return the page of a file; what it says on the console and what it asks for is added to the lists."""
    tab = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url.split(":")[0]))
    tab.goto(path.as_uri())
    return tab


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut_off_or_hard_to_read(
    width: int, scheme: str, browser: Any, page: hls_project.Report
) -> None:
    said: list[str] = []
    asked: list[str] = []
    tab = opened(browser, page.path, width, scheme, said, asked)
    try:
        assert tab.evaluate(LOOK) == [] and said == [] and set(asked) <= {"file", "data"}
        background = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        assert background == {"light": "rgb(243, 245, 248)", "dark": "rgb(14, 17, 22)"}[scheme]
        wide = tab.locator("figure.wide img")
        assert wide.evaluate("image => image.currentSrc !== image.src") == (width == 1280)
        drawn = Image.open(io.BytesIO(tab.locator("figure:not(.wide) img").first.screenshot())).convert("L")
        assert (drawn.getpixel((3, 3)) > 128) == (scheme == "light")
        assert drawn.getextrema()[1] - drawn.getextrema()[0] > 150
    finally:
        tab.context.close()


@pytest.mark.parametrize(
    ("fault", "message"),
    [
        ("section { width: 110vw }", "leaves the screen"),
        (".lead { color: #999 }", "has a contrast of"),
        ("code { white-space: nowrap } .tile { width: 4rem }", "leaves"),
        ("figure img { width: 60px }", "is too small"),
        (".tile .note { font-size: 8px }", "is 8px high"),
    ],
)
def test_what_is_wrong_is_found(fault: str, message: str, browser: Any, page: hls_project.Report) -> None:
    tab = opened(browser, page.path, 390, "light", [], [])
    try:
        tab.add_style_tag(content=fault)
        assert any(message in sentence for sentence in tab.evaluate(LOOK))
    finally:
        tab.context.close()
