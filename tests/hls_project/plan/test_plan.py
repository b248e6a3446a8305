"""The file of a plan: what is written is read, and everything else is refused by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import Budget, Goal
from hls_project.plan.fold import Fold
from hls_project.plan.plan import Plan, load

MODEL = "ab" * 32
PLAN = Plan(
    "mnist",
    MODEL,
    "xc7z020clg400-1",
    100.0,
    {"conv0": Fold("adders", 8, 9), "dense0": Fold("folded", 2, 4, 2)},
    "pynq-z2",
    Goal(3000.0, Budget(lut=70.0)),
)


def test_a_plan_that_is_saved_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    for plan in (PLAN, Plan("x", MODEL, "part", 125.5, {"conv0": Fold("tables")})):
        plan.save(path)
        assert load(path) == plan
        assert list(load(path).folds) == list(plan.folds)
    assert [file.name for file in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"colour": 3}, "unknown key colour"),
        ({"clock_mhz": "100"}, "clock_mhz: .*not '100'"),
        ({"clock_mhz": True}, "clock_mhz: .*not True"),
        ({"clock_mhz": -1}, "clock_mhz: .*not -1"),
        ({"folds": {"conv0": {"engine": "adders", "pe": 0}}}, "folds.conv0.pe: .*not 0"),
        ({"folds": {"conv0": {"engine": "adders", "pe": 2.5}}}, "folds.conv0.pe: .*not 2.5"),
        ({"folds": {"conv0": {"engine": "adders", "pe": True}}}, "folds.conv0.pe: .*not True"),
        ({"folds": {"conv0": {"engine": "adders", "lanes": 2}}}, "unknown key folds.conv0.lanes"),
        ({"folds": {"conv0": {"pe": 2}}}, "no folds.conv0.engine"),
        ({"folds": {"conv0": {"engine": "No Engine"}}}, "folds.conv0.engine: .*No Engine"),
        ({"folds": [1]}, "folds: "),
        ({"goal": {"images_per_second": 0}}, "goal.images_per_second: .*not 0"),
        ({"goal": {"budget": {"lut": 170}}}, "goal.budget.lut: .*not 170"),
        ({"model": "abc"}, "model: .*'abc'"),
        ({"format": 2}, '"format": 1, not 2'),
        ({"format": None}, '"format": 1, not None'),
    ],
)
def test_what_is_no_plan_is_named(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(PLAN.to_json() | change))
    with pytest.raises(ConfigurationError, match=message) as caught:
        load(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("key", ["network", "model", "part", "clock_mhz", "folds"])
def test_what_is_missing_is_named(tmp_path: Path, key: str) -> None:
    content = PLAN.to_json()
    del content[key]
    (tmp_path / "plan.json").write_text(json.dumps(content))
    with pytest.raises(ConfigurationError, match=f"no {key}"):
        load(tmp_path / "plan.json")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "not a plan, or damaged"),
        ("[1]", "not 'list'"),
        ('{"format": 1, "format": 1}', "'format' is there twice"),
        (json.dumps(PLAN.to_json())[:-40], "not a plan, or damaged"),
    ],
)
def test_what_is_damaged_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path / "plan.json")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="nowhere.json: the plan cannot be read"):
        load(tmp_path / "nowhere.json")


def test_the_plan_of_another_network_is_refused_with_both_digests() -> None:
    with pytest.raises(ConfigurationError) as caught:
        PLAN.check_network("cifar-10", "cd" * 32, ["conv0", "dense0"], "my.json")
    message = str(caught.value)
    assert (
        "my.json is a plan of 'mnist' (model abababababab...), not of 'cifar-10' (model cdcdcdcdcdcd...)"
        in message
    )
    assert "make explore MODEL=cifar-10" in message


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        (["conv0"], "unknown layers dense0; the layers are conv0"),
        (["conv0", "conv1", "dense0"], "no folds of the layers conv1"),
    ],
)
def test_layers_must_be_the_networks(layers: list[str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        PLAN.check_network("mnist", MODEL, layers, "my.json")
