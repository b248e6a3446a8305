"""A report is shown if it was made from this very model and plan, and is whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hls_project.page.parts import KEPT, Part, read_parts
from tests.hls_project.page import reports

PLAN = {"part": "xc7z020clg400-1", "clock_mhz": 100.0, "folds": {"conv0": {"pe": 4}, "dense0": {"pe": 2}}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"model")
    (tmp_path / "plan.json").write_text(json.dumps(PLAN))
    reports.write_all(tmp_path)
    return tmp_path


def parts(folder: Path) -> dict[str, Part]:
    return read_parts(folder, lambda verb, **words: " ".join([f"make {verb}", *words]))


def edit(path: Path, how: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads(path.read_text())
    how(content)
    path.write_text(json.dumps(content))


def test_what_verbs_leave_is_there(folder: Path) -> None:
    found = parts(folder)
    assert {name for name, part in found.items() if part.state == "there"} == {one.file for one in KEPT} - {
        "explore"
    }
    assert found["cosim"].content.fifos[0].highest_fill.value == 16 and found["cosim"].date is not None
    assert found["explore"].state == "not run" and found["explore"].command == "make explore"
    assert found["board"].command == "make board-report HOST"
    assert {part.remark for part in found.values()} == {""}


@pytest.mark.parametrize(
    ("change", "state", "why"),
    [
        (lambda c: c["made_from"].update(model="0" * 64), "of other inputs", "another model"),
        (lambda c: c["made_from"].pop("model"), "of other inputs", "another model"),
        (lambda c: c["made_from"]["plan"].update(clock_mhz=50.0), "of other inputs", "plan (clock_mhz)"),
        (lambda c: c["made_from"]["plan"].update(part="x"), "of other inputs", "plan (part)"),
        (lambda c: c["made_from"]["plan"]["folds"]["conv0"].update(pe=7), "of other inputs", "plan (conv0)"),
        (lambda c: c["made_from"]["plan"].update(folds=3), "of other inputs", "plan (other layers)"),
        (lambda c: c["made_from"].pop("plan"), "of other inputs", "another plan"),
        (lambda c: c.pop("made_from"), "of other inputs", "does not say what it was made from"),
        (lambda c: c.pop("exact_images"), "damaged", "exact_images: Field required"),
        (lambda c: c["exact_images"].update(value="many"), "damaged", "exact_images.value"),
        (lambda c: c["cycles_per_image"].update(value=float("nan")), "damaged", "cycles_per_image.value"),
        (lambda c: c["exact_images"].update(kind="guessed"), "damaged", "exact_images.kind"),
        (lambda c: c.update(layers={}), "damaged", "layers"),
    ],
)
def test_what_is_not_of_this_model_and_plan_is_not_shown(
    change: Any, state: str, why: str, folder: Path
) -> None:
    edit(folder / "reports" / "cosim.json", change)
    part = parts(folder)["cosim"]
    assert (part.state, part.content, part.command) == (state, None, "make cosim") and why in part.why


def test_a_plan_that_changes_leaves_what_it_does_not_change(folder: Path) -> None:
    edit(folder / "plan.json", lambda plan: plan["folds"]["conv0"].update(pe=2))
    there = {name for name, part in parts(folder).items() if part.state == "there"}
    assert there == {one.file for one in KEPT if not one.planned} - {"explore"}
    (folder / "plan.json").unlink()
    assert {name for name, part in parts(folder).items() if part.state == "there"} == there


@pytest.mark.parametrize("content", ["[" * 100_000, json.dumps(PLAN | {"folds": []})])
def test_a_plan_that_is_damaged_is_another_one(content: str, folder: Path) -> None:
    (folder / "plan.json").write_text(content)
    assert "another plan" in parts(folder)["cosim"].why


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "[" * 100_000, "\udcff"])
def test_what_is_no_report_is_damaged(content: str, folder: Path) -> None:
    (folder / "reports" / "csim.json").write_bytes(content.encode("utf-8", "surrogateescape"))
    part = parts(folder)["csim"]
    assert part.state == "damaged" and "csim.json is damaged" in part.why and "\n" not in part.why


def test_a_board_with_another_model_s_overlay_is_not_shown(folder: Path) -> None:
    edit(folder / "reports" / "board.json", lambda c: c["files"]["manifest"].update(model="1" * 64))
    part = parts(folder)["board"]
    assert part.state == "of other inputs" and "another model's overlay" in part.why


def test_another_toolkit_is_said(folder: Path) -> None:
    edit(folder / "reports" / "cosim.json", lambda c: c["made_from"].update(toolkit="0" * 16))
    found = parts(folder)
    assert found["cosim"].remark == "made by another version of this toolkit"
    assert found["cosim"].state == "there" and found["csim"].remark == ""
