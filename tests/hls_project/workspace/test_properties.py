"""A model's metadata are kept beside it, and read again when it is another one."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import onnx
import pytest

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256
from dt_scnn.qonnx_format import DATASET
from hls_project.graph import validate
from hls_project.workspace.folder import Workspace
from hls_project.workspace.properties import FILE, properties
from tests import models


def written(folder: Path, dataset: str) -> Workspace:
    folder.mkdir(exist_ok=True)
    model = models.build("2C3-P2-FC2", (6, 6, 1), seed=1)
    onnx.helper.set_model_props(model, {DATASET: dataset})
    onnx.save(model, folder / "model.onnx")
    return Workspace("small", folder, None)


def test_they_are_the_model_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = written(tmp_path / "a", "mnist")
    assert properties(workspace)[DATASET] == "mnist"
    with monkeypatch.context() as closed:
        closed.setattr(validate, "load_proto", None)
        assert properties(workspace)[DATASET] == "mnist"
    assert properties(written(tmp_path / "a", "digits"))[DATASET] == "digits"
    for damaged in (
        '{"model": 3',
        "[" * 100_000,
        json.dumps({"model": sha256(workspace.model), "properties": []}),
    ):
        (workspace.folder / FILE).write_text(damaged)
        assert properties(workspace)[DATASET] == "digits"


def test_a_missing_model_is_said_though_something_was_kept(tmp_path: Path) -> None:
    workspace = written(tmp_path / "a", "mnist")
    properties(workspace)
    workspace.model.unlink()
    with pytest.raises(ConfigurationError, match="there is no such file"):
        properties(replace(workspace))
