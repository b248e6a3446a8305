"""The shell's registers, by name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .errors import BuildMismatchError

REGISTERS: dict[str, int] = {
    entry["name"]: entry["address"]
    for entry in json.loads((Path(__file__).parent / "shell" / "registers.json").read_text())
}
"""Byte addresses, from `shell/registers.json`, which also says what each means."""

MAGIC = 0x4E535444
VERSION = 1
SOFT_RESET = 1


class Registers:
    """The registers behind an `mmio` with `read(address)` and `write(address, value)`, such as `pynq.MMIO`."""

    def __init__(self, mmio: Any):
        self.mmio = mmio

    def read(self, name: str) -> int:
        """Return the value of a register."""
        return int(self.mmio.read(REGISTERS[name]))

    def write(self, name: str, value: int) -> None:
        """Set a register."""
        self.mmio.write(REGISTERS[name], value)

    def build_id(self) -> int:
        """Return the 64-bit build ID of the loaded hardware.

        Raises:
            BuildMismatchError: this is not the shell of a DT-SCNN, or one of another register map.
        """
        magic, version = self.read("MAGIC"), self.read("VERSION")
        if magic != MAGIC:
            raise BuildMismatchError(
                f"the loaded bitstream is no DT-SCNN: its first register is 0x{magic:08x}, not 0x{MAGIC:08x}"
            )
        if version != VERSION:
            raise BuildMismatchError(
                f"the bitstream has register map {version}, this driver knows {VERSION}; install the driver that came with it"
            )
        return self.read("BUILD_ID_HIGH") << 32 | self.read("BUILD_ID_LOW")

    def cycles(self) -> int:
        """Return the clock cycles since reset."""
        low = self.read("CYCLES_LOW")
        return self.read("CYCLES_HIGH") << 32 | low
