"""The page docs/faults.md: its text stands in the page, its tables are made by bringing the faults about."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.docs.faults import board, data, hardware, models
from tests.docs.faults.fault import Fault, message
from tests.docs.generated import DOCS, table

PAGE = DOCS / "faults.md"
GROUPS: Mapping[str, Sequence[Fault]] = {
    "data": data.DATA,
    "recipe": data.RECIPES,
    "model-file": models.FILES,
    "conversion": models.CONVERSION,
    "plan": hardware.PLANS,
    "tools": hardware.TOOLS,
    "overlay": hardware.OVERLAYS,
    "board": board.BOARD,
    "notebook": hardware.NOTEBOOKS,
}
_TABLE = re.compile(r"<!-- faults: ([\w-]+) -->\n.*?<!-- end: \1 -->", re.S)


def told(fault: Fault) -> str:
    """Return the message of a fault, brought about in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="fault-") as folder:
        return message(fault, Path(folder))


def row(fault: Fault) -> tuple[str, str]:
    """Return the line of the table."""
    said = "<br>".join(f"`` {line} ``" if "`" in line else f"`{line}`" for line in told(fault).splitlines())
    return fault.what, said


def written(page: str) -> str:
    """Return the page with its tables as they are today."""

    def tables(match: re.Match[str]) -> str:
        rows = table(("what is wrong", "message"), map(row, GROUPS[match[1]]))
        return f"<!-- faults: {match[1]} -->\n\n{rows}\n\n<!-- end: {match[1]} -->"

    return _TABLE.sub(tables, page)
