"""The model-based estimate, against figures of layers that yosys has synthesized."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.synthesis.model import LayerFacts, estimate, estimate_layer, read_facts
from tests.hls_project.synthesis.conftest import RECORDED

# One row a layer: its facts, and LUTs, flip-flops and 36 kbit block RAMs that yosys 0.70 counted for xc7.
SYNTHESIZED = json.loads((RECORDED / "synthesized_layers.json").read_text())
TRAINED = "8C3-P2-24C3-P2-FC10, trained"


def facts_of(row: dict[str, Any]) -> LayerFacts:
    fields = {key: tuple(value) if isinstance(value, list) else value for key, value in row["facts"].items()}
    return LayerFacts(**fields)


@pytest.mark.parametrize("row", SYNTHESIZED, ids=lambda row: f"{row['network']} {row['facts']['name']}")
def test_each_layer_is_near_what_was_synthesized(row: dict[str, Any]) -> None:
    found = estimate_layer(facts_of(row))
    assert found.lut == pytest.approx(row["lut"], rel=0.26)
    assert found.ff == pytest.approx(row["ff"], rel=0.17)
    assert found.bram36_used == row["bram36"]
    assert found.dsp == 0


def test_the_mean_error_is_small() -> None:
    found = [estimate_layer(facts_of(row)) for row in SYNTHESIZED]
    for kind, limit in (("lut", 0.07), ("ff", 0.05)):
        errors = [abs(getattr(f, kind) / row[kind] - 1) for f, row in zip(found, SYNTHESIZED, strict=True)]
        assert sum(errors) / len(errors) < limit


def test_a_network_that_took_no_part_in_the_fit() -> None:
    rows = [row for row in SYNTHESIZED if row["network"] == TRAINED]
    found = [estimate_layer(facts_of(row)) for row in rows]
    assert len(rows) == 3
    assert sum(f.lut for f in found) == pytest.approx(sum(row["lut"] for row in rows), rel=0.06)
    assert sum(f.ff for f in found) == pytest.approx(sum(row["ff"] for row in rows), rel=0.03)


def conv() -> LayerFacts:
    return next(facts_of(r) for r in SYNTHESIZED if r["network"] == TRAINED and r["facts"]["name"] == "conv1")


@pytest.mark.parametrize("change", [{"lanes": 12}, {"rows": 5}, {"weight_bits": 6}, {"folds": 8}])
def test_more_work_a_cycle_takes_more(change: dict[str, int]) -> None:
    assert estimate_layer(replace(conv(), **change)).lut > estimate_layer(conv()).lut


def plan_of(facts: LayerFacts) -> dict[str, Any]:
    """Return what the generator notes of a layer."""
    keys = ("name", "kind", "folds", "lanes", "vm_bits", "input_shape", "output_shape", "maps", "kernels")
    noted = {key: getattr(facts, key) for key in keys}
    return noted | {
        "layer": facts.name,
        "vm_shape": facts.input_shape[:2],
        "fifo": {"depth": facts.fifo_depth} if facts.fifo_depth else None,
    }


def summary_of(facts: LayerFacts) -> dict[str, Any]:
    kernel = [facts.rows, facts.columns, facts.input_shape[2], facts.kernels]
    return {
        "name": facts.name,
        "kernel": kernel if facts.kind == "conv" else [facts.taps, facts.kernels],
        "pool": facts.pool,
        "weight_bits": facts.weight_bits,
    }


@pytest.fixture
def generated(tmp_path: Path) -> Path:
    """Return a folder with what the generator notes of the trained network."""
    layers = [facts_of(row) for row in SYNTHESIZED if row["network"] == TRAINED]
    (tmp_path / "rtl.json").write_text(json.dumps([plan_of(facts) for facts in layers]))
    (tmp_path / "network.json").write_text(json.dumps({"layers": [summary_of(facts) for facts in layers]}))
    return tmp_path


def test_facts_are_read_from_the_generated_folder(generated: Path) -> None:
    assert list(read_facts(generated)) == [facts_of(row) for row in SYNTHESIZED if row["network"] == TRAINED]


def test_a_network_is_estimated_in_well_under_a_second(generated: Path) -> None:
    started = time.monotonic()
    report = estimate(generated)
    assert time.monotonic() - started < 0.2
    assert report.kind == "model" and [module.name for module in report.modules] == [
        "conv0",
        "conv1",
        "dense0",
    ]
    assert report.total.bram36_used == 4


def test_a_layer_that_only_pools(generated: Path) -> None:
    plan = json.loads((generated / "rtl.json").read_text())
    pool = plan[0] | {
        "name": "pool0",
        "layer": "pool0",
        "kind": "pool",
        "vm_shape": [28, 28],
        "maps": 0,
        "lanes": 1,
    }
    (generated / "rtl.json").write_text(json.dumps([plan[0], pool, *plan[1:]]))
    facts = read_facts(generated)[1]
    assert (facts.kind, facts.pool, facts.weight_bits) == ("pool", 2, 0)
    assert 0 < estimate_layer(facts).lut < 400


@pytest.mark.parametrize("damage", ["missing", "truncated", "other"])
def test_a_folder_without_a_usable_plan(generated: Path, damage: str) -> None:
    plan = generated / "rtl.json"
    text = plan.read_text()
    plan.unlink() if damage == "missing" else plan.write_text(text[:99] if damage == "truncated" else "[{}]")
    with pytest.raises(ConfigurationError, match=r"no usable rtl\.json and network\.json"):
        read_facts(generated)
