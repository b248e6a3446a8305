"""The release of Vitis HLS, asked of the program itself: some options exist in some releases only."""

from __future__ import annotations

import re
import subprocess

from dt_scnn.errors import FlowError
from hls_project.cosimulation.vitis.tool import VitisHls

Release = tuple[int, int]
"""Year and number: 2023.2 is (2023, 2)."""

FLUSHING_STYLE: Release = (2022, 1)
"""The oldest release for which public scripts ask for `config_compile -pipeline_style flp`; guides of 2021.2 and before know
that style for single loops only."""

_SECONDS = 120.0
_BANNER = re.compile(r"\bv(20\d\d)\.(\d)\b")


def release(tool: VitisHls) -> Release:
    """Return the release that `tool` prints.

    Raises:
        FlowError: it cannot be started, does not end, or prints none.
    """
    command = [tool.program, "--version" if tool.unified else "-version"]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FlowError(f"{' '.join(command)} did not end within {_SECONDS:g} s") from error
    except OSError as error:
        raise FlowError(f"{tool.program} could not be started: {error}") from error
    found = _BANNER.search(done.stdout)
    if found is None:
        raise FlowError(
            f"{' '.join(command)} prints no release, such as v2023.2; this decides which options it is given",
            log_tail=done.stdout[-2000:],
        )
    return int(found[1]), int(found[2])


def pipeline_style(found: Release) -> str:
    """Return the style that all pipelines shall have; empty where the release takes none for a whole design.

    Flushing (`flp`): iterations that were begun end by themselves. With the tool's own choice, stalling, they wait in
    the pipeline until further input comes.
    """
    return "flp" if found >= FLUSHING_STYLE else ""
