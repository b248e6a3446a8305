"""Write the hardware handoff (`.hwh`) of a recorded block design, with what pynq reads of one: CALLS FILE."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.board.vivado.block_design import BlockDesign, read_calls

RANGE = 0x10000
CLOCK = 100_000_000
_DEFAULTS = {"axi_dma": {"c_micro_dma": "0", "c_mm2s_burst_size": "16", "c_s2mm_burst_size": "16"}}


def write_handoff(calls: Path, target: Path) -> None:
    design = BlockDesign(read_calls(calls), target.resolve().parents[6] / "dtscnn_axi.v")
    root = ElementTree.Element("EDKSYSTEM")
    processor = design.cells["processor"]
    zynq7 = "processing_system7" in processor.ip
    ElementTree.SubElement(root, "SYSTEMINFO", NAME="overlay", ARCH="zynq" if zynq7 else "zynquplus")
    ElementTree.SubElement(root, "EXTERNALPORTS")
    modules = ElementTree.SubElement(root, "MODULES")
    bases = {segment.split("/")[0]: (segment, address) for _, segment, address in design.addresses}
    for name, cell in design.cells.items():
        kind = cell.ip.split(":")[-1]
        vlnv = f"xilinx.com:module_ref:{kind}:1.0" if cell.ip.startswith("module:") else f"{cell.ip}:7.1"
        module = ElementTree.SubElement(
            modules, "MODULE", FULLNAME=f"/{name}", INSTANCE=name, MODTYPE=kind, VLNV=vlnv
        )
        parameters = ElementTree.SubElement(module, "PARAMETERS")
        for key, value in {
            **cell.settings,
            **(_clock_parameters(zynq7) if cell is processor else {}),
            **(_dma_parameters(cell.settings) if name == "axi_dma_0" else {}),
        }.items():
            # Vivado writes the generics of an IP in capitals, and its settings as they are.
            for spelling in {key, key.upper() if key.startswith("c_") else key}:
                ElementTree.SubElement(parameters, "PARAMETER", NAME=spelling, VALUE=value)
        ports = ElementTree.SubElement(module, "PORTS")
        for pin in sorted(
            {end.split("/")[1] for net in design.nets for end in net if end.split("/")[0] == name}
        ):
            others = [(a, b) for a, b in design.nets if f"{name}/{pin}" in (a, b)]
            port = ElementTree.SubElement(
                ports, "PORT", NAME=pin, DIR="O" if others[0][0] == f"{name}/{pin}" else "I"
            )
            port.set("SIGNAME", others[0][0].replace("/", "_"))
            connections = ElementTree.SubElement(port, "CONNECTIONS")
            for source, sink in others:
                far = sink if source == f"{name}/{pin}" else source
                ElementTree.SubElement(
                    connections, "CONNECTION", INSTANCE=far.split("/")[0], PORT=far.split("/")[1]
                )
            if "clk" in pin.lower():
                port.set("CLKFREQUENCY", str(CLOCK))
        _add_interfaces(module, ports, design, name)
        if cell is processor:
            map_ = ElementTree.SubElement(module, "MEMORYMAP")
            for slave, (segment, address) in bases.items():
                ElementTree.SubElement(
                    map_,
                    "MEMRANGE",
                    INSTANCE=slave,
                    BASEVALUE=f"0x{address:08X}",
                    HIGHVALUE=f"0x{address + RANGE - 1:08X}",
                    SLAVEBUSINTERFACE=_interface(design, segment),
                    MASTERBUSINTERFACE=next(
                        m.split("/")[1] for m, s in design.interfaces if s == "control_bus/S00_AXI"
                    ),
                    ADDRESSBLOCK=segment.split("/")[2],
                    MEMTYPE="REGISTER",
                )
    target.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(target, encoding="UTF-8", xml_declaration=True)


def _add_interfaces(
    module: ElementTree.Element, ports: ElementTree.Element, design: BlockDesign, name: str
) -> None:
    """Add the interfaces of a cell, each with one signal that stands for all."""
    interfaces = ElementTree.SubElement(module, "BUSINTERFACES")
    pins = design.pins(design.cells[name])
    for kind, found, logical in (("MASTER", pins.masters, "ARADDR"), ("SLAVE", pins.slaves, "ARADDR")):
        for interface, protocol in found.items():
            ends = [pair for pair in design.interfaces if f"{name}/{interface}" in pair]
            bus = ends[0][0].replace("/", "_") if ends else "__NOC__"
            signal = logical if protocol == "aximm" else "TDATA"
            entry = ElementTree.SubElement(
                interfaces,
                "BUSINTERFACE",
                NAME=interface,
                BUSNAME=bus,
                TYPE=kind,
                VLNV=f"xilinx.com:interface:{protocol}:1.0",
            )
            maps = ElementTree.SubElement(entry, "PORTMAPS")
            physical = f"{interface}_{signal}".lower()
            ElementTree.SubElement(maps, "PORTMAP", LOGICAL=signal, PHYSICAL=physical)
            ElementTree.SubElement(
                ports, "PORT", NAME=physical, DIR="O" if kind == "MASTER" else "I", SIGNAME=f"{bus}_{signal}"
            )


def _interface(design: BlockDesign, segment: str) -> str:
    """Return the interface of a segment: its memory map may have the same name in capitals."""
    cell, map_, _ = segment.split("/")
    return next(name for name in design.pins(design.cells[cell]).slaves if name.lower() == map_.lower())


def _clock_parameters(zynq7: bool) -> dict[str, str]:
    """Return what Vivado works out by itself: the divisors of 1000 MHz."""
    if zynq7:
        found = {
            f"PCW_FCLK{clock}_PERIPHERAL_DIVISOR{index}": "1" for clock in range(4) for index in range(2)
        }
        found |= {f"PCW_FPGA_FCLK{clock}_ENABLE": "0" for clock in range(1, 4)}
        found |= {f"PCW_FCLK{clock}_PERIPHERAL_CLKSRC": "IO PLL" for clock in range(4)}
        return (
            found
            | {"PCW_FCLK0_PERIPHERAL_DIVISOR0": "5", "PCW_FCLK0_PERIPHERAL_DIVISOR1": "2"}
            | {"PCW_ACT_FPGA0_PERIPHERAL_FREQMHZ": "100.000000"}
        )
    found = {
        f"PSU__CRL_APB__PL{clock}_REF_CTRL__DIVISOR{index}": "1" for clock in range(4) for index in range(2)
    }
    found |= {f"PSU__FPGA_PL{clock}_ENABLE": "0" for clock in range(1, 4)}
    found |= {f"PSU__CRL_APB__PL{clock}_REF_CTRL__SRCSEL": "IOPLL" for clock in range(4)}
    return found | {
        "PSU__CRL_APB__PL0_REF_CTRL__DIVISOR0": "10",
        "PSU__CRL_APB__PL0_REF_CTRL__ACT_FREQMHZ": "100.000000",
    }


def _dma_parameters(settings: dict[str, str]) -> dict[str, str]:
    """Return what Vivado derives: the width of the stream of results from the one that is connected."""
    return {"c_s_axis_s2mm_tdata_width": settings["c_m_axi_s2mm_data_width"], "c_micro_dma": "0"}


if __name__ == "__main__":
    write_handoff(Path(sys.argv[1]), Path(sys.argv[2]))
