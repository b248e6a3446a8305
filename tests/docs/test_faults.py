"""The page of faults says what users read when each of them happens, and none of them ends in a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.faults.fault import Fault, message, raised, verb
from tests.docs.faults.page import GROUPS, PAGE, row, written
from tests.docs.generated import table

LINES = PAGE.read_text().splitlines()
QUICK = [fault for faults in GROUPS.values() for fault in faults if fault.quick]
EVERY = 8
"""Of the quick faults, the share that each run of the tests brings about."""


def test_at_least_sixty_different_faults_are_listed_by_group() -> None:
    faults = [fault.what for faults in GROUPS.values() for fault in faults]
    assert len(set(faults)) == len(faults) >= 60
    assert all(any(line.startswith(f"| {what} | `") for line in LINES) for what in faults)
    assert all(f"<!-- faults: {group} -->" in LINES for group in GROUPS)
    listed = [line for line in LINES if line.startswith("| ") and not line.startswith(("| what", "| ---"))]
    assert len(listed) == len(faults) and "Traceback" not in PAGE.read_text()


@pytest.mark.parametrize("fault", QUICK[::EVERY], ids=lambda fault: fault.what)
def test_a_fault_gets_the_message_of_the_page(fault: Fault) -> None:
    line = table((), [row(fault)]).splitlines()[-1]
    assert line in LINES, "run: python -m tests.docs.faults"


@pytest.mark.slow
def test_the_page_is_what_is_made() -> None:
    page = PAGE.read_text()
    assert written(page) == page, "run: python -m tests.docs.faults"


def test_what_is_no_message_is_no_fault(tmp_path: Path) -> None:
    def fail() -> Iterator[None]:
        raise ValueError("a defect")

    with pytest.raises(ValueError, match="a defect"):
        raised(fail)
    with pytest.raises(AssertionError, match="nothing happens"):
        message(Fault("nothing happens", lambda folder: ""), tmp_path)
    with pytest.raises(AssertionError, match="tail of a traceback"):
        message(Fault("tail of a traceback", lambda folder: "Traceback (most recent call last)"), tmp_path)
    digest = "0123456789abcdef0123"
    said = message(Fault("digest", lambda folder: f"{folder}/x  is\n\n{digest} {10**12}\n3\n4"), tmp_path)
    assert said == f"x is\n0123... {10**12}\n3"
    assert verb("csim", "minst").startswith("error: there is no model")
