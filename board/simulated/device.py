"""The simulated board as a `pynq` device: `pynq.Overlay`, `pynq.lib.dma.DMA` and `pynq.allocate` run on it as they are."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Optional

from pynq.pl_server.device import Device

from ..errors import BoardError
from ..manifest import Manifest
from ..registers import REGISTERS
from . import LIBRARY
from . import clocks as processor
from .clocks import ClockRegisters, ProcessorClocks
from .dma import SimulatedDma
from .hardware import Fault, Hardware, Transfer
from .interrupts import InterruptController, UserInterrupt
from .memory import ContiguousMemory

DMA_ADDRESS, CONTROLLER_ADDRESS, SHELL_ADDRESS, SPAN = 0x40400000, 0x41800000, 0x43C00000, 0x10000
INTERRUPT_LINES = (61, 121)
"""The first line from the programmable logic, as Linux numbers it: of Zynq, and of Zynq UltraScale+."""

LENGTH_BITS = 26
MEMORY_BYTES = 128 << 20
STALL_CYCLES = 500_000
"""Clock cycles without a byte, in or out, from which a transfer may count as stalled."""

SPAN_CYCLES = 40_000
"""Clock cycles in which the clock is measured."""


class SimulatedBoard(Device):
    """A board in software. Until `close` it is pynq's active device, as the only board of a system is.

    hardware: has `read`, `write`, `run`, `reset`, `withdraw`, `close`, as `Hardware` has. memory_bytes: contiguous memory.
    """

    def __init__(self, manifest: Manifest, hardware: Any, memory_bytes: int = MEMORY_BYTES):
        super().__init__("dtscnn-simulated")
        self.name = f"simulated {manifest.board}"
        self.capabilities = {"REGISTER_RW": True}
        self.default_memory = ContiguousMemory(self, memory_bytes)
        self._manifest = manifest
        self._hardware = hardware
        self._lock = threading.RLock()
        self._dma = SimulatedDma(hardware, self.default_memory, LENGTH_BITS)
        self._wrong_build_id = False
        self._last_moved, self._quiet_since, self._looks = (0, 0, 0), 0, 0
        self._controller = InterruptController(lambda: self._dma.interrupts)
        self._interrupt = UserInterrupt(self._interrupted)
        self._interrupt.attach(INTERRUPT_LINES)
        self._clocks = ClockRegisters(self._cycles)
        self._active_before: Optional[Device] = getattr(Device, "_active_device", None)
        Device.active_device = self
        self._processor_clocks = ProcessorClocks()

    @classmethod
    def open(cls, manifest: Manifest, seed: int = 1) -> SimulatedBoard:
        """Return the board that an overlay of kind "simulated" is for.

        Raises:
            BoardError: the overlay is a real board's, or its library is missing.
        """
        if manifest.kind != "simulated":
            raise BoardError(
                f"{manifest.path.name} is of a real {manifest.board}; the simulated board takes the overlay that "
                "`python -m hls_project simulate-board` makes"
            )
        library = manifest.path.with_name(LIBRARY)
        if not Path(library).is_file():
            raise BoardError(f"{library} is missing; `python -m hls_project simulate-board` makes it")
        return cls(manifest, Hardware(library, seed))

    @property
    def span(self) -> float:
        """Seconds of simulated time in which the clock is measured: the simulation is slow."""
        return SPAN_CYCLES / (self._manifest.clock_mhz * 1e6)

    @property
    def simulated_mhz(self) -> float:
        """What the programmable logic runs at, by PLL and divisors."""
        return self._clocks.mhz

    def seconds(self) -> float:
        """Return the simulated time, by the cycles that went by and the clock that is set."""
        with self._lock:
            return self._clocks.seconds()

    def moved(self) -> tuple[int, ...]:
        """Return what changes as long as a transfer is not to be called stalled.

        It is the bytes that went in and came out, and, until `STALL_CYCLES` have gone by without any, a count: a large core
        may take seconds of wall clock between two bytes, and a busy machine makes few cycles in the time of a limit.
        """
        with self._lock:
            bytes_moved, cycles = self._dma.moved, self._dma.cycles
            last = (self._dma.begun, *bytes_moved)  # what an earlier transfer took does not count
            if last != self._last_moved:
                self._last_moved, self._quiet_since = last, cycles
            if cycles - self._quiet_since < STALL_CYCLES:
                self._looks += 1
            return (*bytes_moved, self._looks)

    def sleep(self, seconds: float) -> None:
        """Let simulated time go by."""
        with self._lock:
            self._hardware.run(Transfer(), max(1, round(seconds * self._clocks.mhz * 1e6)))

    def inject(self, fault: Optional[Fault]) -> None:
        """Let a fault happen in the next transfer; None clears what did not happen yet."""
        with self._lock:
            self._wrong_build_id = fault == Fault.WRONG_BUILD_ID
            self._dma.fault = None if fault == Fault.WRONG_BUILD_ID else fault

    def download(self, bitstream: Any, parser: Any = None) -> None:
        """Reset the simulated logic: its bitstream is loaded."""
        with self._lock:
            self._clocks.seconds()
            self._hardware.reset()
        self.post_download(bitstream, parser)

    def get_bitfile_metadata(self, bitfile_name: str, **unused: Any) -> Any:
        """Return what the `.hwh` of a real bitstream says of the block design."""
        found = parsed(block_design(self._manifest))
        found.clock_dict = {0: _clock_entry()}
        return found

    def read_registers(self, address: int, length: int) -> bytes:
        """Read one 32-bit register."""
        with self._lock:
            value = self._on_bus(
                address, self._dma.read, self._controller.read, self._read_shell, self._clocks.read
            )
            return int(value).to_bytes(4, "little")

    def write_registers(self, address: int, data: bytes) -> None:
        """Write one 32-bit register."""
        value = int.from_bytes(bytes(data)[:4], "little")
        with self._lock:
            self._on_bus(
                address,
                lambda offset: self._dma.write(offset, value),
                lambda offset: self._controller.write(offset, value),
                lambda offset: self._hardware.write(offset, value),
                lambda offset: self._clocks.write(offset, value),
            )

    def flush(self, bo: int, offset: int, virtual_address: int, length: int) -> None:
        """Write cached bytes to memory, where the DMA reads them."""
        self.default_memory.flush(bo, offset, length)

    def invalidate(self, bo: int, offset: int, virtual_address: int, length: int) -> None:
        """Drop cached bytes: the next access reads what the DMA wrote."""
        self.default_memory.invalidate(bo, offset, length)

    def close(self) -> None:
        """Free the simulation; closing twice is fine."""
        with self._lock:
            if self._hardware is not None:
                self._hardware.close()
                self._hardware = None
        self._interrupt.detach()
        self._processor_clocks.detach()
        if Device._active_device is self:
            Device._active_device = self._active_before
            if self._active_before is None:
                del Device._active_device

    def _interrupted(self) -> bool:
        """Let time go by, and say whether the processor is interrupted; a closed board wakes everybody up."""
        with self._lock:
            if self._hardware is None:
                return True
            self._dma.advance()
            return self._controller.irq

    def _cycles(self) -> int:
        """Cycles since the programmable logic was reset."""
        if self._hardware is None:
            return 0
        low = int(self._hardware.read(REGISTERS["CYCLES_LOW"]))
        return int(self._hardware.read(REGISTERS["CYCLES_HIGH"])) << 32 | low

    def _read_shell(self, offset: int) -> int:
        value = int(self._hardware.read(offset))
        return value ^ 1 if self._wrong_build_id and offset == 0x08 else value

    def _on_bus(
        self,
        address: int,
        dma: Callable[[int], Any],
        controller: Callable[[int], Any],
        shell: Callable[[int], Any],
        clocks: Callable[[int], Any],
    ) -> Any:
        if self._hardware is None:
            raise BoardError("the simulated board was closed")
        if 0 <= address - DMA_ADDRESS < SPAN:
            return dma(address - DMA_ADDRESS)
        if 0 <= address - SHELL_ADDRESS < SPAN:
            return shell(address - SHELL_ADDRESS)
        if 0 <= address - CONTROLLER_ADDRESS < SPAN:
            return controller(address - CONTROLLER_ADDRESS)
        if 0 <= address - processor.BASE < processor.SPAN:
            return clocks(address - processor.BASE)
        raise BoardError(f"there is nothing at address 0x{address:08x}")


def parsed(ip_dict: dict[str, Any]) -> SimpleNamespace:
    """Return what pynq's parser makes of a `.hwh` with these cores and nothing else."""
    return SimpleNamespace(
        ip_dict=ip_dict,
        gpio_dict={},
        interrupt_controllers={"axi_intc_0": {"parent": "", "index": 0, "raw_irq": INTERRUPT_LINES[0]}},
        interrupt_pins={pin["fullpath"]: pin for ip in ip_dict.values() for pin in ip["interrupts"].values()},
        hierarchy_dict={},
        mem_dict={},
        clock_dict={},
        systemgraph=None,
    )


