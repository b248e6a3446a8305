"""The ablation: a table from files that are there or kept, and trainings through the executor for those that are not."""

from __future__ import annotations

import json
import runpy
import sys
import warnings
from pathlib import Path

import pytest

from tests.benchmarks import ablation
from tests.benchmarks.studies import STUDIES, Study
from tests.inline_executor import work_here

STUDY = Study(
    ["training.epochs=1", "training.train_images=320", "training.held_out=100"],
    {"base": [], "linear": ["training.schedule=linear"]},
)


@pytest.fixture
def digits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A study of the digits, made and kept in folders of the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(STUDIES, "digits", (STUDY,))
    monkeypatch.setattr(ablation, "KEPT", tmp_path / "kept")
    work_here(monkeypatch, ablation)
    return tmp_path


def test_what_is_not_there_is_trained_and_kept_entries_repeat_the_table(
    digits: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ablation.main(["digits", "--keep"])
    capsys.readouterr()  # what the trainings say
    ablation.main(["digits", "--table"])
    first = capsys.readouterr().out
    assert "base" in first and "linear" in first and first.count("%") == 2
    kept = json.loads((digits / "kept" / "digits" / "linear.json").read_text())
    assert kept["settings"] == [*STUDY.base, "training.schedule=linear"] and kept["of"] == 100
    assert 0 < kept["right"] <= 100
    (digits / "elsewhere").mkdir()
    monkeypatch.chdir(digits / "elsewhere")  # as in a fresh checkout
    monkeypatch.setattr(ablation, "run_all", None)  # nothing may be trained
    ablation.main(["digits"])
    assert capsys.readouterr().out == first


def test_a_kept_entry_of_a_training_that_was_stopped_says_so(
    digits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = digits / "kept" / "digits"
    place.mkdir(parents=True)
    entry = {
        "variant": "base",
        "settings": STUDY.base,
        "loss": 1.5,
        "right": 9,
        "of": 100,
        "seconds": 2.0,
        "epochs": 7,
    }
    (place / "base.json").write_text(json.dumps(entry))
    ablation.main(["digits", "--table"])
    assert capsys.readouterr().out.rstrip().endswith("2.0 s after 7 epochs")


def test_an_entry_of_other_settings_is_none(digits: Path) -> None:
    place = digits / "kept" / "digits"
    place.mkdir(parents=True)
    entry = {"variant": "base", "settings": ["training.epochs=9"], "right": 9, "of": 100}
    (place / "base.json").write_text(json.dumps(entry))
    assert ablation.found("digits", "base", tuple(STUDY.base)) is None
    assert ablation.found("digits", "base", ("training.epochs=9",)) == entry


def test_a_variant_that_is_none_and_a_cluster_that_does_not_answer_are_said(digits: Path) -> None:
    with pytest.raises(SystemExit, match=r"no variants \['nope'\]; there are base; linear"):
        ablation.main(["digits", "nope"])
    with pytest.raises(SystemExit, match="error: SCHEDULER is the address"):
        ablation.main(["digits", "--scheduler", "nowhere"])


def test_names_of_variants_are_files_of_their_own() -> None:
    for model in STUDIES:
        names = [ablation.slug(name) for _, name, _ in ablation.variants_of(model)]
        assert len(set(names)) == len(names)


def test_the_command_trains_in_a_process_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(STUDIES, "digits", (STUDY,))
    monkeypatch.setattr(sys, "argv", ["ablation", "digits", "base"])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the module is here already
        runpy.run_module("tests.benchmarks.ablation", run_name="__main__")
    assert "base" in capsys.readouterr().out
    result = json.loads((tmp_path / "build" / "ablation" / "digits" / "base" / "result.json").read_text())
    assert result["of"] == 100 and 0 < result["right"] <= 100
