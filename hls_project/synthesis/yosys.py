"""yosys, from the pyosys wheel: one list of passes in one process."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from pathlib import Path

from dt_scnn.errors import ToolNotFoundError
from hls_project.synthesis.process import Call

KNOWN_VERSION = "0.70"
TIMEOUT = 1800.0
"""Seconds for one script: a whole network takes minutes."""

_WORKER = Path(__file__).with_name("yosys_worker.py")


def version() -> str:
    """Return the version of pyosys.

    Raises:
        ToolNotFoundError: it is not installed.
    """
    try:
        if importlib.util.find_spec("pyosys") is not None:
            return package_version("pyosys")
    except (PackageNotFoundError, ValueError):
        pass
    raise ToolNotFoundError("pyosys", f"{KNOWN_VERSION}, from `pip install 'dt-scnn[rtl]'`", "PYTHONPATH")


def call(name: str, passes: Sequence[Sequence[str]], rtl: Path, log: Path, timeout: float = TIMEOUT) -> Call:
    """Return the call of yosys that runs `passes`, each a command with its arguments, in the folder `rtl`.

    Relative paths in passes, and those of `$readmemh`, start there.

    Raises:
        ToolNotFoundError: pyosys is not installed.
    """
    version()
    # -P keeps the worker's own folder, whose modules have common names, off the import path.
    command = (sys.executable, "-P", str(_WORKER))
    request = json.dumps({"passes": [list(command) for command in passes]})
    return Call(f"yosys ({name})", command, rtl, log.resolve(), timeout, request)


def read(files: Sequence[str], blackbox: bool = False) -> list[str]:
    """Return the pass that reads SystemVerilog `files`; of a blackbox only the ports are taken."""
    return ["read_verilog", "-sv", *(["-lib"] if blackbox else []), *files]
