"""A plan is shown if it is this model's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import hls_project
from hls_project.page.planned import read_plan
from hls_project.verbs.planned import subject_of
from hls_project.workspace.folder import Workspace


def test_a_plan_that_is_damaged_or_another_model_s_is_not_shown(
    page: hls_project.Report, tmp_path: Path
) -> None:
    made = page.path.parent
    subject = subject_of(Workspace("small", made, None))
    found = read_plan(made, subject)
    assert found.plan is not None and found.taken["lut"] > 0 and found.limits["lut"] == 42_560
    assert read_plan(tmp_path, subject).why == "no plan of engines and folds was chosen yet"
    plan = json.loads((made / "plan.json").read_text())
    for content, why in (
        (json.dumps(plan | {"model": "0" * 64}), "is a plan of 'small' (model 000000000000...)"),
        (json.dumps(plan | {"part": "xc9"}), "unknown part 'xc9'"),
        ("{", "not a plan, or damaged"),
    ):
        (tmp_path / "plan.json").write_text(content)
        refused = read_plan(tmp_path, subject)
        assert refused.plan is None and refused.choice is None and why in refused.why


@pytest.mark.parametrize("name", ["available", "taken", "limits"])
def test_without_a_plan_there_are_no_figures(name: str, tmp_path: Path) -> None:
    assert getattr(read_plan(tmp_path, None), name) == {}  # type: ignore[arg-type]
