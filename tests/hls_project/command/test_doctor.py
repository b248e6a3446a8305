"""What `doctor` finds, and what it does not take for found."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_project.command import doctor
from quant_train import data


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(data.ROOT_VARIABLE, str(tmp_path))
    return tmp_path


def test_an_empty_or_damaged_folder_is_no_data_set(root: Path) -> None:
    found = {check.what: check for check in doctor.checks()}
    assert found["mnist"].found is None and "make download DATA=mnist" in found["mnist"].advice
    (root / "mnist").mkdir()
    assert doctor._data_set("mnist").found is None
    (root / "mnist" / "t10k-images-idx3-ubyte.gz").write_bytes(b"junk")
    damaged = doctor._data_set("mnist")
    assert damaged.found is None and "not an IDX file" in damaged.advice


def test_programs_of_the_tests_are_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.shutil, "which", lambda name, **options: None)
    found = {check.what: check for check in doctor.checks() if not check.found}
    assert {"tclsh", "git", "make", "perl"} <= set(found) and "apt install tcl" in found["tclsh"].advice


def test_it_fits_80_columns(capsys: pytest.CaptureFixture[str]) -> None:
    doctor.main()
    shown = capsys.readouterr().out
    table = [line for line in shown.splitlines() if line.startswith(("yes", "no ", " ", "─"))]
    assert len(table) > 20 and max(map(len, table)) <= 80
    assert "mnist: run: make download DATA=mnist" in shown
