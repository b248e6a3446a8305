"""The widgets, driven by the messages that a browser sends, and what takes their place where they are missing."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import ipycanvas
import ipywidgets
import numpy as np
import pytest
from PIL import Image

from board.demo import Demo
from board.demo.page import Page, has_canvas, missing, uploaded
from board.errors import BoardError
from board.overlay import DTSCNNOverlay

Load = Callable[..., DTSCNNOverlay]


def widgets_of(widget: Any, kind: type) -> list[Any]:
    """Return the widgets of a kind below `widget`, in their order."""
    below = [found for child in getattr(widget, "children", ()) for found in widgets_of(child, kind)]
    return ([widget] if isinstance(widget, kind) else []) + below


@pytest.fixture
def demo(load: Load, monkeypatch: pytest.MonkeyPatch) -> Demo:
    """A demo that is shown."""
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    made = Demo(load(), clock=lambda: 0.0)
    made._ipython_display_()
    made._ipython_display_()
    assert shown == [made._page.widget, made._page.widget]
    return made


def page_of(demo: Demo) -> Page:
    return demo._page


def said(demo: Demo) -> str:
    return page_of(demo)._said.value


def send(demo: Demo, event: str, *at: float) -> None:
    """Send what the canvas in a browser sends."""
    (canvas,) = widgets_of(page_of(demo).widget, ipycanvas.Canvas)
    place = dict(zip(("x", "y"), at, strict=True)) if at else {"x": 0, "y": 0}
    touches = [place] if at else []
    content = {"event": event, **({"touches": touches} if event.startswith("touch") else place)}
    canvas._handle_frontend_event(canvas, content, [])


def press(demo: Demo, name: str) -> None:
    found = [
        button for button in widgets_of(page_of(demo).widget, ipywidgets.Button) if button.description == name
    ]
    found[0].click()


STROKES = {
    "mouse": ("mouse_down", "mouse_move", "mouse_up"),
    "mouse that leaves": ("mouse_down", "mouse_move", "mouse_out"),
    "finger": ("touch_start", "touch_move", "touch_end"),
    "finger taken away": ("touch_start", "touch_move", "touch_cancel"),
}


@pytest.mark.parametrize("events", STROKES.values(), ids=STROKES)
def test_a_stroke_is_drawn_asked_about_on_the_way_and_at_its_end(
    demo: Demo, events: tuple[str, str, str]
) -> None:
    begin, go_on, end = events
    send(demo, go_on, 140, 250)
    assert demo.answer is None and (demo.pen.page == 255).all()
    send(demo, begin, 60, 60)
    assert demo.answer is None and demo.pen.is_down
    send(demo, go_on, 60, 200)
    on_the_way = demo.answer
    assert on_the_way is not None and f">{on_the_way.result.class_name}</span>" in said(demo)
    send(demo, go_on, 200, 200)
    send(demo, end)
    assert demo.answer is not on_the_way and not demo.pen.is_down
    last = demo.answer
    send(demo, go_on, 10, 10)
    send(demo, end)
    assert demo.answer is last
    again = demo.draw([[(60 / 280, 60 / 280), (60 / 280, 200 / 280), (200 / 280, 200 / 280)]])
    assert last is not None and np.array_equal(again.frame, last.frame)


def test_the_canvas_shows_every_stroke_also_those_of_a_script(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[tuple[Any, ...]] = []
    for name in ("fill_rect", "stroke_line", "fill_circle"):
        monkeypatch.setattr(
            ipycanvas.Canvas, name, lambda self, *at, name=name: calls.append((name, self.fill_style, *at))
        )
    demo.draw([[(0.5, 0.25), (0.5, 0.75)]])
    black, white = "#000000", "#ffffff"
    assert calls == [
        ("fill_rect", white, 0, 0, 280, 280),
        ("fill_circle", black, 140, 70, 12),
        ("stroke_line", black, 140, 70, 140, 70),
        ("fill_circle", black, 140, 70, 12),
        ("stroke_line", black, 140, 70, 140, 210),
    ]


def test_clear_wipes_page_and_answer(demo: Demo) -> None:
    demo.draw([[(0.5, 0.25), (0.5, 0.75)]])
    assert "what the hardware gets" in said(demo) and page_of(demo)._maps.value
    press(demo, "Clear the page")
    assert (demo.pen.page == 255).all()
    assert "Draw on the white page" in said(demo) and page_of(demo)._maps.value == ""


def test_the_gallery_asks_and_goes_on(demo: Demo) -> None:
    row = demo.samples.row(0)
    names = [sample.name for sample in row]
    buttons = widgets_of(page_of(demo)._gallery, ipywidgets.Button)
    assert [button.description for button in buttons] == names
    press(demo, names[-1])
    assert demo.answer is not None and demo.answer.truth == names[-1]
    assert np.array_equal(demo.answer.frame, row[-1].image)
    press(demo, "Other images")
    press(demo, names[-1])
    assert np.array_equal(demo.answer.frame, demo.samples.row(1)[-1].image)


def png(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def test_a_file_is_uploaded(demo: Demo) -> None:
    page = np.full((90, 60), 230, np.uint8)
    page[20:60, 10:14] = 20
    (upload,) = widgets_of(page_of(demo).widget, ipywidgets.FileUpload)

    def give(content: bytes) -> None:
        upload.value = (
            {
                "name": "a.png",
                "type": "",
                "size": len(content),
                "content": content,
                "last_modified": datetime.now(UTC),
            },
        )

    give(png(page))
    assert demo.answer is not None and np.array_equal(demo.answer.frame, demo.show(page).frame)
    give(b"no picture")
    assert (
        "the file that was uploaded is no picture that can be read: cannot identify image file</p>"
        in said(demo)
    )
    assert "wrong" in said(demo)


def test_both_forms_of_an_uploaded_file_are_read() -> None:
    assert uploaded({"a.png": {"metadata": {}, "content": b"7"}}) == b"7"
    assert uploaded(({"name": "a.png", "content": memoryview(b"8")},)) == b"8"
    assert uploaded({}) is None and uploaded(()) is None


def test_what_goes_wrong_is_said_on_the_page_and_the_next_one_works(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = demo.samples.row(0)[0].name
    with monkeypatch.context() as broken:
        broken.setattr(demo._overlay.classifier, "classify", lambda frame: 1 / 0)
        press(demo, name)
        assert "division by zero" in said(demo)
    press(demo, name)
    assert f"labelled {name}" in said(demo)


def test_one_is_told_to_wait_where_the_last_answer_took_long(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    classify = demo._overlay.classifier.classify
    monkeypatch.setattr(
        demo._overlay.classifier, "classify", lambda frame: (seen.append(said(demo)), classify(frame))[1]
    )
    demo._seconds = 3.0
    press(demo, demo.samples.row(0)[0].name)
    assert "The board is at work" in seen[0] and "labelled" in said(demo)


def without(monkeypatch: pytest.MonkeyPatch, *modules: str) -> None:
    for module in modules:
        monkeypatch.setitem(sys.modules, module, None)


def test_without_ipycanvas_there_is_a_page_for_files(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, "ipycanvas")
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    made = Demo(load())
    made._ipython_display_()
    out = capsys.readouterr().out
    assert out.startswith("no canvas here, for ipycanvas is not installed") and out.count("\n") == 1
    assert not widgets_of(shown[0], ipycanvas.Canvas) and widgets_of(shown[0], ipywidgets.FileUpload)
    assert "Choose an image." in said(made)
    assert made.draw([[(0.5, 0.2), (0.5, 0.8)]]).is_exact


def test_without_ipywidgets_there_are_the_sample_images_and_files(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    without(monkeypatch, "ipycanvas", "ipywidgets")
    shown: list[Any] = []
    monkeypatch.setattr("IPython.display.display", shown.append)
    made = Demo(load())
    made._ipython_display_()
    out = capsys.readouterr().out
    assert out.startswith("no page here, for ipywidgets is not installed") and out.count("\n") == 1
    assert shown[0].data.count("<figure>") == len(made.samples.row(0))
    assert made.show(0).is_exact and made.draw([[(0.5, 0.2), (0.5, 0.8)]]).is_exact
    with pytest.raises(BoardError, match="sample images 0 to 19"):
        made.show(20)


def test_a_canvas_that_knows_no_touches_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert has_canvas() and missing(True) == ""
    monkeypatch.delattr(ipycanvas.Canvas, "on_touch_start")
    assert not has_canvas() and missing(False) == "" and "ipycanvas" in missing(True)


def test_what_draws_nothing_has_no_canvas(load: Load) -> None:
    page = Page(Demo(load(channels=3)))
    assert not widgets_of(page.widget, ipycanvas.Canvas) and "Choose an image." in page._said.value
