"""How long a verb takes that finds every stage current: a second `csim` of the shipped network, beside an import of numpy."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
RUNS = 7


def least(command: list[str], folder: Path) -> tuple[float, float]:
    """Return the least seconds, and the least of the processor's, of a command's runs after the first."""
    walls, processor = [], []
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    for _ in range(RUNS + 1):
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            command,
            cwd=folder,
            env=environment | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        walls.append(time.perf_counter() - begun)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(walls[1:]), min(processor[1:])


def measure() -> dict[str, float]:
    """Return the figures."""
    with tempfile.TemporaryDirectory() as name:
        csim = least([sys.executable, "-m", "hls_project", "csim", "mnist"], Path(name))
        numpy = least([sys.executable, "-c", "import numpy"], Path(name))
    return {
        "second_csim_seconds": round(csim[0], 3),
        "second_csim_processor_seconds": round(csim[1], 3),
        "times_the_import_of_numpy": round(csim[1] / numpy[1], 2),
    }
