"""How each thing is looked for, what it is found as, and how it is got."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from dt_scnn.compiler import STANDARD, Compiler
from dt_scnn.errors import ConfigurationError, ToolNotFoundError
from hls_project.command.doctor.needs import EXTRAS, INSTALLS
from hls_project.cosimulation.vitis import tool as vitis
from hls_project.overlay.vivado import editions
from hls_project.overlay.vivado import tool as vivado
from quant_train import data

_PYTHON = (3, 11)
_NO_PYNQ = (3, 13)
_PACKAGES = {package: extra for extra, packages in EXTRAS.items() for package in packages}
_PROGRAMS = {
    "make": "install make (Debian, Ubuntu: apt install make)",
    "perl": "install perl (Debian, Ubuntu: apt install perl)",
    "tclsh": "install tcl (Debian, Ubuntu: apt install tcl)",
    "git": "install git; a downloaded archive works too",
    "ssh": "install OpenSSH's client",
    "scp": "install OpenSSH's client",
}


@dataclass(frozen=True)
class Thing:
    """One thing looked for. found: version or place, None if it is missing. advice: how to get it, or what is wrong with it."""

    what: str
    found: str | None
    advice: str


def look_for(what: str) -> Thing:
    """Return what there is of a thing that `needs` names."""
    if what in _PACKAGES:
        return _package(what)
    if what in _PROGRAMS:
        return Thing(what, shutil.which(what), _PROGRAMS[what])
    if what in data.names():
        return _data_set(what)
    return {"python": _python, "C++ compiler": _compiler, "Vitis HLS": _vitis, "Vivado": _vivado}[what]()


def _python() -> Thing:
    wanted = ".".join(map(str, _PYTHON))
    found = ".".join(map(str, sys.version_info[:3]))
    return Thing(
        "python", found if sys.version_info >= _PYTHON else None, f"install Python {wanted} or newer"
    )


def _package(name: str) -> Thing:
    extra = _PACKAGES[name]
    install = f"pip install 'dt-scnn[{extra}]'" if extra else f"pip install {name}"
    try:
        found = version(name)
    except PackageNotFoundError:
        found = None
    if name == "pynq" and sys.version_info >= _NO_PYNQ:
        return Thing(
            name, found, "it needs numpy before 2, which Python 3.13 has not: take Python 3.12 or 3.11"
        )
    return Thing(name, found, f"run: {install}; in a clone: make {INSTALLS[extra]}")


def _data_set(name: str) -> Thing:
    """Read the test images: a folder alone, an empty one or one of damaged files is no data set."""
    folder = data.data_root() / name
    advice = (
        f"run: make download DATA={name} (dt-scnn download {name}); or put the official files into {folder}, or set "
        f"{data.ROOT_VARIABLE}"
    )
    try:
        images = len(data.load(name, "test").images)
    except ConfigurationError as error:
        if folder.is_dir() and any(folder.iterdir()):
            advice = str(error)
        return Thing(name, None, advice)
    equal = data.checksums(name)
    if all(equal.values()):
        state = "official"
    elif all(same is None for same in equal.values()):
        state = "no checksum"
    elif absent := [file for file, same in equal.items() if same is None]:
        state = f"without {', '.join(absent)}"
    else:
        state = "not official"
    return Thing(name, f"{images:,} images, {state}", advice)


def _vitis() -> Thing:
    advice = "put vitis-run (2023.2 and newer) or vitis_hls (2020.2 to 2023.1) on PATH, or set VITIS_HLS"
    try:
        tool = vitis.locate()
    except ConfigurationError as error:
        return Thing("Vitis HLS", None, str(error))
    return Thing("Vitis HLS", str(tool.program) if tool else None, advice)


def _vivado() -> Thing:
    advice = f"put vivado on PATH, or set {vivado.VARIABLE}; written for {vivado.WRITTEN_FOR}"
    try:
        program = vivado.locate()
    except ConfigurationError as error:
        return Thing("Vivado", None, str(error))
    release = None if program is None else editions.release_of(program)
    if release is not None and not editions.is_written_for(release):
        return Thing("Vivado", f"{program}, {release}: the Tcl was written for other releases", advice)
    return Thing("Vivado", program, advice)


def _short(text: str) -> str:
    """Return the version at the end of a compiler's first line, else that line."""
    words = text.partition("\n")[0].split()
    return words[-1] if words and words[-1][0].isdigit() else " ".join(words)


def _compiler() -> Thing:
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
    return Thing(compiler.command, found, advice)
