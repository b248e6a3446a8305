"""The hardware handoff (`.hwh`): what pynq will read of the block design, checked before it meets a board."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping
from pathlib import Path

from dt_scnn.errors import FlowError
from hls_project.overlay.boards import Board

_DMA = {
    "c_include_sg": "0",
    "c_sg_length_width": "26",
    "c_include_mm2s": "1",
    "c_include_s2mm": "1",
    "c_include_mm2s_dre": "0",
    "c_include_s2mm_dre": "0",
    "c_micro_dma": "0",
}
_WIDTHS = (
    "c_m_axi_mm2s_data_width",
    "c_m_axis_mm2s_tdata_width",
    "c_m_axi_s2mm_data_width",
    "c_s_axis_s2mm_tdata_width",
)
"""Of the streams and of the memory accesses behind them: without realignment, data of one width passes as it is."""

_PROCESSORS = ("processing_system7", "zynq_ultra_ps_e")


def check(path: Path, board: Board, bus_bits: int) -> float:
    """Check that the driver will find DMA, interrupt controller and shell, at their addresses and connected.

    Return the clock of the shell in MHz, as the processing system can make it.

    Raises:
        FlowError: the file is missing, cut off, or of another design; the message says what was expected.
    """
    root = _parsed(path)
    modules = {module.get("FULLNAME", "").lstrip("/"): module for module in root.iter("MODULE")}
    kinds = {"axi_dma_0": "axi_dma", "axi_intc_0": "axi_intc", "dtscnn_0": "dtscnn_axi"}
    for name, kind in kinds.items():
        found = modules[name].get("MODTYPE") if name in modules else "nothing"
        _expect(path, f"type of {name}", found, kind)
    widths = dict.fromkeys(_WIDTHS, str(bus_bits)) | {"c_addr_width": str(board.address_bits)}
    _expect_parameters(path, modules["axi_dma_0"], _DMA | widths)
    for name, address in board.addresses.items():
        bases = {
            _address(path, entry.get("BASEVALUE", "-1"))
            for entry in root.iter("MEMRANGE")
            if entry.get("INSTANCE") == modules[name].get("INSTANCE")
        }
        _expect(path, f"address of {name}", ", ".join(map(hex, sorted(bases))), hex(int(address, 16)))
    for name, pin in (
        ("axi_dma_0", "mm2s_introut"),
        ("axi_dma_0", "s2mm_introut"),
        ("axi_intc_0", "irq"),
        ("dtscnn_0", "aclk"),
        ("dtscnn_0", "aresetn"),
    ):
        port = modules[name].find(f"./PORTS/PORT[@NAME='{pin}']")
        if port is None or not port.get("SIGNAME") or port.get("SIGNAME") == "__NOC__":
            raise FlowError(f"{path}: {name}/{pin} is not connected")
    clock = modules["dtscnn_0"].find("./PORTS/PORT[@NAME='aclk']")
    frequency = clock.get("CLKFREQUENCY", "") if clock is not None else ""
    if not re.fullmatch(r"[0-9]{1,18}", frequency) or int(frequency) == 0:
        raise FlowError(f"{path}: the clock of dtscnn_0 has no frequency")
    return int(frequency) / 1e6


def pll(path: Path) -> float | None:
    """Return the frequency in MHz of the PLL that the clock of the programmable logic comes from, as Vivado assumes it.

    None where the file does not say it.

    Raises:
        FlowError: the file is missing or cut off.
    """
    for module in _parsed(path).iter("MODULE"):
        if module.get("MODTYPE") in _PROCESSORS:
            found = {entry.get("NAME"): entry.get("VALUE", "") for entry in module.iter("PARAMETER")}
            return _pll_zynq7(found) if module.get("MODTYPE") == _PROCESSORS[0] else _pll_zynqmp(found)
    return None


def _pll_zynq7(found: Mapping[str | None, str]) -> float | None:
    source = found.get("PCW_FCLK0_PERIPHERAL_CLKSRC", "")
    name = {
        "IO PLL": "PCW_IO_IO_PLL_FREQMHZ",
        "ARM PLL": "PCW_CPU_CPU_PLL_FREQMHZ",
        "DDR PLL": "PCW_DDR_DDR_PLL_FREQMHZ",
    }.get(source)
    return _number(found.get(name))


def _pll_zynqmp(found: Mapping[str | None, str]) -> float | None:
    source = found.get("PSU__CRL_APB__PL0_REF_CTRL__SRCSEL", "")
    control = {"IOPLL": "CRL_APB__IOPLL", "RPLL": "CRL_APB__RPLL", "DPLL": "CRF_APB__DPLL"}.get(source)
    crystal = _number(found.get("PSU__PSS_REF_CLK__FREQMHZ"))
    feedback = _number(found.get(f"PSU__{control}_CTRL__FBDIV"))
    halved = found.get(f"PSU__{control}_CTRL__DIV2")
    if crystal is None or feedback is None or halved not in ("0", "1"):
        return None
    return crystal * feedback / (2 if halved == "1" else 1)


def _address(path: Path, text: str) -> int:
    try:
        return int(text, 16)
    except ValueError as error:
        raise FlowError(f"{path}: the address {text[:40]!r} is no hexadecimal number") from error


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:
        return None


def _parsed(path: Path) -> ElementTree.Element:
    try:
        text = path.read_text(errors="replace")
    except FileNotFoundError:
        raise FlowError(f"Vivado wrote no {path.name}, though it reports success") from None
    if "<!ENTITY" in text:
        raise FlowError(f"{path} defines XML entities, which Vivado never does")
    try:
        return ElementTree.fromstring(text)
    except (ElementTree.ParseError, LookupError, ValueError) as error:
        raise FlowError(f"{path} is cut off or no XML: {error}") from error


def _expect_parameters(path: Path, module: ElementTree.Element, wanted: Mapping[str, str]) -> None:
    # The file has each of these in capitals too; pynq reads the small ones.
    found = {entry.get("NAME"): entry.get("VALUE") for entry in module.iter("PARAMETER")}
    for name, value in wanted.items():
        _expect(path, f"{module.get('FULLNAME')} {name}", found.get(name), value)


def _expect(path: Path, what: str, found: str | None, wanted: str) -> None:
    if found != wanted:
        raise FlowError(f"{path}: {what} is {found}, not {wanted}")
