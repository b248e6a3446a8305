"""A plan that is answered as before is read, and held against the network whenever anything has changed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.overlay import boards
from hls_project.plan.request import Request
from hls_project.verbs import planned
from hls_project.workspace.folder import Workspace, open_workspace
from tests import models

SPEC, SHAPE = "2C3-P2-FC2", (6, 6, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    onnx.save(models.build(SPEC, SHAPE, seed=1), tmp_path / "small.onnx")
    opened = open_workspace(str(tmp_path / "small.onnx"), tmp_path / "build")
    yield opened
    opened.release()


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list that grows each time that the network is read."""
    found: list[str] = []
    subject_of = planned.subject_of

    def counted(workspace: Workspace) -> planned.Subject:
        found.append(workspace.name)
        return subject_of(workspace)

    monkeypatch.setattr(planned, "subject_of", counted)
    return found


def test_the_same_request_is_answered_without_the_network(workspace: Workspace, read: list[str]) -> None:
    told: list[str] = []
    plan = planned.same_plan(workspace, Request(), told.append)
    assert planned.same_plan(workspace, Request(), told.append) == plan and len(read) == 1
    assert "made now" in told[0]
    assert re.sub("made now", "saved before", told[0]) == told[1]
    assert planned.taken_plan(workspace, Request(), told.append).plan == plan and told[2] == told[1]


def test_another_request_is_answered_anew(workspace: Workspace, read: list[str]) -> None:
    planned.same_plan(workspace, Request(), str)
    assert planned.same_plan(workspace, Request(clock_mhz=50.0), str).clock_mhz == 50.0 and len(read) == 2
    assert planned.same_plan(workspace, Request(board="zcu104"), str).part.startswith("xczu7ev")
    assert len(read) == 3


@pytest.mark.parametrize("change", ["plan", "package", "answer", "nothing"])
def test_what_has_changed_is_seen(
    workspace: Workspace, read: list[str], change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    planned.same_plan(workspace, Request(), str)
    path = workspace.folder / planned.FILE
    if change == "plan":
        content = json.loads(path.read_text())
        next(iter(content["folds"].values()))["pe"] = 77
        path.write_text(json.dumps(content | {"goal": None}))
        with pytest.raises(ConfigurationError, match="mend it"):
            planned.same_plan(workspace, Request(), str)
        return
    if change == "package":
        monkeypatch.setattr(planned.stage, "generator_key", lambda: "another")
    if change == "answer":
        (workspace.folder / planned.ANSWERED).write_text("[]")
    planned.same_plan(workspace, Request(), str)
    assert len(read) == (1 if change == "nothing" else 2)


def test_a_board_s_own_file_is_looked_into(workspace: Workspace, read: list[str], tmp_path: Path) -> None:
    own = tmp_path / "own.json"
    content = json.loads((boards.FOLDER / "pynq-z2.json").read_text())
    own.write_text(json.dumps(content))
    request = Request(board=str(own))
    planned.same_plan(workspace, request, str)
    assert planned.same_plan(workspace, request, str).part.startswith("xc7z020") and len(read) == 1
    own.write_text(json.dumps(content | {"part": "xczu7ev-ffvc1156-2-e"}))
    assert planned.same_plan(workspace, request, str).part.startswith("xczu7ev") and len(read) == 2
    assert planned.same_plan(workspace, Request(), str).board == str(own) and len(read) == 3
    own.write_text(json.dumps(content))
    assert planned.same_plan(workspace, Request(), str).part.startswith("xc7z020") and len(read) == 4
