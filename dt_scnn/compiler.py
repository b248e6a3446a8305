"""The C++ compiler: which it is and how it is called."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError, ToolNotFoundError

# What vendor tools compile the headers with; optimisation is ours.
STANDARD = "-std=c++11"

NATIVE = "-march=native"
TUNING = (NATIVE, "--param=max-completely-peel-times=8")
"""Flags that only make programs faster: this machine's vectors; and no loop over more than 8 kernels written out before it
could become vectors (three times the rate of networks folded to 12 or 16 kernels, g++ 12)."""


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler and how it is called.

    command: program name or path. flags: besides the standard; those of `TUNING` are left out where the program does not
    know them. timeout: seconds for one file.
    """

    command: str = "g++"
    flags: tuple[str, ...] = ("-O3", *TUNING)
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
        return [program, *(flag for flag in self.flags if flag not in TUNING or _accepts(program, flag))]

    def check_made(self, path: Path, log: Path | None = None) -> None:
        """Check that a call that ended well has made `path`.

        Raises:
            FlowError: it has not, so the program is no compiler.
        """
        if not path.is_file():
            raise FlowError(
                f"{self.command} ended without an error and made no {path.name}: it is no C++ compiler; set CXX to g++ or clang++",
                log,
            )

    def key(self) -> str:
        """Return what a program that it makes depends on besides the sources: the call, and the machine's instructions.

        Raises:
            ToolNotFoundError: it is not installed.
        """
        call = self.call()
        machine = _predefined(call[0], NATIVE) if NATIVE in call else ""
        return "\n".join([self.standard, *call, machine or ""])


def _accepts(program: str, flag: str) -> bool:
    return _predefined(program, flag) is not None


@functools.cache
def _predefined(program: str, flag: str) -> str | None:
    """Return the macros that `program` defines when called with `flag`; None if it refuses that."""
    call = [program, flag, "-dM", "-E", "-x", "c++", os.devnull]
    try:
        done = subprocess.run(call, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
