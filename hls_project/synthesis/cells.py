"""From yosys' cell counts to the resources that a part has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping
from dataclasses import dataclass, fields
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from dt_scnn.errors import FlowError
from dt_scnn.files import read_json

# LUTs that each primitive takes; sources: AMD UG474 and UG574, and for the names UG953 and UG974.
_LUT = {f"LUT{inputs}": 1 for inputs in range(1, 7)} | {"LUT6_2": 1, "CFGLUT5": 1}
_LUT_MEMORY = {
    **{"SRL16E": 1, "SRLC16E": 1, "SRLC32E": 1},
    **{"RAM32X1S": 1, "RAM64X1S": 1, "RAM128X1S": 2, "RAM256X1S": 4, "RAM512X1S": 8},
    **{"RAM32X1D": 2, "RAM64X1D": 2, "RAM128X1D": 4, "RAM256X1D": 8},
    **{"RAM32M": 4, "RAM64M": 4, "RAM32M16": 8, "RAM64M8": 8, "RAM64X8SW": 8, "RAM32X16DR8": 8},
}
_FF = ("FDRE", "FDSE", "FDCE", "FDPE", "FDRE_1", "FDSE_1", "FDCE_1", "FDPE_1", "LDCE", "LDPE")
_COUNTED: dict[str, tuple[str, int]] = {
    **{cell: ("lut", cost) for cell, cost in _LUT.items()},
    **{cell: ("ff", 1) for cell in _FF},
    **{cell: ("carry", 1) for cell in ("CARRY4", "CARRY8")},
    **{cell: ("bram18", 1) for cell in ("RAMB18E1", "RAMB18E2")},
    **{cell: ("bram36", 1) for cell in ("RAMB36E1", "RAMB36E2")},
    **{cell: ("uram", 1) for cell in ("URAM288", "URAM288_BASE")},
    **{cell: ("dsp", 1) for cell in ("DSP48E1", "DSP48E2")},
}
# They take none of the counted resources: an inverter goes into the LUT beside it.
_FREE = frozenset(
    {"INV", "MUXF7", "MUXF8", "MUXF9", "VCC", "GND", "BUFG", "IBUF", "OBUF", "IBUFG", "$scopeinfo"}
)


@dataclass(frozen=True)
class Resources:
    """Resources of a part. lut counts those that serve as memory too, which `lut_memory` counts alone.

    carry: CARRY4 or CARRY8 as yosys maps it; that is CARRY4 on UltraScale+ too, two of which a CARRY8 takes.
    bram18, bram36: block RAMs of 18 and 36 kbit.
    """

    lut: int = 0
    lut_memory: int = 0
    ff: int = 0
    carry: int = 0
    bram18: int = 0
    bram36: int = 0
    uram: int = 0
    dsp: int = 0

    def __add__(self, other: Resources) -> Resources:
        return Resources(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def bram36_used(self) -> int:
        """Whole 36 kbit block RAMs, with two of 18 kbit in each."""
        return self.bram36 + (self.bram18 + 1) // 2


def resources_of(cells: Mapping[str, int]) -> tuple[Resources, dict[str, int]]:
    """Return the resources that `cells` take, and the cells that are not known and so not counted.

    Raises:
        FlowError: cells that no part has are left: the synthesis did not end.
    """
    used, others = Counter[str](), dict[str, int]()
    for cell, number in cells.items():
        if cell in _COUNTED:
            kind, cost = _COUNTED[cell]
            used[kind] += cost * number
        elif cell in _LUT_MEMORY:
            used["lut"] += _LUT_MEMORY[cell] * number
            used["lut_memory"] += _LUT_MEMORY[cell] * number
        elif cell.startswith("$") and cell not in _FREE:
            raise FlowError(f"synthesis left {number} cells {cell} that are not mapped to the part")
        elif cell not in _FREE:
            others[cell] = number
    return Resources(**used), others


class Statistics:
    """The file that yosys' `stat -json` writes."""

    def __init__(self, path: Path) -> None:
        """Read `path`.

        Raises:
            FlowError: it is missing, damaged or something else.
        """
        self._path = path
        try:
            modules = read_json(path)["modules"]
            self._modules = {name.lstrip("\\"): _counts(module) for name, module in modules.items()}
            inside = {name: self._modules.keys() & cells.keys() for name, cells in self._modules.items()}
            TopologicalSorter(inside).prepare()  # no module is within itself
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
            raise FlowError(f"yosys left no usable cell statistics in {path}: {error!r}") from error

    def cells(self, module: str, leaves: Container[str] = ()) -> Counter[str]:
        """Return the number of each cell in `module` and below; `leaves`: modules that count as one cell.

        Raises:
            FlowError: the file does not have the module.
        """
        if module not in self._modules:
            raise FlowError(f"{self._path}: yosys' cell statistics leave out the module {module}")
        total = Counter[str]()
        for cell, number in self._modules[module].items():
            if cell in self._modules and cell not in leaves:
                inner = self.cells(cell, leaves)
                total.update({name: number * count for name, count in inner.items()})
            else:
                total[cell] += number
        return total


def _counts(module: Mapping[str, Any]) -> dict[str, int]:
    """Return the module's cells by type; numbers that cannot be are refused."""
    cells = module["num_cells_by_type"]
    if not isinstance(cells, dict):
        raise TypeError("num_cells_by_type is no table")
    for cell, number in cells.items():
        if type(number) is not int or number < 0:
            raise ValueError(f"{number!r} cells {cell}")
    total = module["num_cells"] + module["num_submodules"]
    if sum(cells.values()) != total:
        raise ValueError(f"{sum(cells.values())} cells by type, {total} in all")
    return {cell.lstrip("\\"): number for cell, number in cells.items()}
