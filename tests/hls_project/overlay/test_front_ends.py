"""Every file that Vivado is handed - core, shell and wrapper - is read by three front ends, without a warning."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from dt_scnn import zoo
from hls_project.cosimulation.verilate import shell
from hls_project.graph.integer import integerize
from hls_project.graph.network_summary import FILE, NetworkSummary
from hls_project.overlay import boards
from hls_project.overlay.vivado import scripts
from hls_project.targets.rtl import core
from hls_project.targets.rtl.convert import write_rtl
from hls_project.targets.rtl.options import RtlOptions
from tests import models
from tests.front_ends import FRONT_ENDS, slang

TOP = "dtscnn_axi"
QUICK = ("mnist", "mnist-scnn")
OTHERS = [name for name in zoo.names() if name not in QUICK and zoo.find(name).model.is_file()]
SMALL = {"one class, RGB": ("1C1v-FC1", (3, 2, 3)), "pools that leave rows": ("2C3-P2-P2-FC2", (11, 9, 3))}

# Stands in for what Vitis HLS makes: its ports.
IP = """`default_nettype none
(* blackbox *)
module dtscnn (
    input  wire logic ap_clk,
    input  wire logic ap_rst_n,
    input  wire logic ap_start,
    output logic ap_done,
    output logic ap_idle,
    output logic ap_ready,
    input  wire logic [{pixel}:0] {image}_TDATA,
    input  wire logic {image}_TVALID,
    output logic {image}_TREADY,
    output logic [{beat}:0] {result}_TDATA,
    output logic {result}_TVALID,
    input  wire logic {result}_TREADY
);
endmodule
`default_nettype wire
"""


def handed(folder: Path, rtl: Path, network: NetworkSummary, pace: dict[str, int]) -> tuple[Path, list[str]]:
    """Write what Vivado is handed; return the folder and the sources in it."""
    around = shell(network, core.build_id(rtl), **pace)
    files = sorted(file for pattern in core.SOURCES for file in rtl.glob(pattern))
    sources = scripts.Sources((*files, *around.files()), around.parameters)
    scripts.write(folder / "vivado", sources, boards.find("pynq-z2"), 100.0)
    work = folder / "vivado"
    return work, sorted(path.name for path in work.iterdir() if path.suffix in (".sv", ".v"))


def rtl_of(name: str, folder: Path) -> tuple[Path, list[str]]:
    source = zoo.find(name).model if name not in SMALL else models.build(*SMALL[name])
    rtl = folder / "rtl"
    write_rtl(integerize(source), rtl, RtlOptions())
    return handed(folder, rtl, NetworkSummary.load(rtl / FILE), core.pace(rtl))


def problems(work: Path, files: list[str]) -> dict[str, str]:
    said = {name: front_end(work, files, TOP) for name, front_end in FRONT_ENDS.items()}
    return {name: text for name, text in said.items() if text}


@pytest.mark.parametrize(
    "name", [*SMALL, *QUICK, *(pytest.param(name, marks=pytest.mark.slow) for name in OTHERS)]
)
def test_three_front_ends_read_what_vivado_gets_of_target_rtl(name: str, tmp_path: Path) -> None:
    assert problems(*rtl_of(name, tmp_path)) == {}


def test_three_front_ends_read_what_vivado_gets_of_target_hls(tmp_path: Path) -> None:
    from hls_project.targets.hls.convert import write_project
    from hls_project.targets.hls.options import HlsOptions

    project, core_folder = tmp_path / "hls", tmp_path / "core"
    write_project(integerize(models.build("2C3-P2-FC3", (6, 6, 3))), project, HlsOptions())
    core_folder.mkdir()
    adapter = shutil.copy(project / "dtscnn_core.sv", core_folder)
    ports = [
        line.split("(")[0].strip() for line in Path(adapter).read_text().splitlines() if "_TDATA(" in line
    ]
    image, result = (port.removeprefix(".").removesuffix("_TDATA") for port in ports)
    network = NetworkSummary.load(project / FILE)
    beat = 32 * (len(network.classes) + 1) - 1
    pixel = 8 * network.input_shape[2] - 1
    ip = IP.format(image=image, result=result, beat=beat, pixel=pixel)
    (core_folder / "dtscnn.sv").write_text(ip)
    work, files = handed(tmp_path, core_folder, network, {})
    found = problems(work, files)
    # The stand-in for the IP has no inside.
    found["verilator"] = "\n".join(
        line
        for line in found.pop("verilator", "").splitlines()
        if "%Warning" in line and "dtscnn.sv" not in line
    )
    found["slang"] = found.pop("slang", "")
    assert {name: text for name, text in found.items() if text} == {}


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ("assign nowhere = 1'b1;", "nowhere"),
        ("logic [3:0] narrow; assign narrow = 8'd255;", "narrow|constant"),
        ("logic twice; assign twice = 1'b0; assign twice = 1'b1;", "twice"),
    ],
)
def test_slang_sees_what_is_wrong(tmp_path: Path, broken: str, word: str) -> None:
    (tmp_path / "a.sv").write_text(f"`default_nettype none\nmodule a;\n    {broken}\nendmodule\n")
    said = slang(tmp_path, ["a.sv"], "a")
    assert any(part in said for part in word.split("|")), said
