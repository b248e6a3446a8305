"""How the page's pictures look, and how they are written: SVG whose colours follow the reader's scheme."""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dt_scnn.files import atomic_path
from hls_project.reports.drawing import pyplot, save
from hls_project.reports.figure import Kind

WIDTH = 4.1
"""Inches of every picture, which a phone shows nearly as large as a desk."""

# Drawn with these; each becomes a variable of the page's style sheet as the file is written.
INK, MUTED, GRID, PAPER = "#0a0b0c", "#5a5b5c", "#cacbcc", "#fafbfc"
FIRST, SECOND, OTHER, LIMIT, GOOD = "#0a5bbc", "#bc5b0a", "#8a8b8c", "#bc0a2b", "#0a8b4c"

SCHEMES: dict[str, dict[str, str]] = {
    "light": {
        INK: "#1d2127",
        MUTED: "#57606a",
        GRID: "#d3d9e0",
        PAPER: "#ffffff",
        FIRST: "#0b62b8",
        SECOND: "#b35900",
        OTHER: "#8b95a1",
        LIMIT: "#c0293a",
        GOOD: "#1a7f45",
    },
    "dark": {
        INK: "#e6eaef",
        MUTED: "#a2acb7",
        GRID: "#39414b",
        PAPER: "#171b21",
        FIRST: "#63aef8",
        SECOND: "#f2994a",
        OTHER: "#77818c",
        LIMIT: "#ff7a84",
        GOOD: "#4cc27d",
    },
}
NAMES = {
    INK: "ink",
    MUTED: "muted",
    GRID: "grid",
    PAPER: "paper",
    FIRST: "first",
    SECOND: "second",
    OTHER: "other",
    LIMIT: "limit",
    GOOD: "good",
}
_LOOK = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "svg.fonttype": "path",
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.edgecolor": MUTED,
    "axes.linewidth": 0.8,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "hatch.linewidth": 0.6,
}


@dataclass(frozen=True)
class Picture:
    """A picture of the page. path: its file. alt: what it shows, in words. kinds: where its figures come from. wide: the same for a wide page."""

    name: str
    title: str
    alt: str
    kinds: tuple[Kind, ...]
    path: Path
    svg: str
    wide: Picture | None = None

    @property
    def source(self) -> str:
        """The file as a data URL: a picture by itself, whose names are no others'."""
        return f"data:image/svg+xml;base64,{base64.b64encode(self.svg.encode()).decode()}"


def variables(scheme: str) -> str:
    """Return the style sheet's variables of `light` or `dark`."""
    return " ".join(f"--{NAMES[mark]}: {colour};" for mark, colour in SCHEMES[scheme].items())


@contextmanager
def look() -> Iterator[None]:
    """Draw in the page's look."""
    with pyplot("report").rc_context(_LOOK):
        yield


def legend_above(figure: Any, axes: Any, columns: int) -> None:
    """Write the legend above the axes, bars and points before lines."""
    handles, labels = axes.get_legend_handles_labels()
    order = sorted(range(len(handles)), key=lambda index: _is_line(handles[index]))
    figure.legend(
        [handles[index] for index in order],
        [labels[index] for index in order],
        loc="outside upper left",
        ncols=columns,
        borderaxespad=0.2,
        handlelength=1.4,
        columnspacing=1.2,
    )


def _is_line(handle: Any) -> bool:
    return hasattr(handle, "get_marker") and handle.get_marker() in ("None", "", None)


def keep(figure: Any, path: Path, title: str, alt: str, *kinds: Kind) -> Picture:
    """Write a figure as SVG, whole or not at all, and close it; the same file for the same figure."""
    text = io.StringIO()
    with warnings.catch_warnings(), pyplot("report").rc_context(_LOOK | {"svg.hashsalt": path.name}):
        warnings.simplefilter("ignore")
        figure.savefig(text, format="svg", metadata={"Date": None})
    pyplot("report").close(figure)
    svg = _with_schemes(text.getvalue())
    with atomic_path(path) as partial:
        partial.write_text(svg)
    return Picture(path.stem, title, alt, kinds, path, svg)


def keep_png(figure: Any, path: Path) -> Path:
    """Write a figure as PNG, on white, and close it; return `path`."""
    figure.set_facecolor("white")
    with look(), pyplot("report").rc_context({"savefig.facecolor": "auto"}):
        return save(figure, path)


def _with_schemes(svg: str) -> str:
    """Return an SVG whose colours are variables of its own, set for a light and for a dark scheme."""
    svg = svg[svg.index("<svg") :]
    for mark, name in NAMES.items():
        svg = svg.replace(mark, f"var(--{name})")
    head, body = svg.split(">", 1)
    style = (
        f"svg {{ {variables('light')} background: var(--paper); }} "
        f"@media (prefers-color-scheme: dark) {{ svg {{ {variables('dark')} }} }}"
    )
    return f"{head}>\n<style>{style}</style>{body}"
