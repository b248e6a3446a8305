"""Bitstreams and handoffs of real boards, as Vivado made them for PYNQ's own overlays."""

from __future__ import annotations

import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from board import clock
from dt_scnn.errors import FlowError
from hls_project.overlay import boards
from hls_project.overlay.vivado import bitfile, handoff
from tests.board.releases.sources import fetch

OVERLAYS = {
    "Pynq-Z1/base/base": "pynq-z1",
    "Pynq-Z1/logictools/logictools": "pynq-z1",
    "Pynq-Z2/base/base": "pynq-z2",
    "Pynq-Z2/logictools/logictools": "pynq-z2",
    "ZCU104/base/base": "zcu104",
}
# What these overlays have otherwise, and no boot image depends on: their own ports, clocks, and the memory's name.
OWN = (
    "PCW_USE_",
    "PCW_S_AXI_",
    "PCW_IRQ",
    "PSU__USE__",
    "PSU__MAXI",
    "PSU__SAXI",
    "PSU__CRL_APB__PL0",
    "PSU__FPGA_PL",
)
OWN += ("PCW_UIPARAM_DDR_PARTNO",)


@pytest.fixture(params=[("3.0.1", name) for name in OVERLAYS], ids=lambda param: f"{param[0]}-{param[1]}")
def genuine(request: pytest.FixtureRequest, cache: Path) -> tuple[Path, boards.Board]:
    release, name = request.param
    return fetch(release, cache) / "boards" / name, boards.find(OVERLAYS[name])


def parameters(path: Path, kind: str) -> list[dict[str, str]]:
    modules = [
        module for module in ElementTree.parse(path).getroot().iter("MODULE") if module.get("MODTYPE") == kind
    ]
    return [
        {entry.get("NAME", ""): entry.get("VALUE", "") for entry in module.iter("PARAMETER")}
        for module in modules
    ]


def test_the_header_of_a_real_bitstream_is_read(genuine: tuple[Path, boards.Board]) -> None:
    path, board = genuine
    header = bitfile.check(path.with_suffix(".bit"), board.part)
    assert header.size > 4_000_000 and header.size % 4 == 0
    other = boards.find("kv260" if board.name != "kv260" else "zcu104")
    with pytest.raises(FlowError, match=f"is for part .*, not for {other.part}"):
        bitfile.check(path.with_suffix(".bit"), other.part)


def test_a_real_handoff_of_another_design_is_named(genuine: tuple[Path, boards.Board]) -> None:
    path, board = genuine
    with pytest.raises(FlowError, match=r"type of axi_dma_0 is nothing, not axi_dma"):
        handoff.check(path.with_suffix(".hwh"), board, 32)


def test_the_parameters_that_are_checked_are_there_in_real_handoffs(
    genuine: tuple[Path, boards.Board],
) -> None:
    path, _ = genuine
    found = parameters(path.with_suffix(".hwh"), "axi_dma")
    wanted = {*handoff._DMA, *handoff._WIDTHS, "c_addr_width"}
    assert all(wanted <= set(dma) for dma in found)


def test_the_boards_pll_is_that_of_the_boot_image(genuine: tuple[Path, boards.Board]) -> None:
    path, board = genuine
    found = handoff.pll(path.with_suffix(".hwh"))
    # ZCU104: the clock comes from the other PLL there, which is as fast.
    assert found == pytest.approx(board.processor.pll_mhz, rel=clock.ROUNDING)
    kind = board.processor.ip.split(":")[-1]
    (processor,) = parameters(path.with_suffix(".hwh"), kind)
    for name, value in board.processor.settings.items():
        if not name.startswith(OWN):
            assert processor.get(name) == value, name


def test_the_driver_makes_the_divisors_of_real_overlays(genuine: tuple[Path, boards.Board]) -> None:
    path, board = genuine
    (processor,) = parameters(path.with_suffix(".hwh"), board.processor.ip.split(":")[-1])
    if board.processor.ip.endswith("processing_system7"):
        theirs = [int(processor[f"PCW_FCLK0_PERIPHERAL_DIVISOR{index}"]) for index in (0, 1)]
        timed = float(processor["PCW_ACT_FPGA0_PERIPHERAL_FREQMHZ"])
    else:
        theirs = [int(processor[f"PSU__CRL_APB__PL0_REF_CTRL__DIVISOR{index}"]) for index in (0, 1)]
        timed = float(processor["PSU__CRL_APB__PL0_REF_CTRL__ACT_FREQMHZ"])
    source = handoff.pll(path.with_suffix(".hwh"))
    assert source is not None
    first, second = clock.divisors(source, timed)
    assert first * second == theirs[0] * theirs[1]
    assert source / (first * second) == pytest.approx(timed, rel=clock.ROUNDING)


@pytest.mark.slow
def test_pynq_reads_the_clocks_of_a_zynq7_handoff_as_the_driver_expects(
    genuine: tuple[Path, boards.Board],
) -> None:
    """Divisors, and in 4.0 a frequency, which may be None: see `DTSCNNOverlay.download`."""
    path, board = genuine
    code = (
        "import sys\nfrom pynqmetadata.frontends import Metadata\n"
        "from pynq.metadata.runtime_metadata_parser import RuntimeMetadataParser\n"
        "found = RuntimeMetadataParser(Metadata(input=sys.argv[1])).clock_dict[0]\n"
        "print(found['enable'], found['divisor0'] * found['divisor1'], found.get('frequency'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(path.with_suffix(".hwh"))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    enabled, product, frequency = done.stdout.split()[-3:]
    assert enabled == "1" and int(product) in (10, 15)
    assert frequency == "None" or float(frequency) == pytest.approx(100.0, rel=1e-4)
