"""Place and route: with the real tools once, and with programs in their place."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError
from hls_project.synthesis import ecp5
from hls_project.synthesis.ecp5 import TimingReport, place_and_route
from tests.hls_project.synthesis.conftest import HERE, RECORDED, FakeTool, is_running, wait_until

Steps = list[tuple[str, int, int]]


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> tuple[TimingReport, Path, Steps]:
    """Return the report of the real tools, the folder that they worked in, and their progress."""
    folder = tmp_path_factory.mktemp("routed with spaces")
    rtl, steps = Path(shutil.copytree(HERE / "example", folder / "rtl")), Steps()
    report = place_and_route(rtl, folder / "ecp5", progress=lambda *step: steps.append(step))
    return report, folder, steps


def test_the_core_is_placed_and_routed(routed: tuple[TimingReport, Path, Steps]) -> None:
    report, folder, _ = routed
    (clock,) = report.routed.clocks
    assert clock.name == "clk" and clock.target == 100.0 and 40 < clock.fmax < 150
    # As many registers as the source has; the buffer's pointers have 5 bits each.
    assert report.routed.used["TRELLIS_FF"][0] in range(57 + 65 + 69 + 2 * 5 - 8, 57 + 65 + 69 + 2 * 5 + 8)
    assert report.routed.used["DP16KD"][0] == 2
    assert not report.reused
    assert "Routing complete" in (folder / "ecp5" / "route" / "nextpnr.log").read_text()


def test_the_critical_path_is_named_by_layer(routed: tuple[TimingReport, Path, Steps]) -> None:
    path = routed[0].routed.critical
    assert path.slowest.layer == "dense0" and path.slowest.module == "dtscnn_dense0"
    assert (
        path.start == "dense0.weights" and path.end == "dense0.sum"
    )  # twelve weights are summed in one cycle
    assert path.logic > 0 and path.routing > 0 and path.levels > 3


def test_progress_tells_synthesis_placement_and_routing(routed: tuple[TimingReport, Path, Steps]) -> None:
    steps = routed[2]
    assert list(dict.fromkeys(stage for stage, _, _ in steps)) == ["synthesize", "place", "route"]
    arcs = {total for stage, _, total in steps if stage == "route"}
    assert steps[-1] == ("route", max(arcs), max(arcs)) and len(arcs) == 1 and max(arcs) > 1000


def test_nothing_is_done_again(routed: tuple[TimingReport, Path, Steps]) -> None:
    report, folder, _ = routed
    again = place_and_route(folder / "rtl", folder / "ecp5")
    assert again.reused and again.routed == report.routed and again.seconds < 1


@pytest.fixture
def prepared(routed: tuple[TimingReport, Path, Steps], tmp_path: Path) -> Path:
    """Return a folder with a synthesized, unrouted core."""
    shutil.copytree(routed[1] / "rtl", tmp_path / "rtl")
    shutil.copytree(routed[1] / "ecp5" / "netlist", tmp_path / "ecp5" / "netlist")
    return tmp_path


def route(prepared: Path, **options: object) -> TimingReport:
    return place_and_route(prepared / "rtl", prepared / "ecp5", **options)  # type: ignore[arg-type]


def test_options_reach_nextpnr(prepared: Path, fake_nextpnr: FakeTool) -> None:
    report = route(prepared, seed=7, frequency_mhz=125.0, out_of_context=True)
    (call,) = fake_nextpnr.calls
    for flag in ("--85k", "--speed 8", "--seed 7", "--freq 125", "--out-of-context", "--timing-allow-fail"):
        assert flag in call
    assert (report.seed, report.target, report.out_of_context) == (7, 125.0, True)
    assert round(report.routed.slowest.fmax, 2) == 71.11


def test_the_netlist_is_kept_for_another_seed(prepared: Path, fake_nextpnr: FakeTool) -> None:
    for seed, reused in ((1, False), (1, True), (2, False)):
        steps = Steps()
        report = route(prepared, seed=seed, progress=lambda *step, to=steps: to.append(step))
        assert report.reused is reused
        assert ("synthesize", 0, 1) not in steps
    assert len(fake_nextpnr.calls) == 2


def test_a_changed_source_is_routed_again(prepared: Path, fake_nextpnr: FakeTool) -> None:
    route(prepared)
    memory = prepared / "rtl" / "dtscnn_dense0.mem"
    memory.write_text(memory.read_text().replace("7", "0", 1))
    assert not route(prepared).reused
    assert len(fake_nextpnr.calls) == 2


@pytest.mark.parametrize("damage", ["cut", "another digit"])
def test_a_kept_report_that_was_damaged_is_made_again(
    prepared: Path, fake_nextpnr: FakeTool, damage: str
) -> None:
    expected = route(prepared).routed
    report = prepared / "ecp5" / "route" / "report.json"
    text = report.read_text()
    report.write_text(text[: len(text) // 2] if damage == "cut" else text.replace("7", "8"))
    again = route(prepared)
    assert not again.reused and again.routed == expected


@pytest.mark.parametrize("name", ["core.json", "scopes.json"])
def test_a_kept_netlist_that_was_damaged_is_made_again(
    prepared: Path, fake_nextpnr: FakeTool, name: str
) -> None:
    expected = route(prepared).routed
    kept = prepared / "ecp5" / "netlist" / name
    text = kept.read_text()
    kept.write_text(text[: len(text) // 2])
    again = route(prepared)
    assert not again.reused and again.routed == expected and kept.read_text() == text


def lying(**changes: object) -> str:
    return json.dumps(json.loads((RECORDED / "nextpnr_report.json").read_text()) | changes)


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("fail", "nextpnr-ecp5 failed with status 1"),
        ("nothing", "nextpnr left no usable report"),
        (lying()[:9000], "nextpnr left no usable report"),
        (
            lying(fmax={"clk": {"achieved": 400.0, "constraint": 100.0}}),
            "400.00 MHz, but a critical path of 14.06 ns",
        ),
        (lying(fmax={}), "no clock"),
    ],
    ids=["fails", "writes nothing", "truncated", "lies", "no clock"],
)
def test_nextpnr_that_goes_wrong(
    prepared: Path, fake_nextpnr: FakeTool, behaviour: str, message: str
) -> None:
    fake_nextpnr.behave(behaviour)
    with pytest.raises(FlowError, match=message) as caught:
        route(prepared)
    assert caught.value.log_path == (prepared / "ecp5" / "route" / "nextpnr.log").resolve()
    if behaviour == "fail":
        assert "no BELs remaining" in caught.value.log_tail
    fake_nextpnr.behave(lying())
    assert not route(prepared).reused  # nothing of it was kept


@pytest.mark.slow
def test_nextpnr_that_hangs_is_ended_with_what_it_started(prepared: Path, fake_nextpnr: FakeTool) -> None:
    fake_nextpnr.behave("hang")
    with pytest.raises(FlowError, match="nextpnr-ecp5 did not end within 6 s"):
        route(prepared, timeout=6)  # enough for the fake to start its child on a busy machine
    child = int((fake_nextpnr.folder / "child").read_text())
    assert wait_until(lambda: not is_running(child))


def test_yosys_that_writes_no_netlist(rtl: Path, fake_yosys: FakeTool, fake_nextpnr: FakeTool) -> None:
    fake_yosys.answer(dtscnn_core="nothing")
    with pytest.raises(FlowError, match="yosys ended without a netlist"):
        place_and_route(rtl, rtl.parent / "ecp5")
    assert fake_nextpnr.calls == []


def test_missing_nextpnr(rtl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ecp5.VARIABLE, "/does/not/exist")
    with pytest.raises(ToolNotFoundError, match=r"pip install 'dt-scnn\[rtl\]'.*NEXTPNR_ECP5"):
        place_and_route(rtl, rtl.parent / "ecp5")


def test_no_rtl_folder(tmp_path: Path, fake_nextpnr: FakeTool) -> None:
    with pytest.raises(ConfigurationError, match="no generated rtl folder"):
        place_and_route(tmp_path, tmp_path / "ecp5")
