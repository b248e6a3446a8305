"""The verbs: tables, reports and exit statuses."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dt_scnn.errors import ConfigurationError
from hls_project.command.synthesis import print_estimate, print_timing
from hls_project.reports.console import open_console
from hls_project.synthesis import ecp5, parts
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.resources import ModuleResources, ResourceReport
from hls_project.synthesis.synthesis_report import STAND_IN_FOR, print_resources
from hls_project.synthesis.timing import read_report, read_scopes
from hls_project.verbs.estimate import estimate_by_model, estimate_core, time_core
from tests.hls_project.synthesis.conftest import LAYERS, RECORDED, FakeTool, statistics


def run_estimate(rtl: Path, reports: Path, **options: Any) -> int:
    return print_estimate(open_console(), estimate_core(rtl, reports, **options))


def run_model(costs: dict[str, Resources], reports: Path) -> int:
    return print_estimate(open_console(), estimate_by_model(costs, reports))


def run_timing(rtl: Path, reports: Path, **options: Any) -> int:
    return print_timing(open_console(), time_core(rtl, reports, **options))


KINDS = {"measured", "simulated", "synthesis-estimate", "model"}


def untagged(content: Any, name: str = "") -> Iterator[str]:
    """Yield the names of the numbers that do not say where they come from."""
    if isinstance(content, dict):
        if content.get("kind") in KINDS:
            return
        for key, value in content.items():
            yield from untagged(value, f"{name}.{key}")
    elif isinstance(content, list):
        for value in content:
            yield from untagged(value, name)
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield name


def test_estimate(rtl: Path, fake_yosys: FakeTool, capsys: pytest.CaptureFixture[str]) -> None:
    reports = rtl.parent / "reports"
    assert run_estimate(rtl, reports) == 0
    content = json.loads((reports / "estimate.json").read_text())
    assert content["part"] == "xc7z020clg400-1" and content["fits"] and content["over_budget"] == []
    assert content["budget"]["lut"] == {
        "used": {"value": 44, "kind": "synthesis-estimate"},
        "available": 53_200,
        "share": {"value": 44 / 53_200, "kind": "synthesis-estimate"},
    }
    assert content["budget"]["bram36"]["used"]["value"] == 2  # three of 18 kbit
    conv = content["modules"][0]
    assert (conv["name"], conv["lut"]["value"], conv["of_which_kernel"]["lut"]["value"]) == ("conv0", 11, 1)
    # What is no figure of the design: numbers of the part, and how often a layer is there.
    assert {name.split(".")[-1] for name in untagged(content)} == {"available", "instances"}

    printed = capsys.readouterr().out
    rows = [" ".join(line.split()) for line in printed.splitlines()]
    assert "conv0 11 0 3 0 0 0" in rows
    assert "kernel 1 0 0 0 0 0" in rows
    assert "total 44 8 3 3 0 1" in rows
    assert "part 53,200 106,400 140 220" in rows


def test_a_full_part_fits_80_columns() -> None:
    full = Resources(53_200, 17_400, 106_400, 13_300, 279, 139, dsp=220)
    layer = ModuleResources("between layers", 1, full, full, {}, False)
    report = ResourceReport("yosys 0.70, synth_xilinx -family xc7", "synthesis-estimate", (layer,), 1.0)
    text = io.StringIO()
    expected = {"between layers": Resources(lut=59_999)}
    print_resources(Console(file=text, width=80, markup=False), report, parts.find("xc7z020"), expected)
    lines = text.getvalue().splitlines()
    assert len(lines) > 6 and max(map(len, lines)) <= 80, text.getvalue()


def test_a_part_that_is_too_small(
    rtl: Path, fake_yosys: FakeTool, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_yosys.answer(dtscnn_dense0=statistics("dtscnn_dense0", LUT6=17_601, DSP48E1=81, RAMB36E1=60))
    assert run_estimate(rtl, rtl.parent / "reports", part="xc7z010") == 1
    content = json.loads((rtl.parent / "reports" / "estimate.json").read_text())
    assert not content["fits"] and content["over_budget"] == ["lut", "dsp"]
    printed = capsys.readouterr().out
    assert "does not fit: 17,625 LUT, xc7z010clg400-1 has 17,600" in printed
    assert "does not fit: 81 DSP, xc7z010clg400-1 has 80" in printed
    assert "BRAM36, xc7z010clg400-1" not in printed  # exactly full is not too small
    assert run_estimate(rtl, rtl.parent / "reports", part="xc7z020") == 0


def test_estimate_by_model_needs_no_tool(
    tmp_path: Path, fake_yosys: FakeTool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_model({"conv0": Resources(lut=120, ff=80, bram18=3)}, tmp_path) == 0
    content = json.loads((tmp_path / "estimate-model.json").read_text())
    assert fake_yosys.calls == []
    (conv,) = content["modules"]
    assert conv["name"] == "conv0" and conv["lut"] == {"value": 120, "kind": "model"}
    assert content["budget"]["lut"]["used"] == conv["lut"]
    assert "a model of the layers, no synthesis" in capsys.readouterr().out
    assert run_model({"conv0": Resources(lut=53_201)}, tmp_path) == 1


def test_the_model_s_error_is_reported(
    rtl: Path, fake_yosys: FakeTool, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = 22
    run_estimate(rtl, rtl.parent / "reports", expected={"conv0": Resources(lut=expected)})
    content = json.loads((rtl.parent / "reports" / "estimate.json").read_text())
    conv, dense = content["modules"][:2]
    assert conv["model"]["lut"] == {"value": expected, "kind": "model", "error": expected / 11 - 1}
    assert "model" not in dense  # the plan does not have it
    assert content["total"]["model"]["lut"]["error"] == expected / 44 - 1
    assert f"{expected} ({100 * (expected / 11 - 1):+.0f} %)" in capsys.readouterr().out


def test_the_part_decides_the_family(rtl: Path, fake_yosys: FakeTool) -> None:
    run_estimate(rtl, rtl.parent / "reports", part="xck26")
    assert (rtl.parent / "synthesis" / "xcup" / "dtscnn_conv0" / "cells.json").is_file()


def test_cells_that_are_not_counted_are_said(
    rtl: Path, fake_yosys: FakeTool, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_yosys.answer(dtscnn_core=statistics("dtscnn_core", XADC=2, **LAYERS))
    run_estimate(rtl, rtl.parent / "reports")
    assert "not counted: 2 XADC" in capsys.readouterr().out


def test_unknown_part_before_anything_runs(rtl: Path, fake_yosys: FakeTool) -> None:
    with pytest.raises(ConfigurationError, match="unknown part 'xc7z999'"):
        run_estimate(rtl, rtl.parent / "reports", part="xc7z999")
    assert fake_yosys.calls == []


@pytest.fixture
def routed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a recorded report in the place of both tools."""
    recorded = read_report(
        RECORDED / "nextpnr_report.json", "dtscnn_core", read_scopes(RECORDED / "scopes.json", "dtscnn_core")
    )

    def place_and_route(rtl: Path, output: Path, **options: Any) -> ecp5.TimingReport:
        assert output == rtl.parent / "synthesis" / "ecp5"
        return ecp5.TimingReport(recorded, options["seed"], options["frequency_mhz"], False, {}, 1.0, False)

    monkeypatch.setattr(ecp5, "place_and_route", place_and_route)


