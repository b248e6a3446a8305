"""What a page is made of: sections with pictures, tables, and what is not there, with the command that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

from hls_project.page.rungs import Rung
from hls_project.pictures.style import Picture
from hls_project.reports.figure import Kind


@dataclass(frozen=True)
class Missing:
    """Something that is not on the page. why: what is known of that. command: what makes it, "" if nothing does."""

    title: str
    why: str
    command: str = ""


@dataclass(frozen=True)
class Column:
    """A column of a table. kind: where its figures come from, None for words. number: aligned right. short: never broken."""

    title: str
    kind: Kind | None = None
    number: bool = False
    short: bool = False

    @property
    def look(self) -> str:
        """Return the classes of its cells."""
        return " ".join(name for name, on in (("number", self.number), ("short", self.short)) if on)


@dataclass(frozen=True)
class Table:
    """A table; its first column says what the row is of."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""


@dataclass(frozen=True)
class Tile:
    """A figure at the top. note: what it is of."""

    label: str
    value: str
    note: str
    kind: Kind | None = None
    command: str = ""


Slot = Union[Picture, Missing]


@dataclass(frozen=True)
class Section:
    """A section of the page. lead: a sentence on it. slots: pictures, or what stands in their place."""

    anchor: str
    title: str
    lead: str = ""
    slots: tuple[Slot, ...] = ()
    tables: tuple[Table, ...] = ()
    ladder: tuple[Rung, ...] = ()


@dataclass(frozen=True)
class Page:
    """A page. about: what the model is, word and value."""

    name: str
    about: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    date: str
    version: str
    remark: str = ""
