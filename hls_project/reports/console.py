"""Where tables and lines go: readable at 80 columns, in a pipe and in a log, and never cut."""

from __future__ import annotations

import sys

from rich import box
from rich.console import Console
from rich.segment import Segments
from rich.table import Table
from rich.text import Text

COLUMNS = 80
"""Width where there is no terminal."""


def open_console() -> Console:
    """Return the console of standard output. Square brackets and colons in what is printed, such as paths, are text."""
    width = None if sys.stdout.isatty() else COLUMNS
    return Console(width=width, markup=False, highlight=False, emoji=False, force_jupyter=False)


def say(console: Console, text: str, style: str | None = None) -> None:
    """Print a line as it is, however long: what wraps it is the terminal, and nothing in a log."""
    console.print(text, style=style, soft_wrap=True, markup=False, highlight=False, emoji=False)


def say_verdict(console: Console, exact: bool, text: str) -> None:
    """Print whether all scores are equal, and what was compared."""
    mark = Text("exact" if exact else "differs", "bold green" if exact else "bold red")
    console.print(mark + Text(f": {text}"), soft_wrap=True)


def new_table(*columns: str, left: int = 1) -> Table:
    """Return a table without frame; the first `left` columns are text, the others numbers."""
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, padding=(0, 1, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="left" if index < left else "right", no_wrap=True)
    return table


def show(console: Console, table: Table, title: str | None = None) -> None:
    """Print a table below its title; one that is wider than the console keeps every digit."""
    if title is not None:
        say(console, title, style="italic")
    options = console.options.update(max_width=10_000)
    wide = max(console.width, console.measure(table, options=options).maximum)
    for line in console.render_lines(table, options.update(width=wide), pad=False, new_lines=True):
        console.print(Segments(line), soft_wrap=True)
