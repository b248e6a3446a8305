"""Where Vivado is."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping

from dt_scnn.errors import ConfigurationError, ToolNotFoundError

VARIABLE = "VIVADO"
WRITTEN_FOR = "2020.2 to 2024.2, none of which has been tried yet"


def locate(environment: Mapping[str, str] | None = None) -> str | None:
    """Return the absolute path of Vivado as `VIVADO` or else the search path gives it; None if it is missing.

    Raises:
        ConfigurationError: `VIVADO` points to no program.
    """
    environment = os.environ if environment is None else environment
    path = environment.get("PATH", "")
    chosen = environment.get(VARIABLE)
    found = shutil.which(chosen or "vivado", path=path)
    if chosen and found is None:
        raise ConfigurationError(f"{VARIABLE} is {chosen}, but there is no such program")
    return os.path.abspath(found) if found else None


def require(environment: Mapping[str, str] | None = None) -> str:
    """Return the absolute path of Vivado.

    Raises:
        ToolNotFoundError: it is missing. ConfigurationError: see `locate`.
    """
    found = locate(environment)
    if found is None:
        raise ToolNotFoundError("vivado", WRITTEN_FOR, VARIABLE)
    return found


def command(program: str, script: str) -> tuple[str, ...]:
    """Return the command that runs a Tcl file and leaves no log or journal of its own."""
    return (program, "-mode", "batch", "-notrace", "-nojournal", "-nolog", "-source", script)
