"""nextpnr's report, recorded and made up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dt_scnn.errors import FlowError
from hls_project.synthesis.timing import CriticalPath, Routed, Stretch, read_report, read_scopes
from tests.hls_project.synthesis.conftest import RECORDED

TOP = "dtscnn_core"
SCOPES = {"conv0": "dtscnn_conv0", "conv0.kernel": "dtscnn_conv0_kernel", "fifo0": "dt_fifo"}


def test_scopes_are_modules_by_instance() -> None:
    assert read_scopes(RECORDED / "scopes.json", TOP) == {
        "conv0": "dtscnn_conv0",
        "conv0.kernel": "dtscnn_conv0_kernel",
        "dense0": "dtscnn_dense0",
        "fifo0": "dt_fifo",  # its parameters are set, so its name in the netlist is longer
        "result": "dtscnn_result",
    }


@pytest.mark.parametrize(
    "content", ["", "[]", '{"modules": {}}', '{"modules": {"dtscnn_core": {"cells": 3}}}']
)
def test_damaged_scopes(tmp_path: Path, content: str) -> None:
    (tmp_path / "scopes.json").write_text(content)
    with pytest.raises(FlowError, match="no usable list of instances"):
        read_scopes(tmp_path / "scopes.json", TOP)


def test_recorded_report() -> None:
    routed = read_report(RECORDED / "nextpnr_report.json", TOP, read_scopes(RECORDED / "scopes.json", TOP))
    (clock,) = routed.clocks
    assert (clock.name, round(clock.fmax, 2), clock.target) == ("clk", 71.11, 100.0)
    path = routed.critical
    assert (path.start, path.end) == ("dense0.weights", "dense0.sum")
    assert (path.slowest.layer, path.slowest.module) == ("dense0", "dtscnn_dense0")
    assert path.logic == pytest.approx(7.705) and path.routing == pytest.approx(6.357)
    assert routed.used["TRELLIS_FF"] == (197, 83640)
    assert "MULT18X18D" not in routed.used  # none of them used


def segment(kind: str, cell: str, delay: float, source: str | None = None) -> dict[str, Any]:
    return {"type": kind, "delay": delay, "from": {"cell": source or cell}, "to": {"cell": cell}}


def made_up(**changes: Any) -> dict[str, Any]:
    """Return a report whose critical path goes from a layer's kernel through a buffer into the top: 8 ns."""
    path = [
        segment("clk-to-q", "conv0.window_TRELLIS_FF_Q_3", 0.5),
        segment("routing", "conv0.kernel.a_LUT4_Z", 1.0, "conv0.window_TRELLIS_FF_Q_3"),
        segment("logic", "conv0.kernel.a_LUT4_Z", 0.25),
        segment("routing", "conv0.kernel.vm_CCU2C_S0$CCU2_COMB0", 0.75, "conv0.kernel.a_LUT4_Z"),
        segment("logic", "conv0.kernel.vm_CCU2C_S0$CCU2_COMB0", 1.5),
        segment("routing", "fifo0.head_LUT4_D", 2.0, "conv0.kernel.vm_CCU2C_S0$CCU2_COMB0"),
        segment("logic", "fifo0.head_LUT4_D", 0.25),
        segment("routing", "$nextpnr_CCU2C_7$CCU2_COMB0", 0.0, "fifo0.head_LUT4_D"),
        segment("routing", "spikes_TRELLIS_FF_Q", 1.75, "fifo0.head_LUT4_D"),
        segment("setup", "spikes_TRELLIS_FF_Q", 0.0),
    ]
    edge = "posedge $glbnet$clk$TRELLIS_IO_IN"
    pads = [
        segment("source", "pixel_data$tr_io", 0.0),
        segment("routing", "conv0.window_TRELLIS_FF_Q_1", 9.5),
    ]
    return {
        "fmax": {"$glbnet$clk$TRELLIS_IO_IN": {"achieved": 125.0, "constraint": 100.0}},
        "utilization": {"TRELLIS_COMB": {"used": 10, "available": 83640}},
        "critical_paths": [
            {"from": "<async>", "to": edge, "path": pads},
            {"from": edge, "to": edge, "path": path},
        ],
    } | changes


