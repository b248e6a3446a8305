"""The C++ compiler: which it is and how it is called."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass

from dt_scnn.errors import ToolNotFoundError

# What vendor tools compile the headers with; optimisation is ours.
STANDARD = "-std=c++11"

NATIVE = "-march=native"


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler and how it is called.

    command: program name or path. flags: besides the standard; `NATIVE` is left out where the program does not know it.
    timeout: seconds for one file.
    """

    command: str = "g++"
    flags: tuple[str, ...] = ("-O3", NATIVE)
    standard: str = STANDARD
    timeout: float = 600.0

    @staticmethod
    def from_environment() -> Compiler:
        """Return the compiler that `CXX` names, or g++."""
        return Compiler(os.environ.get("CXX") or "g++")

    def locate(self) -> str:
        """Return the program's path.

        Raises:
            ToolNotFoundError: it is not installed.
        """
        if program := shutil.which(self.command):
            return program
        raise ToolNotFoundError(self.command, "g++ 7 or newer, clang++ 6 or newer", "CXX")

    def call(self) -> list[str]:
        """Return the program's path and its flags.

        Raises:
            ToolNotFoundError: it is not installed.
        """
        program = self.locate()
        unknown = NATIVE in self.flags and not _machine(program)
        return [program, *(flag for flag in self.flags if not (unknown and flag == NATIVE))]

    def key(self) -> str:
        """Return what a program that it makes depends on besides the sources: the call, and the machine's instructions.

        Raises:
            ToolNotFoundError: it is not installed.
        """
        call = self.call()
        return "\n".join([self.standard, *call, _machine(call[0]) if NATIVE in call else ""])


@functools.cache
def _machine(program: str) -> str:
    """Return what `program` predefines for this machine's processor; empty if it does not know `NATIVE`."""
    call = [program, NATIVE, "-dM", "-E", "-x", "c++", os.devnull]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