def block_design(manifest: Manifest) -> dict[str, Any]:
    """Return DMA, interrupt controller and shell as pynq's `ip_dict` has them."""
    width = str(manifest.bus_bits)
    dma = {
        "C_INCLUDE_MM2S": "1",
        "C_INCLUDE_S2MM": "1",
        "C_INCLUDE_SG": "0",
        "C_M_AXI_MM2S_DATA_WIDTH": width,
        "C_M_AXI_S2MM_DATA_WIDTH": width,
        "C_SG_LENGTH_WIDTH": str(LENGTH_BITS),
        "C_INCLUDE_MM2S_DRE": "0",
        "C_INCLUDE_S2MM_DRE": "0",
        "C_MICRO_DMA": "0",
        "C_ADDR_WIDTH": "32",
    }
    dma.update({name.lower(): value for name, value in list(dma.items())})
    found = {
        "axi_dma_0": _ip("axi_dma_0", "xilinx.com:ip:axi_dma:7.1", DMA_ADDRESS, dma),
        "axi_intc_0": _ip("axi_intc_0", "xilinx.com:ip:axi_intc:4.1", CONTROLLER_ADDRESS, {}),
        "dtscnn_0": _ip("dtscnn_0", "xilinx.com:module_ref:dtscnn_axi:1.0", SHELL_ADDRESS, {}),
    }
    found["axi_dma_0"]["interrupts"] = {
        pin: {"controller": "axi_intc_0", "index": index, "fullpath": f"axi_dma_0/{pin}"}
        for index, pin in enumerate(("mm2s_introut", "s2mm_introut"))
    }
    return found


def _clock_entry() -> dict[str, Any]:
    """Return the clock as a `.hwh` has it whose block design assumed another PLL: what the driver sets right."""
    first, second = processor.OTHER_PLL_DIVISORS
    # Releases before 4.0 write the divisors, 4.0 the frequency.
    return {"enable": 1, "divisor0": first, "divisor1": second, "frequency": 62.5}


def _ip(name: str, vlnv: str, address: int, parameters: dict[str, str]) -> dict[str, Any]:
    return {
        "fullpath": name,
        "type": vlnv,
        "bdtype": None,
        "state": None,
        "addr_range": SPAN,
        "phys_addr": address,
        "mem_id": "S_AXI_LITE",
        "memtype": "REGISTER",
        "gpio": {},
        "interrupts": {},
        "parameters": parameters,
        "registers": {},
    }
