"""Loops that are slower than planned: refused, with the loop, what was found and what was planned."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from dt_scnn.errors import FlowError
from hls_project.cosimulation.vitis import Limits, loops, synthesize
from hls_project.cosimulation.vitis.loops import Loop
from hls_project.graph.integer import integerize
from hls_project.targets.hls.convert import write_project
from hls_project.targets.hls.options import HlsOptions
from tests import models
from tests.hls_project.cosimulation.vitis.conftest import Bench

WHERE = "loop StepLoop of spiking_conv2d_config32_s"
SLOWER = {
    "slow loop": f"{WHERE} begins an iteration every 3 cycles; planned: 1",
    "slow loop in the log": "loop StepLoop begins an iteration every 3 cycles, says the log; planned: 1",
    "long loop": f"{WHERE} takes 12,004 cycles; planned: at most 841 and its depth, 6",
    "endless loop": f"{WHERE} takes as many cycles as its data wants; planned: at most 841",
    "no pipeline": f"{WHERE} is not pipelined; planned: an iteration a cycle",
    "slow clock": "dtscnn is estimated at a clock of 10.35 ns; planned: 10 ns",
}


@pytest.mark.parametrize("behaviour", SLOWER)
def test_an_interval_above_the_plan_does_not_go_unnoticed(bench: Bench, behaviour: str) -> None:
    with pytest.raises(FlowError) as error:
        bench.run(behaviour)
    assert f"other hardware than planned: {SLOWER[behaviour]}" in str(error.value)
    assert str(bench.output / "vitis_cosim.log") in str(error.value)


def test_no_bitstream_is_made_of_slower_loops(bench: Bench) -> None:
    (bench.fake / "behaviour").write_text("slow clock")
    with pytest.raises(FlowError, match="estimated at a clock of 10.35 ns; planned: 10 ns"):
        synthesize(bench.project, bench.output / "hls.log", bench.tool, Limits(20, 20))
    (bench.fake / "behaviour").write_text("succeed")
    assert synthesize(bench.project, bench.output / "hls.log", bench.tool, Limits(20, 20))


def test_loops_as_planned_are_in_the_report(bench: Bench) -> None:
    figures = json.loads(json.dumps(bench.run("succeed").to_json()))
    assert figures["modules"]["spiking_conv2d_config32_s"]["loops"] == {
        "StepLoop": {
            "interval": {"value": 1, "kind": "synthesis-estimate", "unit": "cycles"},
            "latency": {"value": 845, "kind": "synthesis-estimate", "unit": "cycles"},
        }
    }


def test_loops_are_read_as_releases_write_them() -> None:
    """With and without a name of their own, ranges as text and as elements, loops within loops."""
    report = ElementTree.fromstring(
        "<profile><PerformanceEstimates><SummaryOfLoopLatency><Outer><TripCount><range><min>1</min><max>4</max></range>"
        "</TripCount><Latency>30 ~ 541</Latency><IterationLatency>135</IterationLatency><Inner><Name>Inner_1</Name>"
        "<TripCount>128</TripCount><Latency>130</Latency><PipelineII>2</PipelineII><PipelineDepth>4</PipelineDepth></Inner>"
        "</Outer><Open><TripCount>undef</TripCount><Latency>undef</Latency><PipelineII>1</PipelineII></Open>"
        "</SummaryOfLoopLatency></PerformanceEstimates></profile>"
    )
    assert loops.read(report) == (
        Loop("Outer", None, 541, 135),
        Loop("Inner_1", 2, 130, 4),
        Loop("Open", 1, None, 0),
    )
    assert loops.read(ElementTree.fromstring("<profile/>")) == ()


def test_loops_of_genuine_reports_are_read() -> None:
    """Names and figures of public reports: Vitis HLS 2021.2 for xc7z020 (22100355/Deep-learning-from-basic-and-implementation-
    on-FPGA, Ophelie-Renaud/MAD-based-RFI-mitigator), Vivado HLS 2019.2 of an hls4ml project (ChiRuiChen/Face_detection_HLS)."""
    pipelined = _loop(
        "VITIS_LOOP_111_5_VITIS_LOOP_112_6",
        784,
        19720,
        AbsoluteTimeLatency=197200,
        PipelineII=25,
        PipelineDepth=146,
    )
    plain = _loop("VITIS_LOOP_94_1", 6, 123078, AbsoluteTimeLatency=1230780, IterationLatency=20513)
    endless = _loop("Loop1", "undef", "undef", AbsoluteTimeLatency="undef", PipelineII=2, PipelineDepth=11)
    inner = _loop("Conv2dWHLoop.2", 27, 27, PipelineII=1, PipelineDepth=2) + _loop(
        "Con2dCastLoop", 32, 64, IterationLatency=2
    )
    ranged = _loop("Conv2dWHLoop", 1156, _range(589560, 714408), inner, IterationLatency=_range(510, 618))
    text = f"<SummaryOfLoopLatency>{pipelined}{plain}{endless}{ranged}</SummaryOfLoopLatency>"
    report = ElementTree.fromstring(f"<profile><PerformanceEstimates>{text}</PerformanceEstimates></profile>")
    assert loops.read(report) == (
        Loop("VITIS_LOOP_111_5_VITIS_LOOP_112_6", 25, 19720, 146),
        Loop("VITIS_LOOP_94_1", None, 123078, 20513),
        Loop("Loop1", 2, None, 11),
        Loop("Conv2dWHLoop", None, 714408, 618),
        Loop("Conv2dWHLoop.2", 1, 27, 2),
        Loop("Con2dCastLoop", None, 64, 2),
    )


def _range(least: int, most: int) -> str:
    return f"<range><min>{least}</min><max>{most}</max></range>"


def _loop(name: str, trips: object, latency: object, within: str = "", **others: object) -> str:
    texts = {"TripCount": trips, "Latency": latency} | others
    return (
        f"<{name}>" + "".join(f"<{tag}>{text}</{tag}>" for tag, text in texts.items()) + f"{within}</{name}>"
    )


def test_the_project_says_how_long_its_loops_shall_be(tmp_path: Path) -> None:
    write_project(integerize(models.build("2C3-P2-FC3", (6, 6, 1))), tmp_path / "hls", HlsOptions())
    # 6 x 6 pixels and the window's lead of a row and a pixel; the pooled 3 x 3 pixels, a kernel at a time.
    assert json.loads((tmp_path / "hls" / "steps.json").read_text()) == {"conv0": 43, "dense0": 27}
