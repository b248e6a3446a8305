"""A pen on a page: strokes into the pixels that a photograph of the page would have, dark on light."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Optional

import numpy as np

SIDE = 280
"""Pixels of the page's sides."""

WIDTH = 24
"""Pixels of a stroke."""


class Pen:
    """A page of SIDE x SIDE pixels and the pen on it.

    Places are (x, y) in pixels, x to the right and y down. draw: called with both ends, x, y, x, y, of each new piece of a
    stroke. wiped: called when the page is cleared.
    """

    def __init__(
        self,
        draw: Callable[[float, float, float, float], Any] = lambda *ends: None,
        wiped: Callable[[], Any] = lambda: None,
    ):
        self.draw, self.wiped = draw, wiped
        self._at: Optional[tuple[float, float]] = None
        self.clear()

    @property
    def is_down(self) -> bool:
        """Whether a stroke is under way."""
        return self._at is not None

    @property
    def page(self) -> np.ndarray:
        """The page: uint8 (SIDE, SIDE), paper 255 and ink 0."""
        return np.array(self._page)

    def down(self, x: float, y: float) -> None:
        """Begin a stroke, which is a dot so far."""
        self._at = (x, y)
        self._line(x, y, x, y)

    def move(self, x: float, y: float) -> bool:
        """Go on with the stroke; return whether there is one and the pen has moved."""
        if self._at is None or self._at == (x, y):
            return False
        before, self._at = self._at, (x, y)
        self._line(*before, x, y)
        return True

    def up(self) -> bool:
        """End the stroke; return whether there was one."""
        was, self._at = self._at, None
        return was is not None

    def clear(self) -> None:
        """Wipe the page."""
        from PIL import Image

        self._page: Any = Image.new("L", (SIDE, SIDE), 255)
        self._at = None
        self.wiped()

    def _line(self, *ends: float) -> None:
        from PIL import ImageDraw

        page, half = ImageDraw.Draw(self._page), WIDTH / 2
        page.line(ends, 0, WIDTH)
        for x, y in (ends[:2], ends[2:]):
            page.ellipse((x - half, y - half, x + half, y + half), 0)
        self.draw(*ends)
