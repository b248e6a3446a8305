"""Boards as data: what Vivado must know of one, from `board/boards/*.json` or the user's own file."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import ConfigDict, Field, PositiveFloat, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

import board
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import read_json
from hls_project.plan.plan import Clock

FOLDER = Path(board.__file__).parent / "boards"
CELLS = ("axi_dma_0", "axi_intc_0", "dtscnn_0")
"""Cells with registers, which need an address."""

_STRICT = ConfigDict(extra="forbid")
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$")]
_Address = Annotated[str, StringConstraints(pattern=r"^0x[0-9A-Fa-f]{1,10}$")]


@dataclass(frozen=True, config=_STRICT)
class Processor:
    """The processing system. ip: vendor:library:name. clock_setting: the one of `settings` that takes the clock in MHz.

    pll_mhz: of the PLL that the clock comes from, as the board's boot image sets it.
    """

    ip: Annotated[str, StringConstraints(pattern=r"^[a-z0-9.]+:[a-z]+:[a-z0-9_]+$")]
    clock_setting: _Name
    settings: dict[_Name, str]
    pll_mhz: PositiveFloat | None = None


@dataclass(frozen=True, config=_STRICT)
class Ports:
    """Pins of the processing system. external: its interfaces that leave the chip."""

    clock: _Name
    reset: _Name
    control: _Name
    control_clock: _Name
    memory: _Name
    memory_clock: _Name
    interrupt: _Name
    external: list[_Name] = Field(default_factory=list)


@dataclass(frozen=True, config=_STRICT)
class Board:
    """A board; `board/boards/README.md` says what each key means. clock_mhz: MHz."""

    name: _Name
    part: _Name
    clock_mhz: Clock
    processor: Processor
    ports: Ports
    addresses: dict[str, _Address]
    address_bits: Annotated[int, Field(ge=32, le=64)]
    accepted_warnings: dict[str, str] = Field(default_factory=dict)


def names() -> list[str]:
    """Return the names of the boards that come with the project."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def find(name: str) -> Board:
    """Return a board by its name, or from the JSON file at a path.

    Raises:
        ConfigurationError: there is none, or a key or value in it is wrong; the message names it.
    """
    if name in names():
        path = FOLDER / f"{name}.json"
    elif name.endswith(".json"):
        path = Path(name)
    else:
        near = get_close_matches(name.lower(), names(), 1, 0.6)
        meant = f" did you mean {near[0]}?" if near else ""
        raise ConfigurationError(
            f"there is no board {name!r};{meant} there are {', '.join(names())}, and BOARD=<file>.json takes your own"
        )
    try:
        content = read_json(path)
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be read as a board: {error}") from error
    try:
        found = TypeAdapter(Board).validate_python(content)
    except ValidationError as error:
        problems = [f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors()]
        raise ConfigurationError(f"{path}: " + "; ".join(problems)) from error
    _check_addresses(found, path)
    return found


def _check_addresses(found: Board, path: Path) -> None:
    if sorted(found.addresses) != sorted(CELLS):
        raise ConfigurationError(
            f"{path}: addresses must be of {', '.join(CELLS)}, not of {', '.join(sorted(found.addresses)) or 'none'}"
        )
    values = [int(address, 16) for address in found.addresses.values()]
    if len(set(values)) < len(values) or any(value % (1 << 16) for value in values):
        raise ConfigurationError(
            f"{path}: addresses must be different multiples of 0x10000: {found.addresses}"
        )
