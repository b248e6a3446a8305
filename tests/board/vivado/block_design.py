"""A block design as the recorded commands of Vivado make it, and what is wrong with it.

What pins a cell has comes from the product guides of the IP (PG021 AXI DMA, PG099 interrupt controller, PG164 reset, PG247
SmartConnect, PG082 and PG201 processing systems); for the shell from its own Verilog file.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

Call = list[str]


class Pins(NamedTuple):
    """Pins and interfaces of a cell. Inputs and interfaces must be connected; outputs only where `needed`."""

    clocks: set[str] = set()
    resets: set[str] = set()
    inputs: set[str] = set()
    outputs: set[str] = set()
    needed: set[str] = set()
    masters: dict[str, str] = {}
    slaves: dict[str, str] = {}
    external: set[str] = set()


@dataclass
class Cell:
    name: str
    ip: str
    settings: dict[str, str] = field(default_factory=dict)


def read_calls(path: Path) -> list[Call]:
    return [line.split("\x1f") for line in path.read_text(encoding="utf-8").splitlines()]


class BlockDesign:
    """The design that `calls` make. shell: the Verilog file of the cell `dtscnn_0`."""

    def __init__(self, calls: list[Call], shell: Path):
        self.cells: dict[str, Cell] = {}
        self.nets: list[tuple[str, str]] = []
        self.interfaces: list[tuple[str, str]] = []
        self.external: list[str] = []
        self.addresses: list[tuple[str, str, int]] = []
        self.problems: list[str] = []
        self._shell = shell
        self._assigned_rest = False
        self._order = [call[0] for call in calls]
        for name, *words in calls:
            if reader := getattr(self, f"_read_{name}", None):
                reader(words)
        self._check()

    def _read_create_bd_cell(self, words: list[str]) -> None:
        options = dict(zip(words[:-1:2], words[1:-1:2], strict=True))
        name = words[-1]
        ip = (
            options["-vlnv"].removesuffix(":*")
            if options["-type"] == "ip"
            else f"module:{options['-reference']}"
        )
        if name in self.cells:
            self.problems.append(f"two cells are called {name}")
        self.cells[name] = Cell(name, ip)

    def _read_set_property(self, words: list[str]) -> None:
        if words[0] == "-dict" and words[-1] in self.cells:
            pairs = tcl_list(words[1])
            self.cells[words[-1]].settings.update(
                {
                    key.removeprefix("CONFIG."): value
                    for key, value in zip(pairs[::2], pairs[1::2], strict=True)
                }
            )

    def _read_connect_bd_net(self, words: list[str]) -> None:
        self.nets.append((words[0], words[1]))

    def _read_connect_bd_intf_net(self, words: list[str]) -> None:
        self.interfaces.append((words[0], words[1]))

    def _read_make_bd_intf_pins_external(self, words: list[str]) -> None:
        self.external += words

    def _read_assign_bd_address(self, words: list[str]) -> None:
        if not words:
            self._assigned_rest = True
            return
        options = dict(zip(words[:-1:2], words[1:-1:2], strict=True))
        self.addresses.append((options["-target_address_space"], words[-1], int(options["-offset"], 16)))
        if self._assigned_rest:
            self.problems.append(f"{words[-1]} is assigned after everything was")

    def pins(self, cell: Cell) -> Pins:
        found = _PINS.get(cell.ip)
        if cell.ip.startswith("module:"):
            return _module_pins(self._shell, cell.ip.removeprefix("module:"))
        if found is None:
            self.problems.append(f"{cell.name}: unknown IP {cell.ip}")
            return Pins()
        return found(cell.settings) if callable(found) else found

    def _check(self) -> None:
        pins = {name: self.pins(cell) for name, cell in self.cells.items()}
        drivers = {f"{cell}/{pin}" for cell, has in pins.items() for pin in has.outputs}
        loads = {
            f"{cell}/{pin}" for cell, has in pins.items() for pin in has.clocks | has.resets | has.inputs
        }
        needed = {f"{cell}/{pin}" for cell, has in pins.items() for pin in has.needed}
        for source, sink in self.nets:
            if source not in drivers:
                self.problems.append(f"{source} drives a net and is no output")
            if sink not in loads:
                self.problems.append(f"{sink} is driven and is no input")
        driven = Counter(sink for _, sink in self.nets)
        self.problems += [
            f"{pin} is connected {driven[pin]} times" for pin in sorted(loads) if driven[pin] != 1
        ]
        used = {source for source, _ in self.nets}
        self.problems += [f"{pin} is not connected" for pin in sorted(needed - used)]
        self._check_clocks_and_resets(pins)
        self._check_interfaces(pins)
        self._check_addresses()
        expected = [
            "create_bd_design",
            "validate_bd_design",
            "save_bd_design",
            "generate_target",
            "synth_design",
        ]
        if [name for name in self._order if name in expected] != expected:
            self.problems.append(
                "the design is not made, validated, saved, generated and synthesized in this order"
            )

    def _check_clocks_and_resets(self, pins: dict[str, Pins]) -> None:
        sources = {sink: source for source, sink in self.nets}
        for kind in ("clocks", "resets"):
            found = {sources.get(f"{cell}/{pin}") for cell, has in pins.items() for pin in getattr(has, kind)}
            if len(found) != 1:
                self.problems.append(f"{kind} come from {sorted(map(str, found))}")

    def _check_interfaces(self, pins: dict[str, Pins]) -> None:
        masters = {f"{cell}/{pin}": kind for cell, has in pins.items() for pin, kind in has.masters.items()}
        slaves = {f"{cell}/{pin}": kind for cell, has in pins.items() for pin, kind in has.slaves.items()}
        for master, slave in self.interfaces:
            if masters.get(master) is None or masters.get(master) != slaves.get(slave):
                self.problems.append(f"{master} and {slave} cannot be connected")
        times = Counter(end for pair in self.interfaces for end in pair)
        self.problems += [
            f"{end} is connected {times[end]} times" for end in sorted([*masters, *slaves]) if times[end] != 1
        ]
        leaving = Counter(self.external)
        for cell, has in pins.items():
            self.problems += [
                f"{cell}/{pin} leaves the chip {leaving[f'{cell}/{pin}']} times"
                for pin in sorted(has.external)
                if leaving[f"{cell}/{pin}"] != 1
            ]

    def _check_addresses(self) -> None:
        wanted = {"axi_dma_0/S_AXI_LITE/Reg", "axi_intc_0/S_AXI/Reg", "dtscnn_0/s_axi_lite/reg0"}
        times = Counter(segment for _, segment, _ in self.addresses)
        self.problems += [
            f"{one} has {times[one]} addresses" for one in sorted(wanted | set(times)) if times[one] != 1
        ]
        values = [address for _, _, address in self.addresses]
        if len(set(values)) != len(values) or any(value % 0x10000 for value in values):
            self.problems.append(f"addresses overlap: {[hex(value) for value in values]}")
        if not self._assigned_rest:
            self.problems.append("the DMA's memory has no addresses")
        if {space for space, _, _ in self.addresses} - {"processor/Data"}:
            self.problems.append("registers must be in the processor's address space")


def tcl_list(text: str) -> list[str]:
    """Return the elements of a Tcl list whose elements have at most one level of braces."""
    return [braced or plain for braced, plain in re.findall(r"\{([^}]*)\}|(\S+)", text)]


def _smartconnect(settings: dict[str, str]) -> Pins:
    return Pins(
        clocks={"aclk"},
        resets={"aresetn"},
        slaves={f"S{index:02}_AXI": "aximm" for index in range(int(settings.get("NUM_SI", 1)))},
        masters={f"M{index:02}_AXI": "aximm" for index in range(int(settings.get("NUM_MI", 1)))},
    )


def _concat(settings: dict[str, str]) -> Pins:
    return Pins(
        inputs={f"In{index}" for index in range(int(settings["NUM_PORTS"]))},
        outputs={"dout"},
        needed={"dout"},
    )


def _dma(settings: dict[str, str]) -> Pins:
    assert settings["c_include_sg"] == "0"
    outputs = {"mm2s_introut", "s2mm_introut", "mm2s_prmry_reset_out_n", "s2mm_prmry_reset_out_n"}
    return Pins(
        clocks={"s_axi_lite_aclk", "m_axi_mm2s_aclk", "m_axi_s2mm_aclk"},
        resets={"axi_resetn"},
        outputs=outputs,
        needed={"mm2s_introut", "s2mm_introut"},
        masters={"M_AXI_MM2S": "aximm", "M_AXI_S2MM": "aximm", "M_AXIS_MM2S": "axis"},
        slaves={"S_AXI_LITE": "aximm", "S_AXIS_S2MM": "axis"},
    )


def _zynq7(settings: dict[str, str]) -> Pins:
    """Pins appear as they are switched on."""
    gp, hp = settings.get("PCW_USE_M_AXI_GP0") == "1", settings.get("PCW_USE_S_AXI_HP0") == "1"
    clock = settings.get("PCW_FPGA_FCLK0_ENABLE") == "1"
    return Pins(
        clocks=_if(gp, "M_AXI_GP0_ACLK") | _if(hp, "S_AXI_HP0_ACLK"),
        inputs=_if(
            settings.get("PCW_USE_FABRIC_INTERRUPT") == "1" and settings.get("PCW_IRQ_F2P_INTR") == "1",
            "IRQ_F2P",
        ),
        outputs=_if(clock, "FCLK_CLK0") | _if(clock, "FCLK_RESET0_N"),
        needed=_if(clock, "FCLK_CLK0") | _if(clock, "FCLK_RESET0_N"),
        masters=dict.fromkeys(_if(gp, "M_AXI_GP0"), "aximm"),
        slaves=dict.fromkeys(_if(hp, "S_AXI_HP0"), "aximm"),
        external={"DDR", "FIXED_IO"},
    )


def _zynqmp(settings: dict[str, str]) -> Pins:
    """Pins appear as they are switched on; two masters are on unless they are switched off."""
    use = {
        name: settings.get(f"PSU__USE__{name}", default) == "1" for name, default in _ZYNQMP_DEFAULTS.items()
    }
    masters = {"M_AXI_GP0": "M_AXI_HPM0_FPD", "M_AXI_GP1": "M_AXI_HPM1_FPD", "M_AXI_GP2": "M_AXI_HPM0_LPD"}
    clocks = {
        "M_AXI_GP0": "maxihpm0_fpd_aclk",
        "M_AXI_GP1": "maxihpm1_fpd_aclk",
        "M_AXI_GP2": "maxihpm0_lpd_aclk",
    }
    clocks["S_AXI_GP2"] = "saxihp0_fpd_aclk"
    clock = settings.get("PSU__FPGA_PL0_ENABLE") == "1"
    reset = settings.get("PSU__USE__FABRIC__RST") == "1"
    return Pins(
        clocks={pin for name, pin in clocks.items() if use[name]},
        inputs=_if(use["IRQ0"], "pl_ps_irq0"),
        outputs=_if(clock, "pl_clk0") | _if(reset, "pl_resetn0"),
        needed=_if(clock, "pl_clk0") | _if(reset, "pl_resetn0"),
        masters={pin: "aximm" for name, pin in masters.items() if use[name]},
        slaves=dict.fromkeys(_if(use["S_AXI_GP2"], "S_AXI_HP0_FPD"), "aximm"),
    )


_ZYNQMP_DEFAULTS = {"M_AXI_GP0": "1", "M_AXI_GP1": "1", "M_AXI_GP2": "0", "S_AXI_GP2": "0", "IRQ0": "0"}


def _if(condition: bool, name: str) -> set[str]:
    return {name} if condition else set()


def _module_pins(path: Path, module: str) -> Pins:
    """Return the pins of a Verilog module; ports with the prefix of an AXI interface belong to it."""
    text = path.read_text()
    assert f"module {module} (" in text
    ports = re.findall(r"^\s*(?:input|output)\s+wire\s+(?:\[[^]]*\]\s*)?(\w+)", text, re.MULTILINE)
    prefixes = {"s_axis": "axis", "m_axis": "axis", "s_axi_lite": "aximm"}
    interfaces = {prefix for port in ports for prefix in prefixes if port.startswith(f"{prefix}_")}
    single = {port for port in ports if not port.startswith(tuple(f"{prefix}_" for prefix in prefixes))}
    return Pins(
        clocks={pin for pin in single if "clk" in pin},
        resets={pin for pin in single if "reset" in pin},
        masters={name: prefixes[name] for name in interfaces if name.startswith("m_")},
        slaves={name: prefixes[name] for name in interfaces if name.startswith("s_")},
    )


_PINS = {
    "xilinx.com:ip:axi_dma": _dma,
    "xilinx.com:ip:axi_intc": Pins(
        clocks={"s_axi_aclk"},
        resets={"s_axi_aresetn"},
        inputs={"intr"},
        outputs={"irq"},
        needed={"irq"},
        slaves={"s_axi": "aximm"},
    ),
    "xilinx.com:ip:proc_sys_reset": Pins(
        clocks={"slowest_sync_clk"},
        inputs={"ext_reset_in"},
        outputs={
            "peripheral_aresetn",
            "interconnect_aresetn",
            "peripheral_reset",
            "bus_struct_reset",
            "mb_reset",
        },
        needed={"peripheral_aresetn"},
    ),
    "xilinx.com:ip:smartconnect": _smartconnect,
    "xilinx.com:ip:xlconcat": _concat,
    "xilinx.com:ip:processing_system7": _zynq7,
    "xilinx.com:ip:zynq_ultra_ps_e": _zynqmp,
}
