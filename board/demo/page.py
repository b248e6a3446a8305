"""The page's widgets: a canvas to draw on, a gallery, a file to upload, and the answer. The only place that knows them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Optional

from .. import pictures
from . import view
from .answer import Answer
from .pen import SIDE, WIDTH

if TYPE_CHECKING:
    from .demo import Demo

_PAPER, _INK, _EDGE = "#ffffff", "#000000", "#9aa4b0"
_INVITATION = "Draw on the white page, or choose an image."
_CHOICE = "Choose an image."


def has_widgets() -> bool:
    """Say whether ipywidgets is installed."""
    try:
        import ipywidgets
    except ImportError:
        return False
    return hasattr(ipywidgets, "Widget")


def has_canvas() -> bool:
    """Say whether ipycanvas is installed, in a release that knows touches."""
    try:
        import ipycanvas
    except ImportError:
        return False
    return has_widgets() and hasattr(ipycanvas.Canvas, "on_touch_start")


def missing(wanted_canvas: bool) -> str:
    """Return what is missing here, in a line, and what takes its place; "" if nothing is."""
    if not has_widgets():
        return (
            "no page here, for ipywidgets is not installed (pip install ipywidgets ipycanvas): demo.show('picture.png') takes a "
            "file, demo.show(0) a sample image, and demo.draw([[(0.5, 0.2), (0.5, 0.8)]]) strokes"
        )
    if wanted_canvas and not has_canvas():
        return (
            "no canvas here, for ipycanvas is not installed (pip install ipycanvas): choose a picture file or a sample image, or "
            "demo.show('picture.png')"
        )
    return ""


def uploaded(value: Any) -> Optional[bytes]:
    """Return the content of the last file of a `FileUpload`'s value: a dict in ipywidgets 7, a tuple since 8."""
    entries = list(value.values()) if isinstance(value, dict) else list(value)
    return bytes(entries[-1]["content"]) if entries else None


class Page:
    """The widgets of a `Demo`. widget: what is to be displayed."""

    def __init__(self, demo: Demo):
        import ipywidgets as widgets

        self._demo, self._widgets, self._row = demo, widgets, 0
        self._short = max(map(len, demo.manifest.classes)) <= 4
        canvas = demo.can_draw and has_canvas()
        self._said = widgets.HTML(view.text_html(_INVITATION if canvas else _CHOICE))
        self._maps = widgets.HTML()
        self._gallery = widgets.Box(layout=widgets.Layout(flex_flow="row wrap"))
        self._fill_gallery()
        others = widgets.Button(description="Other images")
        others.on_click(lambda button: self._next_row())
        upload = widgets.FileUpload(accept="image/*", multiple=False, description="A picture file")
        upload.observe(lambda change: self._upload(change["new"]), names="value")
        choice = [upload] if len(demo.samples) <= len(self._gallery.children) else [others, upload]
        said = widgets.Box([self._said], layout=widgets.Layout(flex="1 1 300px", min_width="0"))
        first = widgets.Box(
            [*([self._canvas()] if canvas else []), said],
            layout=widgets.Layout(flex_flow="row wrap", align_items="flex-start"),
        )
        below = widgets.Box(choice, layout=widgets.Layout(flex_flow="row wrap"))
        self.widget = widgets.VBox([first, self._gallery, below, self._maps])

    def refresh(self, answer: Answer) -> None:
        """Show an answer."""
        self._said.value = view.said_html(answer)
        self._maps.value = view.maps_html(answer)

    def _tell(self, text: str, kind: str = "small") -> None:
        """Show a line of text in place of an answer."""
        self._said.value, self._maps.value = view.text_html(text, kind), ""

    def _canvas(self) -> Any:
        """Return the canvas, on which the pen's strokes appear, and the button that wipes it."""
        import ipycanvas

        canvas = ipycanvas.Canvas(width=SIDE, height=SIDE)
        canvas.layout.width, canvas.layout.max_width, canvas.layout.height = f"{SIDE}px", "100%", "auto"
        canvas.layout.border = f"1px solid {_EDGE}"
        canvas.line_width, canvas.line_cap = WIDTH, "round"
        pen = self._demo.pen

        def draw(*ends: float) -> None:
            canvas.stroke_style = canvas.fill_style = _INK
            canvas.fill_circle(*ends[:2], WIDTH / 2)
            canvas.stroke_line(*ends)

        def wipe() -> None:
            with ipycanvas.hold_canvas(canvas):
                canvas.fill_style = _PAPER
                canvas.fill_rect(0, 0, SIDE, SIDE)

        pen.draw, pen.wiped = draw, wipe
        pen.clear()
        for name, handler in (("start", self._touch_down), ("move", self._touch_move)):
            getattr(canvas, f"on_touch_{name}")(handler)
        canvas.on_touch_end(lambda touches: self._up())
        canvas.on_touch_cancel(lambda touches: self._up())
        canvas.on_mouse_down(lambda x, y: self._down(x, y))
        canvas.on_mouse_move(lambda x, y: self._move(x, y))
        canvas.on_mouse_up(lambda x, y: self._up())
        canvas.on_mouse_out(lambda x, y: self._up())
        clear = self._widgets.Button(description="Clear the page")
        clear.on_click(lambda button: self._clear())
        return self._widgets.VBox(
            [canvas, clear], layout=self._widgets.Layout(max_width="100%", margin="0 16px 0 0")
        )

    def _down(self, x: float, y: float) -> None:
        self._demo.pen.down(x, y)

    def _move(self, x: float, y: float) -> None:
        if self._demo.pen.move(x, y) and self._demo.is_due:
            self._try(self._demo.ask_about_page)

    def _up(self) -> None:
        if self._demo.pen.up():
            self._try(self._demo.ask_about_page)

    def _touch_down(self, touches: Any) -> None:
        if touches:
            self._down(*touches[0])

    def _touch_move(self, touches: Any) -> None:
        if touches:
            self._move(*touches[0])

    def _clear(self) -> None:
        self._demo.pen.clear()
        self._tell(_INVITATION)

    def _upload(self, value: Any) -> None:
        content = uploaded(value)
        if content is not None:
            self._try(
                lambda: self._demo.show(pictures.opened(io.BytesIO(content), "the file that was uploaded"))
            )

    def _next_row(self) -> None:
        self._row += 1
        self._fill_gallery()

    def _fill_gallery(self) -> None:
        self._gallery.children = [self._thumbnail(sample) for sample in self._demo.samples.row(self._row)]

    def _thumbnail(self, sample: Any) -> Any:
        """Return a sample image and the button that asks about it."""
        widgets = self._widgets
        image = widgets.Image(value=view.png(sample.image, 72), format="png", width="72", height="72")
        button = widgets.Button(
            description=str(sample.index) if sample.name is None else sample.name,
            tooltip=f"sample image {sample.index}",
            layout=widgets.Layout(width="76px" if self._short else "100px"),
        )
        button.on_click(lambda clicked: self._try(lambda: self._demo.show(sample.index)))
        return widgets.VBox([image, button], layout=widgets.Layout(align_items="center", margin="2px"))

    def _try(self, question: Callable[[], Any]) -> None:
        """Ask, and show what goes wrong on the page: an exception of a widget's callback would be seen by nobody."""
        if self._demo.is_slow:
            self._tell("The board is at work ...")
        try:
            question()
        except Exception as error:
            self._tell(str(error) or type(error).__name__, "wrong")
