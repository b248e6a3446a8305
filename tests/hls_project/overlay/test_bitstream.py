"""From a model to an overlay, through programs that take the vendor's place: succeed, fail, hang and lie."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pynq.metadata.runtime_metadata_parser import RuntimeMetadataParser
from pynq.pl_server import hwh_parser
from pynqmetadata.frontends import Metadata

from board.manifest import Manifest
from board.overlay import DMA_NAME, SHELL_NAME, VLNV, DTSCNNOverlay
from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError
from dt_scnn.files import sha256
from hls_project.graph.integer import integerize
from hls_project.overlay import boards
from hls_project.overlay.package import package
from hls_project.overlay.vivado import scripts
from hls_project.parity import activity, golden
from hls_project.parity.activity import Activity
from hls_project.plan.budget import Goal
from hls_project.plan.plan import Plan
from hls_project.targets.rtl import core
from hls_project.targets.rtl.engines import default_fold
from hls_project.targets.rtl.layer import from_integer_layer
from hls_project.vendor.run import Limits
from hls_project.workspace.folder import open_workspace
from tests.board.instant import InstantHardware
from tests.hls_project.cosimulation.vitis.conftest import install
from tests.hls_project.overlay.conftest import Bench, write_model


def read_by_pynq(handoff: Path) -> list[Any]:
    """Return what pynq reads of a handoff on a board with that processor: releases up to 2.7, and newer ones."""
    zynq7 = 'MODTYPE="processing_system7"' in handoff.read_text()
    older = hwh_parser._HWHZynq if zynq7 else hwh_parser._HWHUltrascale
    return [older(str(handoff)), RuntimeMetadataParser(Metadata(input=str(handoff)))]


def test_the_overlay_is_complete_and_belongs_together(bench: Bench) -> None:
    overlay = bench.run()
    assert overlay == bench.workspace.folder / "overlay"
    manifest = Manifest.load(overlay / "small.json")
    manifest.check_files()
    assert set(manifest.files) == {"small.bit", "small.hwh", "small.network.npz"}
    assert (manifest.kind, manifest.target, manifest.board, manifest.part) == (
        "board",
        "rtl",
        "pynq-z2",
        "xc7z020clg400-1",
    )
    assert (manifest.clock_mhz, manifest.bus_bits, manifest.shape) == (100.0, 32, (6, 6, 1))
    vectors = manifest.golden_vectors()
    assert np.array_equal(vectors.scores, golden.scores(bench.workspace.model, vectors.images))
    wrapper = (bench.workspace.folder / "bitstream/pynq-z2-rtl/vivado" / scripts.WRAPPER).read_text()
    assert f".BUILD_ID(64'h{manifest.build_id:016x})" in wrapper
    report = json.loads((overlay / "implementation.json").read_text())
    assert report["utilisation"]["lut"] == {
        "value": 6120.0,
        "kind": "synthesis-estimate",
        "unit": "after routing",
        "available": 53200.0,
    }
    assert [report["utilisation"][name]["value"] for name in ("ff", "bram36", "dsp")] == [8450, 4.5, 0]
    assert report["timing"]["wns"]["value"] == 1.234 and report["power"]["total"]["value"] == 1.466
    assert report["bitstream_sha256"] == sha256(overlay / "small.bit")
    written = json.loads((bench.workspace.reports / "bitstream.json").read_text())
    assert written.pop("made_from")["model"] == sha256(bench.workspace.model) and written == report
    assert [stage for stage, done, _ in bench.phases if not done] == [
        "conversion", "block design", "synthesis", "optimization", "placement", "routing", "reports", "bitstream", "overlay",
    ]  # fmt: skip
    assert package(bench.workspace, overlay).name == "small-pynq-z2.tar.gz"


def test_the_manifest_carries_the_plan(bench: Bench) -> None:
    assert Manifest.load(bench.run() / "small.json").plan is None
    layers = integerize(bench.workspace.model).layers
    folds = {layer.name: default_fold(from_integer_layer(layer)) for layer in layers}
    plan = Plan("small", sha256(bench.workspace.model), "xc7z020clg400-1", 80.0, folds, "pynq-z2", Goal(2.0))
    overlay = bench.run(plan=plan)
    manifest = Manifest.load(overlay / "small.json")
    assert manifest.plan == plan.to_json()
    assert json.loads((overlay / "implementation.json").read_text())["clock_mhz"]["asked"] == 80.0
    assert manifest.as_dict()["folds"] == plan.to_json()["folds"]
    again = Manifest.load(bench.run(plan=replace(plan, goal=Goal(3.0))) / "small.json")
    assert again.plan is not None and again.plan["goal"]["images_per_second"] == 3.0
    assert again.build_id == manifest.build_id


@pytest.mark.parametrize("board", boards.names())
def test_pynq_reads_the_handoff_of_each_board(bench: Bench, board: str) -> None:
    overlay = bench.run(board=board)
    addresses = {name: int(address, 16) for name, address in boards.find(board).addresses.items()}
    for found in read_by_pynq(overlay / "small.hwh"):
        assert {name: found.ip_dict[name]["phys_addr"] for name in addresses} == addresses
        assert found.ip_dict[SHELL_NAME]["type"] == VLNV and DMA_NAME in found.ip_dict
        pins = {f"{DMA_NAME}/mm2s_introut": 0, f"{DMA_NAME}/s2mm_introut": 1}
        assert {name: found.interrupt_pins[name]["controller"] for name in pins} == dict.fromkeys(
            pins, "axi_intc_0"
        )
        assert {name: found.interrupt_pins[name]["index"] for name in pins} == pins
        assert list(found.interrupt_controllers) == ["axi_intc_0"]


def test_the_driver_takes_the_overlay_with_its_own_handoff(bench: Bench) -> None:
    from board.simulated.device import SimulatedBoard

    class Handed(SimulatedBoard):
        """Answers at once, at the addresses that the handoff says."""

        def get_bitfile_metadata(self, bitfile_name: str, **unused: object) -> object:
            return read_by_pynq(Path(bitfile_name).with_suffix(".hwh"))[-1]

    bitstream = bench.run() / "small.bit"
    manifest = Manifest.load(bitstream.with_suffix(".json"))
    board = Handed(manifest, InstantHardware(manifest))
    with DTSCNNOverlay(bitstream, device=board) as loaded:
        image = np.full((6, 6), 3, np.uint8)
        assert loaded.classify(image).scores.tolist() == [3 * 12 - 10_000] * 3


SAIF = (
    '(SAIFILE\n(SAIFVERSION "2.0")\n(DURATION 100)\n(INSTANCE dtscnn_shell\n(NET\n)\n'
    "(INSTANCE dtscnn_shell\n(NET\n(a\\[0\\] (T0 1) (TC 3))\n)\n(INSTANCE core\n)\n)\n)\n)\n"
)


def test_a_finished_overlay_is_not_made_again_and_a_finished_synthesis_neither(bench: Bench) -> None:
    bench.run()
    assert bench.runs == [scripts.SYNTHESIZE, scripts.IMPLEMENT]
    bench.run()
    assert len(bench.runs) == 2
    (bench.workspace.folder / "bitstream/pynq-z2-rtl/vivado/overlay.bit").unlink()
    bench.run()
    assert bench.runs[2:] == [scripts.IMPLEMENT]
    bench.run(clock_mhz=50.0)
    assert bench.runs[3:] == [scripts.SYNTHESIZE, scripts.IMPLEMENT]


@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("bitstream/pynq-z2-rtl/vivado/synthesized.dcp", [scripts.SYNTHESIZE, scripts.IMPLEMENT]),
        ("bitstream/pynq-z2-rtl/vivado/overlay.bit", [scripts.IMPLEMENT]),
        ("overlay/small.bit", []),
        ("overlay/small.json", []),
    ],
)
def test_what_was_finished_and_has_changed_is_made_again(bench: Bench, name: str, again: list[str]) -> None:
    bench.run()
    file = bench.workspace.folder / name
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    bench.run()
    assert bench.runs[2:] == again and file.read_bytes() == content


def test_an_interrupted_run_goes_on_after_the_synthesis(bench: Bench) -> None:
    with pytest.raises(FlowError, match=r"Vivado printed nothing for 1 s"):
        bench.run("hang in placement", limits=Limits(60, 1))
    assert not (bench.workspace.folder / "overlay").exists()
    bench.run()
    assert bench.runs == [scripts.SYNTHESIZE, scripts.IMPLEMENT, scripts.IMPLEMENT]


CASES = [
    ("fail", r"Vivado ended with status 1\n(.|\n)*BD 41-51(.|\n)*vivado_synthesized.log"),
    ("killed", "Vivado ended with SIGKILL"),
    ("unknown part", "this Vivado does not know the board's part"),
    ("exit at once", "ended with status 0 before it was synthesized"),
    ("no handoff", "wrote no hardware handoff"),
    ("no checkpoint", "wrote no synthesized.dcp, though it reports success"),
    ("truncated handoff", "overlay.hwh is cut off or no XML"),
    ("another handoff", "type of dtscnn_0 is blinking_lights, not dtscnn_axi"),
    ("handoff at another address", "address of dtscnn_0 is 0x43d00000, not 0x43c00000"),
    ("short lengths", "c_sg_length_width is 14, not 26"),
    ("no interrupt", "axi_dma_0/mm2s_introut is not connected"),
    ("misses its timing", r"timing is not met: worst setup slack -0.412 ns; a lower clock helps"),
    ("lies about timing", r"timing is not met: WNS -0.123 ns"),
    ("too large", "the design does not fit: it needs 61,234 LUT as Logic cells, the part has 53,200"),
    ("no utilization.rpt", "wrote no utilization.rpt, though it reports success"),
    (
        "truncated utilization.rpt",
        r"utilization.rpt is cut off or no report of Vivado: no row 'Slice Registers'",
    ),
    ("no timing.rpt", "wrote no timing.rpt"),
    ("truncated timing.rpt", "timing.rpt is cut off"),
    ("no power.rpt", "wrote no power.rpt"),
    ("truncated power.rpt", "power.rpt is cut off or no report of Vivado: the table of power has no end"),
    ("no bitstream", "wrote no overlay.bit, though it reports success"),
    ("truncated bitstream", "overlay.bit is cut off: 9,240 of 10,240 bytes"),
    ("no bitstream inside", "overlay.bit is no bitstream"),
    ("another part", "is for part 7z010clg400, not for xc7z020clg400-1"),
    ("error but exit 0", r"reports errors, though it ended with status 0\nERROR: \[Route 35-7\]"),
]


@pytest.mark.parametrize(("behaviour", "message"), CASES, ids=[behaviour for behaviour, _ in CASES])
def test_what_goes_wrong_is_a_clear_error_and_leaves_the_overlay_of_before(
    bench: Bench, behaviour: str, message: str
) -> None:
    before = sha256(bench.run() / "small.json")
    with pytest.raises(FlowError, match=message):
        bench.run(behaviour, clock_mhz=80.0)
    assert sha256(bench.workspace.folder / "overlay" / "small.json") == before
    # The next try is not kept from its work by what is left.
    assert bench.run(clock_mhz=80.0).is_dir()


@pytest.mark.parametrize(
    ("behaviour", "limits"), [("hang", Limits(1.5, 60)), ("hang silently", Limits(60, 1.0))]
)
def test_a_hang_ends_with_all_its_children(bench: Bench, behaviour: str, limits: Limits) -> None:
    with pytest.raises(FlowError, match=r"Vivado (did not end within 1.5 s|printed nothing for 1 s)"):
        bench.run(behaviour, limits=limits)
    if behaviour == "hang silently":
        child = Path("/proc") / (bench.fake / "child").read_text()
        deadline = time.monotonic() + 20
        while child.exists() and "Z" not in (child / "stat").read_text().split()[2]:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_critical_warnings_are_errors_until_they_are_accepted(bench: Bench) -> None:
    with pytest.raises(
        FlowError, match=r"2 critical warnings.*ACCEPT='BD 41-1356,Timing 38-282'\nCRITICAL WARNING: \[Timing"
    ):
        bench.run("critical warnings")
    with pytest.raises(FlowError, match=r"1 critical warnings.*ACCEPT='BD 41-1356'"):
        bench.run("critical warnings", accepted=("Timing 38-282",))
    board = replace(boards.find("pynq-z2"), accepted_warnings={"BD 41-1356": "the segment is not used"})
    assert bench.run("critical warnings", board, accepted=("Timing 38-282",)).is_dir()


@pytest.mark.parametrize(
    "name",
    [
        "c_m_axi_mm2s_data_width",
        "c_m_axis_mm2s_tdata_width",
        "c_m_axi_s2mm_data_width",
        "c_s_axis_s2mm_tdata_width",
        "c_addr_width",
    ],
)
def test_no_width_of_the_dma_goes_unchecked(bench: Bench, name: str) -> None:
    with pytest.raises(FlowError, match=f"axi_dma_0 {name} is 128, not (32|40)"):
        bench.run(f"another width of {name}")


def test_nothing_runs_again_only_because_a_warning_was_accepted(bench: Bench) -> None:
    with pytest.raises(FlowError, match="critical warnings"):
        bench.run("critical warnings")
    bench.run(accepted=("Timing 38-282", "BD 41-1356"))
    assert bench.runs == [scripts.SYNTHESIZE, scripts.IMPLEMENT]


def test_the_manifest_has_the_clock_that_the_processor_makes(bench: Bench) -> None:
    overlay = bench.run("slow clock", clock_mhz=92.0)
    assert Manifest.load(overlay / "small.json").clock_mhz == 90.909088
    assert json.loads((overlay / "implementation.json").read_text())["clock_mhz"] == {
        "asked": 92.0,
        "made": 90.909088,
    }


def test_the_power_report_says_what_it_rests_on_and_what_an_image_costs(bench: Bench) -> None:
    report = json.loads((bench.run() / "implementation.json").read_text())
    assert report["power"]["activity_file"] is None and report["power"]["nets_matched"] is None
    assert report["power"]["confidence"] == "Low"
    cycles = core.pace(bench.workspace.rtl)["cycles"]
    assert report["energy"]["total"] == {
        "value": 1.466 * cycles / 100e3,
        "kind": "model",
        "unit": "mJ an image at full rate",
    }


@pytest.mark.parametrize("recorded", ["of this design", "of another design", "at another clock", "damaged"])
def test_vivado_gets_the_activity_of_this_design_alone(bench: Bench, recorded: str) -> None:
    bench.run()
    cosim = bench.workspace.folder / "cosim"
    cosim.mkdir()
    build_id = core.build_id(bench.workspace.rtl) if recorded != "of another design" else "0" * 16
    Activity(build_id, 5, 50.0 if recorded == "at another clock" else 100.0).save(cosim)
    (cosim / activity.FILE).write_text(SAIF)
    if recorded == "damaged":
        (cosim / activity.ABOUT).write_text("{}")
        with pytest.raises(FlowError, match="activity.json is damaged"):
            bench.run()
        return
    report = json.loads((bench.run() / "implementation.json").read_text())
    calls = (bench.workspace.folder / "bitstream/pynq-z2-rtl/vivado/calls").read_text()
    taken = recorded == "of this design"
    assert ("read_saif\x1f-strip_path\x1foverlay_wrapper" in calls) == taken
    assert report["power"]["nets_matched"] == ("61% (4210/6901)" if taken else None)
    assert bench.runs == [scripts.SYNTHESIZE, scripts.IMPLEMENT, *([scripts.IMPLEMENT] if taken else [])]


def test_the_activity_has_the_place_that_the_shell_has_in_the_block_design(tmp_path: Path) -> None:
    (tmp_path / "a.saif").write_text(SAIF)
    placed = activity.place(tmp_path / "a.saif", "dtscnn_shell", ("top", "middle", "shell"))
    assert placed == (
        '(SAIFILE\n(SAIFVERSION "2.0")\n(DURATION 100)\n'
        "(INSTANCE top\n(INSTANCE middle\n(INSTANCE shell\n(NET\n(a\\[0\\] (T0 1) (TC 3))\n)\n(INSTANCE core\n)\n))))\n"
    ).replace("))))\n", ")))\n)\n")
    assert placed.count("(") == placed.count(")")
    (tmp_path / "a.saif").write_text(SAIF[:-20])
    with pytest.raises(FlowError, match="is cut off"):
        activity.place(tmp_path / "a.saif", "dtscnn_shell", ("top",))
    with pytest.raises(FlowError, match="has no instance other"):
        activity.place(tmp_path / "a.saif", "other", ("top",))


def test_target_hls_goes_through_both_tools(
    bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = install(tmp_path / "vitis", "vitis-run")
    monkeypatch.setenv("VITIS_HLS", program)
    behaviour = tmp_path / "vitis" / "behaviour"
    for how, message in (
        ("fail", r"Vitis HLS ended with status 1\n(.|\n)*undeclared identifier"),
        ("no verilog", "wrote no .*dtscnn.v"),
        ("needs IP", r"needs further IP \(dtscnn_fadd_ip.tcl\)"),
        ("stale verilog", "left dtscnn.v of an earlier run"),
    ):
        behaviour.write_text(how)
        with pytest.raises(FlowError, match=message):
            bench.run(target="hls")
        for left in (bench.workspace.project / "dtscnn_prj").rglob("dtscnn_fadd_ip.tcl"):
            left.unlink()
    assert bench.runs == []
    behaviour.write_text("succeed")
    manifest = Manifest.load(bench.run(target="hls") / "small.json")
    assert manifest.target == "hls" and len(bench.runs) == 2
    work = bench.workspace.folder / "bitstream/pynq-z2-hls/vivado"
    # A header that is left behind breaks the synthesis of what includes it.
    assert {
        "dtscnn.v",
        "dtscnn_widths.vh",
        "dtscnn_weights_ROM.dat",
        "dtscnn_core.sv",
        "dtscnn_shell.sv",
    } <= {path.name for path in work.iterdir()}
    settings = (work / scripts.SYNTHESIZE).read_text()
    assert 'memories [list "dtscnn_weights_ROM.dat"]' in settings
    (tmp_path / "vitis" / "call").unlink()
    bench.run(target="hls")
    assert not (tmp_path / "vitis" / "call").exists() and len(bench.runs) == 2
    rtl = Manifest.load(bench.run(target="rtl") / "small.json")
    assert rtl.build_id != manifest.build_id


def test_without_vivado_it_names_program_versions_and_variable(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VIVADO")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(ToolNotFoundError, match=r"vivado was not found.*2020.2 to 2024.2.*VIVADO"):
        bench.run()
    monkeypatch.setenv("VIVADO", "/nowhere/vivado")
    with pytest.raises(ConfigurationError, match="VIVADO is /nowhere/vivado, but there is no such program"):
        bench.run()
    assert not (bench.workspace.folder / "bitstream").exists()


@pytest.mark.slow
def test_the_build_id_is_of_the_sources_whatever_the_board(bench: Bench, tmp_path: Path) -> None:
    first = Manifest.load(bench.run() / "small.json").build_id
    assert Manifest.load(bench.run(board="zcu104") / "small.json").build_id == first
    other = write_model(tmp_path / "other", seed=1)
    bench = replace(bench, workspace=open_workspace(str(other), tmp_path / "build2"))
    assert Manifest.load(bench.run() / "small.json").build_id != first
