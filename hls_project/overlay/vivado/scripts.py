"""What Vivado is handed: a folder with every source in it, and two Tcl files to run there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

import board as board_package
from dt_scnn.errors import FlowError
from dt_scnn.files import atomic_path
from hls_project.overlay.boards import Board
from hls_project.vendor import tcl

TCL = Path(board_package.__file__).parent / "vivado"
WRAPPER = "dtscnn_axi.v"
SYNTHESIZE, IMPLEMENT = "run_synthesize.tcl", "run_implement.tcl"
MEMORIES = (".mem", ".dat")
"""Files that $readmemh reads."""


@dataclass(frozen=True)
class Sources:
    """A core's files and the shell's, with the parameters of its top module by name."""

    files: tuple[Path, ...]
    parameters: Mapping[str, str]


def write(folder: Path, sources: Sources, board: Board, clock_mhz: float) -> None:
    """Fill `folder` with copies of the sources and with the Tcl files `SYNTHESIZE` and `IMPLEMENT`.

    Raises:
        FlowError: two sources have one name.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = [file.name for file in sources.files]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise FlowError(f"two source files are called {twice[0]}")
    for file in sources.files:
        shutil.copyfile(file, folder / file.name)
    wrapper = Template((TCL / WRAPPER).read_text()).substitute(sources.parameters)
    (folder / WRAPPER).write_text(wrapper)
    for script in ("block_design.tcl", "synthesize.tcl", "implement.tcl"):
        shutil.copyfile(TCL / script, folder / script)
    _write(
        folder / SYNTHESIZE,
        f"set settings {_settings([*names, WRAPPER], sources, board, clock_mhz)}\n"
        "source block_design.tcl\nsource synthesize.tcl\n",
    )
    _write(folder / IMPLEMENT, "source implement.tcl\n")


def _settings(names: list[str], sources: Sources, board: Board, clock_mhz: float) -> str:
    """Return the dictionary that the Tcl reads, as one word."""
    ports = board.ports
    processor = board.processor.settings | {board.processor.clock_setting: f"{clock_mhz:g}"}
    entries = {
        "part": tcl.word(board.part),
        "sources": tcl.list_of(name for name in names if not name.endswith(MEMORIES)),
        "memories": tcl.list_of(name for name in names if name.endswith(MEMORIES)),
        "bus_bits": tcl.word(sources.parameters["BUS_BITS"]),
        "address_bits": tcl.word(str(board.address_bits)),
        "processor": tcl.word(board.processor.ip),
        "processor_settings": tcl.dict_of(processor),
        "addresses": tcl.dict_of(board.addresses),
        "ports": "[list "
        + " ".join(
            f"{name} {tcl.word(getattr(ports, name))}"
            for name in ("clock", "reset", "control", "control_clock", "memory", "memory_clock", "interrupt")
        )
        + f" external {tcl.list_of(ports.external)}]",
    }
    return "[list " + " \\\n    ".join(f"{name} {value}" for name, value in entries.items()) + "]"


def _write(path: Path, text: str) -> None:
    with atomic_path(path) as partial:
        partial.write_text(text, encoding="utf-8")
