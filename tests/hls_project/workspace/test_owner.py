"""Two models of one name never share results, and a model that has changed has its results renewed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from hls_project.workspace.folder import open_workspace


@pytest.fixture
def build(tmp_path: Path) -> Path:
    return tmp_path / "build"


def write(path: Path, content: bytes) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return str(path)


def test_two_files_of_one_name_are_kept_apart_and_each_finds_its_own_again(
    build: Path, tmp_path: Path
) -> None:
    first, second = (write(tmp_path / name / "net.onnx", name.encode()) for name in ("a", "b"))
    one, other = open_workspace(first, build), open_workspace(second, build)
    assert (one.name, one.note) == ("net", "")
    assert other.name.startswith("net-") and other.folder.parent == build
    assert str(tmp_path / "a" / "net.onnx") in other.note and str(other.folder) in other.note
    assert (one.model.read_bytes(), other.model.read_bytes()) == (b"a", b"b")
    assert open_workspace(second, build).folder == other.folder
    assert open_workspace(first, build).folder == one.folder
    assert other.work == build.with_name("work") / "net"


def test_a_file_that_was_copied_elsewhere_is_the_same_model_until_one_changes(
    build: Path, tmp_path: Path
) -> None:
    first, second = (write(tmp_path / name / "net.onnx", b"same") for name in ("a", "b"))
    assert open_workspace(first, build).folder == open_workspace(second, build).folder
    write(Path(second), b"retrained")
    assert open_workspace(second, build).folder != open_workspace(first, build).folder


def test_a_retrained_model_shows_no_result_of_before(build: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "net.onnx", b"first")
    space = open_workspace(source, build)
    stale = [
        space.reports / "csim.json",
        space.folder / "overlay" / "net.bit",
        space.folder / "net-pynq-z2.tar.gz",
        space.golden,
        space.folder / "notebooks" / "3_classify.run.ipynb",
    ]
    users = [space.folder / "plan.json", space.folder / "notebooks" / "3_classify.ipynb"]
    vivado = space.folder / "bitstream" / "pynq-z2-rtl" / "synthesized.dcp"
    for path in (*stale, *users, vivado):
        write(path, b"x")
    assert open_workspace(source, build).note == ""
    assert all(path.exists() for path in stale)
    write(Path(source), b"second")
    again = open_workspace(source, build)
    assert again.folder == space.folder and "is renewed" in again.note
    assert not any(path.exists() for path in stale)
    assert all(path.exists() for path in (*users, vivado))
    assert again.model.read_bytes() == b"second"


def test_a_training_takes_the_place_of_the_zoo_s_model_of_its_name(build: Path) -> None:
    first = open_workspace("mnist", build)
    write(build.with_name("work") / "mnist" / "model.onnx", b"trained")
    assert open_workspace("mnist", build).folder == first.folder
    path = str(build.with_name("work") / "mnist" / "model.onnx")
    assert open_workspace(path, build).folder == first.folder


def test_a_folder_of_a_version_that_noted_no_owner_is_taken_over(build: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "net.onnx", b"first")
    space = open_workspace(source, build)
    noted = json.loads((space.folder / "origin.json").read_text())
    (space.folder / "origin.json").write_text(json.dumps({"keys": noted["keys"]}))
    other = write(tmp_path / "b" / "net.onnx", b"other")
    assert open_workspace(source, build).folder == space.folder
    assert open_workspace(other, build).folder != space.folder


def test_an_interrupted_renewal_is_finished_by_the_next_run(
    build: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / "net.onnx", b"first")
    space = open_workspace(source, build)
    write(space.reports / "csim.json", b"x")
    write(Path(source), b"second")
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "rmtree", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            open_workspace(source, build)
    again = open_workspace(source, build)
    assert again.model.read_bytes() == b"second" and not again.reports.exists()


def test_a_copy_that_was_damaged_is_made_anew_and_kept_aside(build: Path, tmp_path: Path) -> None:
    source = write(tmp_path / "net.onnx", b"first")
    space = open_workspace(source, build)
    write(space.folder / "overlay" / "net.bit", b"hours")
    space.model.write_bytes(b"fir")
    again = open_workspace(source, build)
    assert again.model.read_bytes() == b"first"
    assert (space.folder / "overlay" / "net.bit").read_bytes() == b"hours"
    assert "was damaged, or another model; it is made anew, and kept as model.onnx.aside" in again.note
    assert (space.folder / "model.onnx.aside").read_bytes() == b"fir"
    assert open_workspace(source, build).note == ""


def test_a_damaged_copy_of_a_model_that_has_changed_takes_its_results_with_it(
    build: Path, tmp_path: Path
) -> None:
    source = write(tmp_path / "net.onnx", b"first")
    space = open_workspace(source, build)
    write(space.reports / "csim.json", b"x")
    space.model.write_bytes(b"fir")
    write(Path(source), b"second")
    again = open_workspace(source, build)
    assert again.model.read_bytes() == b"second" and not again.reports.exists()
    assert (space.folder / "model.onnx.aside").read_bytes() == b"fir"
    assert open_workspace(source, build).note == ""
