"""Where Vitis HLS is, and how each of its programs is told to run a Tcl file."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass

from dt_scnn.errors import ConfigurationError, ToolNotFoundError

VARIABLE = "VITIS_HLS"
VITIS_RUN, VITIS_HLS = "vitis-run", "vitis_hls"


@dataclass(frozen=True)
class VitisHls:
    """A program of Vitis HLS. program: absolute path. unified: it is `vitis-run`, of 2023.2 and newer."""

    program: str
    unified: bool

    def command(self, tcl: str) -> tuple[str, ...]:
        """Return the command that runs the Tcl file `tcl`."""
        return (self.program, "--mode", "hls", "--tcl", tcl) if self.unified else (self.program, "-f", tcl)


def locate(environment: Mapping[str, str] | None = None) -> VitisHls | None:
    """Return Vitis HLS as `VITIS_HLS` or else the search path gives it, the newer program first; None if it is missing.

    Raises:
        ConfigurationError: `VITIS_HLS` points to no program, or to another one.
    """
    environment = os.environ if environment is None else environment
    path = environment.get("PATH", "")
    if chosen := environment.get(VARIABLE):
        name = os.path.basename(chosen)
        if name not in (VITIS_RUN, VITIS_HLS):
            raise ConfigurationError(
                f"{VARIABLE} is {chosen}, but must be the path of {VITIS_RUN} or of {VITIS_HLS}"
            )
        program = shutil.which(chosen, path=path)
        if program is None:
            raise ConfigurationError(f"{VARIABLE} is {chosen}, but there is no such program")
        return VitisHls(os.path.abspath(program), name == VITIS_RUN)
    for name in (VITIS_RUN, VITIS_HLS):
        if program := shutil.which(name, path=path):
            return VitisHls(os.path.abspath(program), name == VITIS_RUN)
    return None


def require(environment: Mapping[str, str] | None = None) -> VitisHls:
    """Return Vitis HLS.

    Raises:
        ToolNotFoundError: it is missing. ConfigurationError: see `locate`.
    """
    tool = locate(environment)
    if tool is None:
        raise ToolNotFoundError(
            f"Vitis HLS ({VITIS_RUN} or {VITIS_HLS})",
            f"{VITIS_RUN} of 2023.2 and newer, {VITIS_HLS} of 2020.2 to 2023.1",
            VARIABLE,
        )
    return tool
