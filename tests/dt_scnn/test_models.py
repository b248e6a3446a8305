"""Which file a model's name means, in every verb of every package."""

from __future__ import annotations

import os
from pathlib import Path

import onnx
import pytest

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from dt_scnn.models import find, work_folder
from dt_scnn.qonnx_format import DATASET
from hls_project.workspace.folder import open_workspace
from quant_train.verbs import accuracy
from tests import models


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return tmp_path / "build"


def test_a_name_is_the_zoo_s_model_until_one_is_trained(build: Path) -> None:
    found = find("mnist", build)
    assert (found.origin, found.path) == ("zoo", zoo.find("mnist").model)
    trained = work_folder(build) / "mnist" / "model.onnx"
    trained.parent.mkdir(parents=True)
    trained.write_bytes(b"trained")
    found = find("mnist", build)
    assert (found.origin, found.path, found.sample) == ("trained here", trained, None)
    assert open_workspace("mnist", build).model.read_bytes() == b"trained"


def test_every_verb_takes_the_same_model(build: Path) -> None:
    trained = work_folder(build) / "digits" / "model.onnx"
    trained.parent.mkdir(parents=True)
    network = models.build("4C3-P2-FC10", (8, 8, 1))
    network.metadata_props.append(onnx.StringStringEntryProto(key=DATASET, value="digits"))
    trained.write_bytes(network.SerializeToString())
    taken, other = accuracy("digits", None, None, build), accuracy(str(trained), None, None, build)
    assert taken.correct == other.correct and taken.images == 360
    assert open_workspace("digits", build).model.read_bytes() == trained.read_bytes()
    assert taken.taken == open_workspace("digits", build).origin
    assert taken.taken.startswith("digits (trained here, ") and str(trained) in taken.taken


def test_what_is_said_has_the_file_s_date(build: Path, tmp_path: Path) -> None:
    source = tmp_path / "net.onnx"
    source.write_bytes(b"x")
    os.utime(source, (1_700_000_000, 1_700_000_000))
    assert str(find(str(source), build)).startswith("net (file, 2023-11-1")


def test_a_training_of_an_own_recipe_is_found_by_its_name(build: Path) -> None:
    trained = work_folder(build) / "mine" / "model.onnx"
    trained.parent.mkdir(parents=True)
    trained.write_bytes(b"trained")
    assert find("mine", build).path == trained
    with pytest.raises(ConfigurationError, match="no model 'other'.*the zoo has .*trained here: mine"):
        find("other", build)


def test_no_name_leaves_the_work_folder(build: Path) -> None:
    for name in ("..", ".", "../mnist", "a/b", ""):
        with pytest.raises(ConfigurationError, match="there is no model"):
            find(name, build)


@pytest.mark.parametrize(
    ("build", "work"), [("build", "work"), ("/x/build", "/x/work"), ("/x/y", "/x/y-work")]
)
def test_work_lies_beside_the_results_and_never_in_them(build: str, work: str) -> None:
    assert work_folder(Path(build)) == Path(work)