def parse(tmp_path: Path, report: Any) -> Routed:
    file = tmp_path / "report.json"
    file.write_text(report if isinstance(report, str) else json.dumps(report))
    return read_report(file, TOP, SCOPES, tmp_path / "nextpnr.log")


def critical(tmp_path: Path) -> CriticalPath:
    return parse(tmp_path, made_up()).critical


def test_a_path_is_named_by_the_instances_on_its_way(tmp_path: Path) -> None:
    path = critical(tmp_path)
    assert (path.clock, path.start, path.end) == ("clk", "conv0.window", "spikes")
    assert [(s.layer, s.instance, s.module) for s in path.stretches] == [
        ("conv0", "conv0", "dtscnn_conv0"),
        ("conv0", "conv0.kernel", "dtscnn_conv0_kernel"),
        ("fifo0", "fifo0", "dt_fifo"),
        (TOP, "", TOP),
    ]
    assert path.layers == {"conv0": 4.0, "fifo0": 2.25, TOP: 1.75}
    assert (path.slowest.layer, path.slowest.module) == ("conv0", "dtscnn_conv0_kernel")


def test_delays_are_split_into_logic_and_routing(tmp_path: Path) -> None:
    path = critical(tmp_path)
    assert [(s.logic, s.routing, s.levels) for s in path.stretches] == [
        (0.5, 0.0, 0),
        (1.75, 1.75, 2),
        (0.25, 2.0, 1),
        (0.0, 1.75, 0),
    ]
    assert (path.logic, path.routing, path.levels) == (2.5, 5.5, 3)


def test_the_core_itself_does_not_limit_where_a_layer_can() -> None:
    core, window = Stretch("", TOP, 3.0, 3.0, 4), Stretch("conv0.window", "dt_window", 0.5, 0.5, 1)
    assert CriticalPath("clk", "a", "b", (core, window)).slowest == window
    assert CriticalPath("clk", "a", "b", (core,)).slowest == core


def test_paths_from_pads_do_not_count(tmp_path: Path) -> None:
    assert critical(tmp_path).end == "spikes"  # the one from a pad takes longer


def test_the_slowest_clock_is_the_one_furthest_from_its_target(tmp_path: Path) -> None:
    fmax = made_up()["fmax"] | {"fast": {"achieved": 200.0, "constraint": 300.0}}
    assert parse(tmp_path, made_up(fmax=fmax)).slowest.name == "fast"


def clocked(achieved: Any) -> dict[str, Any]:
    return made_up(fmax={"$glbnet$clk$TRELLIS_IO_IN": {"achieved": achieved, "constraint": 100.0}})


@pytest.mark.parametrize(
    ("report", "message"),
    [
        ("", "no usable report"),
        (json.dumps(made_up())[:-300], "no usable report"),
        ("[]", "no usable report"),
        ({}, "fmax"),
        (made_up(fmax={}), "no clock, so no path between registers"),
        (clocked(250.0), "250.00 MHz, but a critical path of 8.00 ns, not 4.00 ns"),
        (clocked(0.0), "clock .* at 0.0 of 100.0 MHz"),
        (clocked(float("nan")), "at nan of"),
        (clocked("fast"), "fast"),
        (made_up(critical_paths=[]), "no usable report"),
        (
            made_up(utilization={"TRELLIS_COMB": {"used": 90000, "available": 83640}}),
            "90000 of 83640 TRELLIS_COMB",
        ),
    ],
    ids=["empty", "truncated", "list", "no keys", "no clock", "faster than its path", "zero", "nan", "text"]
    + ["no paths", "more than there is"],
)
def test_damaged_or_lying_report(tmp_path: Path, report: Any, message: str) -> None:
    with pytest.raises(FlowError, match="nextpnr left no usable report") as caught:
        parse(tmp_path, report)
    assert caught.match(message)
    assert caught.value.log_path == tmp_path / "nextpnr.log"
