"""Resources by layer: with yosys, and with a program in its place."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError
from hls_project.synthesis import yosys
from hls_project.synthesis.cells import Resources
from hls_project.synthesis.resources import GLUE, ResourceReport, estimate
from tests.hls_project.synthesis.conftest import HERE, LAYERS, FakeTool, statistics


@pytest.fixture(scope="module")
def estimated(tmp_path_factory: pytest.TempPathFactory) -> ResourceReport:
    folder = tmp_path_factory.mktemp("estimated with spaces")
    rtl = Path(shutil.copytree(HERE / "example", folder / "rtl"))
    return estimate(rtl, list(LAYERS), "xc7", folder / "synthesis")


@pytest.mark.slow
def test_yosys_counts_what_the_source_says(estimated: ResourceReport) -> None:
    conv, dense, result, glue = estimated.modules
    assert [module.name for module in estimated.modules] == ["conv0", "dense0", "result", GLUE]
    # window 24, potentials 26, spikes 4, valid 3; pixel 9, spikes 4, sums 48, flags 4; scores 48, best 16, ...
    assert (conv.resources.ff, dense.resources.ff, result.resources.ff) == (57, 65, 69)
    assert (dense.resources.bram36, dense.resources.bram18) == (1, 0)  # 512 words of 48 bits
    assert estimated.total.dsp == 0
    assert glue.resources.lut_memory >= 4  # the buffer of 16 words of 4 bits
    assert conv.kernel is not None and dense.kernel is None
    assert conv.kernel.ff == 0 and 20 < conv.kernel.lut < conv.resources.lut < 120


@pytest.mark.slow
def test_the_total_is_the_sum_and_everything_is_counted(estimated: ResourceReport) -> None:
    assert estimated.total.lut == sum(module.resources.lut for module in estimated.modules)
    assert estimated.others == {}
    assert not any(module.reused for module in estimated.modules)


def test_an_error_in_the_source_is_yosys_own_message(rtl: Path, tmp_path: Path) -> None:
    kernel = rtl / "dtscnn_conv0_kernel.sv"
    kernel.write_text(kernel.read_text().replace("a <<< 1", "a <<<< 1"))
    with pytest.raises(FlowError, match=r"yosys \(dtscnn_conv0\) failed") as caught:
        estimate(rtl, ["dtscnn_conv0"], "xc7", tmp_path / "out")
    assert "dtscnn_conv0_kernel.sv:7" in caught.value.log_tail
    assert caught.value.log_path is not None and caught.value.log_path.is_file()


def run(rtl: Path, **options: object) -> ResourceReport:
    return estimate(rtl, list(LAYERS), "xc7", rtl.parent / "synthesis", **options)  # type: ignore[arg-type]


def reused(report: ResourceReport) -> list[str]:
    return [module.name for module in report.modules if module.reused]


def test_report_of_known_counts(rtl: Path, fake_yosys: FakeTool) -> None:
    report = run(rtl)
    conv, dense, result, glue = report.modules
    assert conv.resources == Resources(lut=11, ff=3) and conv.kernel == Resources(lut=1)
    assert dense.resources == Resources(lut=20, bram18=3, dsp=1)
    assert glue.resources == Resources(lut=8, lut_memory=8)
    assert report.total == Resources(lut=44, lut_memory=8, ff=3, bram18=3, dsp=1)


def test_a_layer_that_is_there_twice_counts_twice(rtl: Path, fake_yosys: FakeTool) -> None:
    fake_yosys.answer(dtscnn_core=statistics("dtscnn_core", **LAYERS | {"dtscnn_conv0": 2}))
    conv = run(rtl).modules[0]
    assert (conv.instances, conv.resources, conv.kernel) == (2, Resources(lut=22, ff=6), Resources(lut=2))


def test_nothing_is_synthesized_again(rtl: Path, fake_yosys: FakeTool) -> None:
    first, second = run(rtl), run(rtl)
    assert sorted(fake_yosys.calls) == sorted([*LAYERS, "dtscnn_core"])
    assert reused(first) == [] and reused(second) == ["conv0", "dense0", "result", GLUE]
    assert first.total == second.total


def test_only_the_layer_that_changed_is_synthesized_again(rtl: Path, fake_yosys: FakeTool) -> None:
    run(rtl)
    before = len(fake_yosys.calls)
    kernel = rtl / "dtscnn_conv0_kernel.sv"
    kernel.write_text(kernel.read_text() + "\n")
    assert reused(run(rtl)) == ["dense0", "result", GLUE]
    assert fake_yosys.calls[before:] == ["dtscnn_conv0"]


def test_families_and_versions_have_figures_of_their_own(
    rtl: Path, fake_yosys: FakeTool, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(rtl)
    monkeypatch.setattr(yosys, "version", lambda: "0.99")
    assert reused(run(rtl)) == []
    other = estimate(rtl, list(LAYERS), "xcup", rtl.parent / "synthesis")
    assert reused(other) == []


@pytest.mark.parametrize("content", ["", "{}", '{"modules": {'])
def test_kept_figures_that_were_damaged_are_made_again(rtl: Path, fake_yosys: FakeTool, content: str) -> None:
    expected = run(rtl).total
    (rtl.parent / "synthesis" / "xc7" / "dtscnn_dense0" / "cells.json").write_text(content)
    again = run(rtl)
    assert reused(again) == ["conv0", "result", GLUE] and again.total == expected


def test_kept_figures_with_another_digit_are_made_again(rtl: Path, fake_yosys: FakeTool) -> None:
    expected = run(rtl).total
    kept = rtl.parent / "synthesis" / "xc7" / "dtscnn_dense0" / "cells.json"
    kept.write_text(re.sub(r"\d+", lambda digits: str(2 * int(digits[0])), kept.read_text()))
    again = run(rtl)
    assert reused(again) == ["conv0", "result", GLUE] and again.total == expected


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ("fail", r"yosys \(dtscnn_dense0\) failed with status 1"),
        pytest.param("hang", r"yosys \(dtscnn_dense0\) did not end within 6 s", marks=pytest.mark.slow),
        ("nothing", "no usable cell statistics"),
        (statistics("dtscnn_dense0", LUT2=9)[:-40], "no usable cell statistics"),
        (statistics("dtscnn_dense0", LUT2=-9), "no usable cell statistics"),
        (statistics("dtscnn_conv0", LUT2=9), "leave out the module dtscnn_dense0"),
    ],
    ids=["fails", "hangs", "writes nothing", "truncated", "lies", "other module"],
)
def test_yosys_that_goes_wrong(rtl: Path, fake_yosys: FakeTool, answer: str, message: str) -> None:
    fake_yosys.answer(dtscnn_dense0=answer)
    with pytest.raises(FlowError, match=message):
        run(rtl, jobs=1, timeout=6.0)
    fake_yosys.answer()
    assert "dense0" not in reused(run(rtl))  # nothing of it was kept
    assert fake_yosys.calls.count("dtscnn_dense0") == 2


def test_unmapped_cells_are_an_error(rtl: Path, fake_yosys: FakeTool) -> None:
    cells = {"$_DLATCH_P_": 1}
    fake_yosys.answer(dtscnn_result=statistics("dtscnn_result", **cells))
    with pytest.raises(FlowError, match="not mapped to the part"):
        run(rtl)


def test_a_layer_that_the_core_lacks(rtl: Path, fake_yosys: FakeTool) -> None:
    fake_yosys.answer(dtscnn_core=statistics("dtscnn_core", dtscnn_conv0=1, dtscnn_dense0=1))
    with pytest.raises(ConfigurationError, match="dtscnn_core has no instance of the module dtscnn_result"):
        run(rtl)


def test_a_layer_with_parameters_is_refused(rtl: Path, fake_yosys: FakeTool) -> None:
    core = rtl / "dtscnn_core.sv"
    core.write_text(core.read_text().replace("dtscnn_dense0 dense0", "dtscnn_dense0 #(.N(3)) dense0"))
    with pytest.raises(ConfigurationError, match="dtscnn_core sets parameters of dtscnn_dense0"):
        run(rtl)


def test_progress_counts_the_modules(rtl: Path, fake_yosys: FakeTool) -> None:
    seen: list[tuple[str, int, int]] = []
    run(rtl, progress=lambda *step: seen.append(step))
    assert seen[0] == ("synthesize", 0, 4) and seen[-1] == ("synthesize", 4, 4)
    assert [done for _, done, _ in seen] == sorted(done for _, done, _ in seen)


def test_missing_pyosys(rtl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yosys.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolNotFoundError, match="pyosys was not found") as caught:
        run(rtl)
    assert "pip install 'dt-scnn[rtl]'" in str(caught.value)
