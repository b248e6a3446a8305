from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

from dt_scnn.errors import ConfigurationError, FlowError
from dt_scnn.files import sha256
from hls_project.command import compare as verb
from hls_project.compare.side import PARTS, hardware_of
from hls_project.graph.integer import integerize
from hls_project.parity import golden
from hls_project.reports.made_from import write_report
from hls_project.workspace.folder import Workspace
from quant_train import data
from tests import models

PNG = b"\x89PNG"


def write(folder: Path, spec: str, dual: bool, dataset: str | None = "digits") -> Path:
    model = models.build(spec, (8, 8, 1), dual=dual)
    if dataset:
        model.metadata_props.append(onnx.StringStringEntryProto(key="dt_scnn.dataset", value=dataset))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    return folder / "model.onnx"


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    dual = write(tmp_path / "net", "4C3-P2-6C3-FC10", True)
    return dual, write(tmp_path / "net-scnn", "8C3-P2-12C3-FC10", False)


def compare(pair: tuple[Path, Path], build: Path) -> dict[str, Any]:
    assert verb.run(str(pair[0]), str(pair[1]), False, 60, build, None) == 0
    report: dict[str, Any] = json.loads((build / "net" / "reports" / "compare.json").read_text())
    return report


def test_the_report_says_what_the_files_hold(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = compare(pair, tmp_path / "build")
    test = data.load("digits", "test")
    sides = (report["dual_threshold"], report["conventional"])
    for side, path in zip(sides, pair, strict=True):
        right = int((golden.scores(path, test.images).argmax(1) == test.labels).sum())
        assert side["correct"] == {"value": right, "kind": "measured", "unit": "images"}
        assert side["accuracy"]["value"] == right / 360 and side["images"] == 360
        layers = integerize(path).layers
        for key, counts in {
            "synaptic_operations": [layer.synaptic_operations for layer in layers],
            "weights": [layer.weights.size for layer in layers],
            "vm_bits": [int(np.prod(layer.vm_shape)) * layer.vm_width for layer in layers],
        }.items():
            assert side["totals"][key] == {"value": sum(counts), "kind": "model"}
            parts = [side["parts"][part][key]["value"] for part in PARTS]
            assert parts == counts  # here each part is one layer
        assert side["totals"]["spike_operations"]["kind"] == "measured"
    assert report["conventional_sha256"] == sha256(pair[1])
    loss = sides[1]["accuracy"]["value"] - sides[0]["accuracy"]["value"]
    assert report["accuracy_loss"]["value"] == loss
    for part in ("first", "convolutions"):
        for key in ("synaptic_operations", "weights"):
            assert report["saved_by_part"][part][key]["value"] == 0.5
    assert report["saved_by_part"]["dense"]["weights"]["value"] == 0
    folder = tmp_path / "build" / "net" / "reports" / "compare"
    assert {path.name for path in folder.iterdir()} == {"accuracy.png", "vm.png", "maps.png"}
    assert all(path.read_bytes().startswith(PNG) for path in folder.iterdir())
    shown = capsys.readouterr().out
    assert "50.0 %" in shown and "compare.json" in shown
    tables = [line for line in shown.splitlines() if ": /" not in line]
    assert max(map(len, tables)) <= 80 and "…" not in shown
    assert f"{100 * abs(loss):.2f} points {'gained' if loss < 0 else 'lost'}" in shown


def test_figures_without_a_kind_are_none(pair: tuple[Path, Path], tmp_path: Path) -> None:
    def check(value: Any) -> None:
        if isinstance(value, dict):
            if "value" in value:
                assert value["kind"] in ("measured", "simulated", "synthesis-estimate", "model")
            for part in value.values():
                check(part)
        elif isinstance(value, list):
            for part in value:
                check(part)

    check(compare(pair, tmp_path / "build"))


def test_hardware_is_listed_where_its_reports_are_of_this_model_and_plan(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build = tmp_path / "build"
    compare(pair, build)
    space = Workspace("net", build / "net", None)
    assert hardware_of(space) == {}
    estimate = {"total": {"lut": {"value": 1234, "kind": "synthesis-estimate"}, "ff": 3}}
    by_model = {"total": {"lut": {"value": 1111, "kind": "model"}, "ff": {"value": 22, "kind": "model"}}}
    cosim = {"cycles_per_image": {"value": 64.0, "kind": "simulated"}, "first_result": None}
    write_report(space.reports / "estimate.json", estimate)
    write_report(space.reports / "cosim.json", cosim)
    write_report(space.reports / "estimate-model.json", by_model)
    wanted = {
        "ff": {"value": 22, "kind": "model"},
        "lut": {"value": 1234, "kind": "synthesis-estimate"},
        "cycles_per_image": {"value": 64.0, "kind": "simulated"},
    }
    assert hardware_of(space) == wanted
    assert compare(pair, build)["dual_threshold"]["hardware"] == wanted
    shown = capsys.readouterr().out
    assert "1,234" in shown and "not there" in shown
    (space.reports / "cosim.json").write_text("{")
    (space.reports / "estimate-model.json").write_text(json.dumps(by_model))  # of nobody knows what
    assert hardware_of(space) == {"lut": wanted["lut"]}
    # Newer than the model, and of another one.
    other = json.loads((space.reports / "estimate.json").read_text())
    other["made_from"]["model"] = "0" * 64
    (space.reports / "estimate.json").write_text(json.dumps(other))
    assert hardware_of(space) == {}


def test_hardware_of_another_plan_is_left_out(pair: tuple[Path, Path], tmp_path: Path) -> None:
    space = Workspace("net", tmp_path / "net", None)
    assert space.model == pair[0]
    space.reports.mkdir()
    plan = {"part": "xc7z020clg400-1", "clock_mhz": 100.0, "folds": {"conv0": {"engine": "adders"}}}
    (space.folder / "plan.json").write_text(json.dumps(plan))
    lut = {"value": 5, "kind": "model"}
    write_report(space.reports / "estimate-model.json", {"total": {"lut": lut}})
    assert hardware_of(space) == {"lut": lut}
    (space.folder / "plan.json").write_text(json.dumps(plan | {"clock_mhz": 50.0}))
    assert hardware_of(space) == {}


@pytest.mark.parametrize(
    ("specs", "duals", "datasets", "message"),
    [
        (("4C3-FC10", "8C3-FC10"), (True, True), ("digits", "digits"), "of 2 with net-scnn of 2"),
        (("4C3-FC10", "8C3-FC10"), (False, False), ("digits", "digits"), "not net of 1"),
        (("4C3-FC10", "4C3-FC10"), (True, False), ("digits", "digits"), "the same spike maps"),
        (("4C3-FC10", "8C3-FC10"), (True, False), ("digits", None), "net-scnn/model.onnx: none"),
        (("4C3-FC10", "8C3-FC10"), (True, False), ("digits", "mnist"), "the same data set"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    specs: tuple[str, str],
    duals: tuple[bool, bool],
    datasets: tuple[str | None, str | None],
    message: str,
    tmp_path: Path,
) -> None:
    places = (tmp_path / "net", tmp_path / "net-scnn")
    paths = [write(*args) for args in zip(places, specs, duals, datasets, strict=True)]
    with pytest.raises(ConfigurationError, match=message):
        verb.run(str(paths[0]), str(paths[1]), False, 20, tmp_path / "build", None)
    assert not (tmp_path / "build" / "net" / "reports").exists()


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-W", "ignore", "-m", "hls_project", "compare", *map(str, arguments)]
    here = Path(__file__).parents[3]
    return subprocess.run(
        command, cwd=folder, env=os.environ | {"PYTHONPATH": str(here)}, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent"], "there is no model 'absent'"),
        (["absent", "--train"], "there is no model 'absent'"),
        (["net.onnx"], "name the conventional network beside it with --baseline"),
        (["digits"], "no trained model; run: make train MODEL=digits"),
    ],
)
def test_bad_input_is_one_message_and_a_status(arguments: list[str], message: str, tmp_path: Path) -> None:
    answer = run(*arguments, folder=tmp_path)
    assert answer.returncode == 1
    assert answer.stderr.startswith("error: ") and message in answer.stderr
    assert not list(tmp_path.rglob("*.json"))


@pytest.mark.slow
def test_a_training_that_fails_ends_the_comparison(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(FlowError, match="training mnist failed with exit status 1"):
        verb.run("mnist", None, True, 20, tmp_path / "build", tmp_path)
    assert "not found" in capfd.readouterr().err


@pytest.mark.slow
def test_both_are_trained_and_compared(tmp_path: Path) -> None:
    answer = run("digits", "--train", folder=tmp_path)
    assert answer.returncode == 0, answer.stderr
    report = json.loads((tmp_path / "build" / "digits" / "reports" / "compare.json").read_text())
    for name, key in (("digits", "dual_threshold"), ("digits-scnn", "conventional")):
        card = json.loads((tmp_path / "work" / name / "card.json").read_text())
        assert report[key]["name"] == name and report[key]["correct"]["value"] == card["correct"] > 300
    curves = tmp_path / "build" / "digits" / "reports" / "compare" / "curves.png"
    assert curves.read_bytes().startswith(PNG)
