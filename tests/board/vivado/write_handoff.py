"""Write the hardware handoff (`.hwh`) of a recorded block design, with what pynq reads of one: CALLS FILE."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[3]))

from tests.board.vivado.block_design import BlockDesign, read_calls

RANGE = 0x10000
CLOCK = 100_000_000


def write_handoff(calls: Path, target: Path) -> None:
    design = BlockDesign(read_calls(calls), target.resolve().parents[6] / "dtscnn_axi.v")
    root = ElementTree.Element("EDKSYSTEM")
    processor = design.cells["processor"]
    zynq7 = "processing_system7" in processor.ip
    ElementTree.SubElement(root, "SYSTEMINFO", ARCH="zynq" if zynq7 else "zynquplus")
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
        for key, value in {**cell.settings, **(_clock_parameters(zynq7) if cell is processor else {})}.items():
            # Vivado writes the generics of an IP in capitals.
            ElementTree.SubElement(parameters, "PARAMETER", NAME=key.upper() if key.startswith("c_") else key, VALUE=value)
        ports = ElementTree.SubElement(module, "PORTS")
        for pin in sorted({end.split("/")[1] for net in design.nets for end in net if end.split("/")[0] == name}):
            sources = [source for source, sink in design.nets if f"{name}/{pin}" in (source, sink)]
            port = ElementTree.SubElement(ports, "PORT", NAME=pin, DIR="I", SIGNAME=sources[0].replace("/", "_"))
            if "clk" in pin.lower():
                port.set("CLKFREQUENCY", str(CLOCK))
        if cell is processor:
            map_ = ElementTree.SubElement(module, "MEMORYMAP")
            for slave, (segment, address) in bases.items():
                ElementTree.SubElement(
                    map_,
                    "MEMRANGE",
                    INSTANCE=slave,
                    BASEVALUE=f"0x{address:08X}",
                    HIGHVALUE=f"0x{address + RANGE - 1:08X}",
                    SLAVEBUSINTERFACE=segment.split("/")[1],
                    MEMTYPE="REGISTER",
                )
    target.parent.mkdir(parents=True, exist_ok=True)
    ElementTree.ElementTree(root).write(target, encoding="UTF-8", xml_declaration=True)


def _clock_parameters(zynq7: bool) -> dict[str, str]:
    """Return what Vivado works out by itself: the divisors of 1000 MHz."""
    if zynq7:
        found = {f"PCW_FCLK{clock}_PERIPHERAL_DIVISOR{index}": "1" for clock in range(4) for index in range(2)}
        found |= {f"PCW_FPGA_FCLK{clock}_ENABLE": "0" for clock in range(1, 4)}
        return found | {"PCW_FCLK0_PERIPHERAL_DIVISOR0": "5", "PCW_FCLK0_PERIPHERAL_DIVISOR1": "2"}
    found = {f"PSU__CRL_APB__PL{clock}_REF_CTRL__DIVISOR{index}": "1" for clock in range(4) for index in range(2)}
    found |= {f"PSU__FPGA_PL{clock}_ENABLE": "0" for clock in range(1, 4)}
    return found | {"PSU__CRL_APB__PL0_REF_CTRL__DIVISOR0": "10"}


if __name__ == "__main__":
    write_handoff(Path(sys.argv[1]), Path(sys.argv[2]))
