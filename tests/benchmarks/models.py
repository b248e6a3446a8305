"""The table of `docs/models.md`: what of the zoo is trained, and what the planned core takes of each board.

`python -m tests.benchmarks.models` writes it anew; takes seconds.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from dt_scnn import zoo
from dt_scnn.errors import DTSCNNError
from hls_project.overlay import boards
from hls_project.plan.budget import used
from hls_project.plan.request import Request
from hls_project.plan.saved import take
from hls_project.verbs.planned import subject_of
from hls_project.workspace.folder import Workspace

PAGE = Path(__file__).parents[2] / "docs" / "models.md"
PERCENT = "\u00a0%\u00a0"
"""Lines do not break within a figure."""

BEGIN, END = "<!-- table: python -m tests.benchmarks.models -->", "<!-- end of the table -->"


def table() -> str:
    """Return the table, in Markdown."""
    names = boards.names()
    rows = [
        ["model", "accuracy", *(f"`{name}`" for name in names)],
        ["---"] * (2 + len(names)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name in zoo.names():
            entry = zoo.find(name)
            if not entry.model.is_file():
                rows.append([f"`{name}`", "a recipe, not trained", *["after `make train`"] * len(names)])
                continue
            accuracy = f"{100 * json.loads(entry.card.read_text())['accuracy']:.2f} %"
            place = Workspace(name, Path(folder) / name, entry.sample)
            place.folder.mkdir()
            place.model.write_bytes(entry.model.read_bytes())
            rows.append([f"`{name}`", accuracy, *(_fit(place, board) for board in names)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _fit(place: Workspace, board: str) -> str:
    try:
        taken = take(subject_of(place), place.folder / board, Request(board=board))
    except DTSCNNError:
        return "does not fit"
    amounts, part = used(taken.choice.total), taken.site.part
    rate = taken.plan.images_per_second(taken.choice.cycles)
    return f"{rate:,.0f}/s; {100 * amounts['lut'] / part.lut:.0f}{PERCENT}LUT, {100 * amounts['bram'] / part.bram36:.0f}{PERCENT}BRAM"


def main() -> None:
    """Put the table into the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}")


if __name__ == "__main__":
    main()
