"""Strokes into pixels."""

from __future__ import annotations

import numpy as np
import pytest

from board.demo.pen import SIDE, WIDTH, Pen
from board.preparation import LIGHT_ON_DARK, Drawing, prepare_drawing


def ink(pen: Pen) -> np.ndarray:
    return pen.page == 0


def test_an_empty_page_is_paper() -> None:
    page = Pen().page
    assert (page.shape, page.dtype) == ((SIDE, SIDE), np.uint8) and (page == 255).all()


def test_a_touch_is_a_round_dot() -> None:
    pen = Pen()
    pen.down(100, 50)
    rows, columns = np.nonzero(ink(pen))
    assert (rows.mean(), columns.mean()) == (50, 100)
    assert np.hypot(rows - 50, columns - 100).max() <= WIDTH / 2 + 1
    assert ink(pen).sum() == pytest.approx(np.pi * WIDTH**2 / 4, rel=0.1)


def test_a_stroke_is_as_wide_as_the_pen_with_round_ends_and_nothing_is_drawn_while_it_is_up() -> None:
    pen = Pen()
    assert not pen.move(10, 10) and not pen.up() and not ink(pen).any()
    pen.down(60, 140)
    assert pen.is_down and pen.move(200, 140) and not pen.move(200, 140)
    assert pen.up() and not pen.is_down
    assert not pen.move(200, 10)
    rows, columns = np.nonzero(ink(pen))
    half = WIDTH // 2
    assert (rows.min(), rows.max()) == (pytest.approx(140 - half, abs=1), pytest.approx(140 + half, abs=1))
    assert (columns.min(), columns.max()) == (60 - half, 200 + half)
    assert ink(pen)[:, 130].sum() == pytest.approx(WIDTH, abs=1)
    pen.clear()
    assert not ink(pen).any()


def test_a_stroke_beside_the_page_leaves_no_ink() -> None:
    pen = Pen()
    pen.down(-100, 50)
    pen.move(-50, 400)
    assert not ink(pen).any()


def test_what_is_drawn_can_be_mirrored_and_a_page_that_was_read_stays_as_it_was() -> None:
    seen: list[tuple[float, ...] | str] = []
    pen = Pen(lambda *ends: seen.append(ends), lambda: seen.append("wiped"))
    before = pen.page
    pen.down(1, 2)
    pen.move(3, 4)
    pen.move(5, 6)
    pen.clear()
    assert seen == ["wiped", (1, 2, 1, 2), (1, 2, 3, 4), (3, 4, 5, 6), "wiped"]
    assert (before == 255).all()


def test_a_stroke_in_a_corner_becomes_one_in_the_middle_light_on_dark() -> None:
    pen = Pen()
    pen.down(20, 20)
    pen.move(20, 100)
    frame = prepare_drawing(pen.page, Drawing(LIGHT_ON_DARK, 20), (28, 28, 1))[:, :, 0]
    rows, columns = np.nonzero(frame >= 128)
    assert (rows.min(), rows.max()) == (4, 23) and columns.mean() == pytest.approx(13.5, abs=0.5)
    assert frame[0, 0] == 0 and frame.max() == 255
