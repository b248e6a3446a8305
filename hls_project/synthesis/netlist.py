"""The core as yosys maps it to cells of 7-series parts, with simulation models of these cells."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError, ToolNotFoundError
from hls_project.synthesis import yosys
from hls_project.synthesis.cells import Statistics
from hls_project.synthesis.parts import Family
from hls_project.synthesis.process import Call, run
from hls_project.synthesis.resources import Job, count, jobs_of
from hls_project.synthesis.sources import FILE_LIST, TOP, Sources
from hls_project.synthesis.sources import read as read_sources
from hls_project.workspace import stage

FAMILY: Family = "xc7"
"""The family whose cells there are models of."""

NETLIST = "netlist.v"
CELLS = "cells.v"
BLOCK_RAM = Path(__file__).parent / "models" / "block_ram.sv"

_OWN = frozenset({"RAMB18E1", "RAMB36E1"})
"""Cells of `BLOCK_RAM`: yosys' library has nothing but their ports."""

_NO_CELL = frozenset({"$scopeinfo"})
_MODULE = re.compile(r"^module (\w+)\b.*?^endmodule", re.DOTALL | re.MULTILINE)

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Netlist:
    """What yosys made of a core. modules: files by name, the layers' and the top's. cells: of all of it, by type."""

    sources: Sources
    modules: dict[str, Path]
    cells: Counter[str]

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers' modules."""
        return tuple(module for module in self.modules if module != TOP)

    def assemble(self, folder: Path, gates: Collection[str]) -> Path:
        """Write a core into `folder`, with the modules `gates` as netlists and the others as they are; return it.

        Raises:
            FlowError: there is no simulation model of a cell.
        """
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        names, defined, cells = list[str](), set[str](), set[str]()
        for module in gates:
            text = self.modules[module].read_text()
            (folder / f"{module}.v").write_text(text)
            names.append(f"{module}.v")
            defined |= {match[1] for match in _MODULE.finditer(text)}
            cells |= set(self._statistics(module))
        kept = [
            file
            for file in self.sources.files
            if not any(self.sources.defines.get(module) == file for module in defined)
        ]
        for name in self.sources.with_memories(tuple(kept)) if len(gates) < len(self.modules) else ():
            shutil.copyfile(self.sources.folder / name, folder / name)
        if len(gates) < len(self.modules):
            names = [*kept, *names]
        cells -= {*self.modules, *defined, *_NO_CELL}
        if cells & _OWN:
            shutil.copyfile(BLOCK_RAM, folder / BLOCK_RAM.name)
            names.append(BLOCK_RAM.name)
        if cells - _OWN:
            (folder / CELLS).write_text(models(cells - _OWN))
            names.append(CELLS)
        (folder / FILE_LIST).write_text("".join(f"{name}\n" for name in names))
        return folder

    def _statistics(self, module: str) -> Counter[str]:
        return Statistics(self.modules[module].with_name("cells.json")).cells(module)


def write(
    rtl: Path,
    output: Path,
    jobs: int = 2,
    progress: Progress = lambda stage_name, done, total: None,
    timeout: float = yosys.TIMEOUT,
) -> Netlist:
    """Synthesize each layer of the core in `rtl`, and what is between them, to cells of 7-series parts.

    output: folder for netlists and logs; a layer whose files did not change is taken from there. jobs: processes.

    Raises:
        ConfigurationError: the folder is not as it should be. ToolNotFoundError: no pyosys.
        FlowError: a synthesis failed or hung.
    """
    sources = read_sources(rtl)
    todo = jobs_of(sources, sources.layers(), FAMILY, output)
    missing = [job for job in todo if not stage.is_current(job.output, _key(job))]
    done = len(todo) - len(missing)
    progress("synthesize", done, len(todo))
    by_call: dict[str, Job] = {}
    calls = []
    for job in missing:
        shutil.rmtree(job.output, ignore_errors=True)
        job.output.mkdir(parents=True)
        passes = [*job.passes, count(job.output), _written(job)]
        calls.append(yosys.call(job.module, passes, rtl, job.output / "yosys.log", timeout))
        by_call[calls[-1].name] = job

    def finish(call: Call) -> None:
        nonlocal done
        job = by_call[call.name]
        stage.complete(job.output, _key(job), [job.statistics, job.output / NETLIST])
        done += 1
        progress("synthesize", done, len(todo))

    run(calls, jobs, lambda lines: progress("synthesize", done, len(todo)), finish)
    total = Statistics(todo[-1].statistics).cells(TOP)
    for job in todo[:-1]:
        instances = total.pop(job.module)
        for cell, number in Statistics(job.statistics).cells(job.module).items():
            total[cell] += instances * number
    cells = Counter({cell: number for cell, number in total.items() if cell not in _NO_CELL})
    return Netlist(sources, {job.module: job.output / NETLIST for job in todo}, cells)


def _written(job: Job) -> list[str]:
    return ["write_verilog", "-noattr", "-noexpr", str(job.output / NETLIST)]


def _key(job: Job) -> str:
    return stage.key(job.key, *_written(job)[:-1])


def models(cells: Collection[str]) -> str:
    """Return the simulation models of `cells`, of yosys' `techlibs/xilinx/cells_sim.v`.

    Raises:
        ToolNotFoundError: no pyosys. FlowError: the library has no model of one.
    """
    yosys.version()
    package = importlib.util.find_spec("pyosys")
    folders = list(package.submodule_search_locations or []) if package else []
    library = next(
        (path for path in (Path(f) / "share/xilinx/cells_sim.v" for f in folders) if path.is_file()), None
    )
    if library is None:
        raise ToolNotFoundError(
            "pyosys' share/xilinx/cells_sim.v", f"that of {yosys.KNOWN_VERSION}", "PYTHONPATH"
        )
    found = {match[1]: match[0] for match in _MODULE.finditer(library.read_text())}
    if unknown := sorted(set(cells) - found.keys()):
        raise FlowError(f"there is no simulation model of the cells {', '.join(unknown)} in {library}")
    return "\n\n".join(found[cell] for cell in sorted(cells)) + "\n"
