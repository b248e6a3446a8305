"""`Demo`: pictures in, answers out, and the page that shows them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any, Optional

from ..errors import BoardError
from ..images import as_frame
from . import view
from .answer import Answer, ask, network_of
from .pen import SIDE, Pen
from .samples import Samples


class Demo:
    """Asks an overlay about what is drawn or chosen. Shown at the end of a cell, it is a page.

    overlay: a `DTSCNNOverlay`, of a board or of the simulated one. canvas: whether one draws; without it, where the data set
    has drawings in grey, and each class is one sign, such as a digit. clock: seconds.

    pen: what has been drawn. answer: the last one, None before the first.

    Raises:
        BuildMismatchError: the golden vectors beside the overlay are missing or not its own.
    """

    def __init__(
        self,
        overlay: Any,
        canvas: Optional[bool] = None,
        clock: Callable[[], float] = time.perf_counter,
    ):
        self.manifest = overlay.classifier.manifest
        self.samples = Samples(self.manifest)
        signs = all(len(name) == 1 for name in self.manifest.classes)
        self.can_draw = (self.manifest.drawing is not None and signs) if canvas is None else canvas
        self.pen = Pen()
        self.answer: Optional[Answer] = None
        self._overlay, self._network, self._clock = overlay, network_of(self.manifest), clock
        self._free_from, self._seconds = 0.0, math.inf
        self._page: Any = None

    @property
    def about(self) -> str:
        """Which network this is, where it runs, and what it tells apart, in a line."""
        manifest, clock = self.manifest, self._overlay.classifier.clock
        height, width, channels = manifest.shape
        place = "the simulated board" if manifest.kind == "simulated" else manifest.board
        return (
            f"{manifest.name} on {place} at {clock.mhz:g} MHz: images of {height} x {width} x {channels}, classes "
            f"{', '.join(manifest.classes)}"
        )

    @property
    def is_slow(self) -> bool:
        """Whether the last answer took so long that one should be told to wait, or there was none yet."""
        return self._seconds > 0.5

    @property
    def is_due(self) -> bool:
        """Whether a stroke under way may be asked about: that takes a third of the time, so that the pen is not late."""
        return self._clock() >= self._free_from

    def draw(self, strokes: Sequence[Sequence[tuple[float, float]]]) -> Answer:
        """Wipe the page, draw `strokes` as a hand would, and return the answer.

        strokes: for each, its points (x, y) from 0 to 1, x to the right and y down.

        Raises:
            BoardError: nothing is drawn, or the hardware failed.
        """
        self.pen.clear()
        for points in strokes:
            for index, (x, y) in enumerate(points):
                (self.pen.move if index else self.pen.down)(SIDE * x, SIDE * y)
            self.pen.up()
        return self.ask_about_page()

    def ask_about_page(self) -> Answer:
        """Return the answer for what is on the page, prepared by the driver's rule for drawings.

        Raises:
            BoardError: nothing is drawn, the data set has no drawings, or the hardware failed.
        """
        frame = as_frame(self.pen.page, self.manifest.shape, prepare="digit", drawing=self.manifest.drawing)
        return self._ask(frame, None)

    def show(self, picture: Any) -> Answer:
        """Return the answer for a sample image by its number, or for a picture: a path, a PIL image or a uint8 array.

        A picture is prepared as a drawing where the data set has drawings, else cut and scaled.

        Raises:
            BoardError: there is no such image, the picture cannot be read, or the hardware failed.
        """
        if isinstance(picture, int):
            if not 0 <= picture < len(self.samples):
                raise BoardError(f"there are sample images 0 to {len(self.samples) - 1}, not {picture}")
            sample = self.samples[picture]
            return self._ask(sample.image, sample.name)
        drawing = self.manifest.drawing
        prepare = None if drawing is None else "digit"
        return self._ask(as_frame(picture, self.manifest.shape, drawing is None, prepare, drawing), None)

    def _ask(self, frame: Any, truth: Optional[str]) -> Answer:
        begun = self._clock()
        self.answer = ask(self._overlay, self._network, frame, truth)
        if self._page is not None:
            self._page.refresh(self.answer)
        ended = self._clock()
        self._seconds = ended - begun
        self._free_from = ended + 2 * self._seconds
        return self.answer

    def _ipython_display_(self) -> None:
        """Show the page, or, without widgets, what there is in its place."""
        from IPython.display import HTML, display

        from . import page

        lack = page.missing(self.can_draw)
        if lack:
            print(lack)
        if page.has_widgets():
            self._page = self._page or page.Page(self)
            display(self._page.widget)
        else:
            display(HTML(view.gallery_html(self.samples.row(0), "sample images, for demo.show(number)")))
