"""The C++ compiler: which it is and how it is called."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass

from dt_scnn.errors import ToolNotFoundError

# What vendor tools compile the headers with; optimisation is ours.
STANDARD = "-std=c++11"


@dataclass(frozen=True)
class Compiler:
    """A C++ compiler and how it is called.

    command: program name or path. flags: after the standard. timeout: seconds for one file.
    """

    command: str = "g++"
    flags: tuple[str, ...] = ("-O3",)
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
