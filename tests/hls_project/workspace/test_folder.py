"""Which model a name means, and that no trained model is ever replaced."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from hls_project.workspace.folder import open_workspace


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return tmp_path / "build"


def test_a_name_is_the_zoo_s_model_until_one_is_trained(build: Path) -> None:
    entry = zoo.find("mnist")
    workspace = open_workspace("mnist", build)
    assert workspace.model.read_bytes() == entry.model.read_bytes()
    assert workspace.sample == entry.sample
    workspace.work.mkdir(parents=True)
    (workspace.work / "model.onnx").write_bytes(b"trained")
    shutil.copy(entry.sample, workspace.work / "sample.npz")
    again = open_workspace("mnist", build)
    assert again.model.read_bytes() == b"trained"
    assert again.sample == workspace.work / "sample.npz"
    shutil.rmtree(workspace.work)
    assert open_workspace("mnist", build).model.read_bytes() == entry.model.read_bytes()


@pytest.mark.parametrize("other", ["mnist.onnx", None])
def test_a_trained_model_is_never_replaced(build: Path, tmp_path: Path, other: str | None) -> None:
    (build / "mnist").mkdir(parents=True)
    (build / "mnist" / "model.onnx").write_bytes(b"trained")
    if other:
        (tmp_path / other).write_bytes(b"other")
    with pytest.raises(ConfigurationError, match="was trained there.* move its folder to .*work/mnist"):
        open_workspace(str(tmp_path / other) if other else "mnist", build)
    assert (build / "mnist" / "model.onnx").read_bytes() == b"trained"


def test_a_changed_file_is_taken_again(build: Path, tmp_path: Path) -> None:
    source = tmp_path / "net.onnx"
    for content in (b"first", b"second"):
        source.write_bytes(content)
        assert open_workspace(str(source), build).model.read_bytes() == content


def test_an_interrupted_copy_is_repeated(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "net.onnx"
    source.write_bytes(b"first")
    open_workspace(str(source), build)
    source.write_bytes(b"second")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            open_workspace(str(source), build)
    assert open_workspace(str(source), build).model.read_bytes() == b"second"


def test_the_path_of_a_workspace_s_own_model_is_used_in_place(build: Path) -> None:
    workspace = open_workspace("mnist", build)
    assert open_workspace(str(workspace.model), build).folder == workspace.folder


def test_a_model_file_is_named_after_its_folder(build: Path, tmp_path: Path) -> None:
    (tmp_path / "run 7").mkdir()
    (tmp_path / "run 7" / "model.onnx").write_bytes(b"x")
    assert open_workspace(str(tmp_path / "run 7" / "model.onnx"), build).name == "run_7"