def test_timing(rtl: Path, routed: None, capsys: pytest.CaptureFixture[str]) -> None:
    reports = rtl.parent / "reports"
    assert run_timing(rtl, reports, seed=3) == 0
    content = json.loads((reports / "timing.json").read_text())
    assert content["stand_in_for"] == STAND_IN_FOR == "xc7z020" and "ECP5" in content["device"]
    assert content["fmax"] == {
        "value": 71.11,
        "kind": "synthesis-estimate",
        "unit": "MHz",
        "device": "ECP5",
        "stand_in_for": "xc7z020",
    }
    assert content["target"] == {"value": 100.0, "unit": "MHz"} and content["target_met"] is False
    path = content["critical_path"]
    assert (path["layer"], path["module"], path["from"], path["to"]) == (
        "dense0",
        "dtscnn_dense0",
        "dense0.weights",
        "dense0.sum",
    )
    assert path["logic"]["value"] + path["routing"]["value"] == pytest.approx(path["delay"]["value"])
    assert {name.split(".")[-1] for name in untagged(content)} == {"value", "available", "seed"}

    printed = " ".join(capsys.readouterr().out.split())
    assert "critical path on ECP5 as a stand-in for xc7z020, dense0.weights to dense0.sum" in printed
    assert "71.1 MHz routed, 100 MHz missed; limited by dense0 (dtscnn_dense0); seed 3" in printed
    assert "Not the frequency of the part on the board." in printed
