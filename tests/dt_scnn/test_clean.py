"""`clean` removes what can be made again, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from dt_scnn.clean import clean


def write(path: Path, text: str = "x") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_results_go_and_work_stays(tmp_path: Path) -> None:
    build, work = tmp_path / "build", tmp_path / "work"
    for name in ("model.onnx", "reports/csim.json", "hls/stage.json", "notebooks/3_classify.run.ipynb"):
        write(build / "mnist" / name)
    write(build / "mnist" / "plan.json", '{"goal": "max"}')
    kept = [
        write(work / "mnist" / name)
        for name in ("model.onnx", "train/checkpoints/last.ckpt", "notebooks/a.ipynb")
    ]
    assert clean(build) == [] and not build.exists()
    assert all(path.is_file() for path in kept)
    assert clean(build) == []


def test_what_a_version_of_before_kept_among_the_results_is_moved(tmp_path: Path) -> None:
    build, work = tmp_path / "build", tmp_path / "work"
    names = (
        "train/checkpoints/last.ckpt",
        "card.json",
        "model.onnx",
        "sample.npz",
        "notebooks/3_classify.ipynb",
    )
    for name in (*names, "reports/csim.json", "notebooks/3_classify.run.ipynb"):
        write(build / "mnist" / name, name)
    write(build / "digits" / "plan.json", '{"goal": null}')
    clean(build)
    assert not build.exists()
    found = {str(path.relative_to(work)) for path in work.rglob("*") if path.is_file()}
    assert found == {f"mnist/{name}" for name in names} | {"digits/plan.json"}
    assert (work / "mnist" / names[0]).read_text() == names[0]


def test_nothing_goes_where_two_versions_are_there(tmp_path: Path) -> None:
    old = write(tmp_path / "build" / "mnist" / "train" / "last.ckpt", "old")
    new = write(tmp_path / "work" / "mnist" / "train" / "last.ckpt", "new")
    result = write(tmp_path / "build" / "mnist" / "reports" / "csim.json")
    with pytest.raises(FileExistsError, match="nothing was removed"):
        clean(tmp_path / "build")
    assert (old.read_text(), new.read_text()) == ("old", "new") and result.exists()


def test_a_link_to_another_disk_stays_and_is_empty(tmp_path: Path) -> None:
    disk, build, elsewhere = tmp_path / "disk", tmp_path / "build", tmp_path / "elsewhere"
    (disk / "net" / "reports").mkdir(parents=True)
    elsewhere.mkdir()
    (elsewhere / "kept").write_text("mine")
    (disk / "file").write_text("")
    (disk / "link").symlink_to(elsewhere)
    build.symlink_to(disk)
    assert clean(build) == []
    assert build.is_symlink() and not list(build.iterdir()) and (elsewhere / "kept").is_file()
