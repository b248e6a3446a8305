"""`docs/models.md` says of each model and board what the planner says today."""

from __future__ import annotations

import pytest

from dt_scnn import zoo
from tests.benchmarks.models import BEGIN, END, PAGE, table


@pytest.mark.slow
def test_the_table_is_what_the_planner_says() -> None:
    shown = PAGE.read_text().partition(BEGIN)[2].partition(END)[0].strip()
    assert shown == table(), "stale: python -m tests.benchmarks.models"
    assert all(f"| `{name}` |" in shown for name in zoo.names())
