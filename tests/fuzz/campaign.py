"""Fuzzing of one reader for a while, in a process of its own that goes on where the last one ended."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from dt_scnn.files import read_json, write_json

HARNESS = (sys.executable, "-W", "ignore", "-m", "tests.fuzz.harness")
TIMEOUT_S, MEMORY_MIB, LONGEST = 20, 4096, 1 << 16
"""An input may take so long and so much, and have so many bytes."""

_FIGURES = "figures.json"
_EXECUTED = re.compile(r"stat::number_of_executed_units:\s*(\d+)|^#(\d+)\s", re.M)
_EDGES = re.compile(r"\bcov: (\d+)")


@dataclass(frozen=True)
class Figures:
    """Of all runs of a reader: executions, edges of its code that were reached, seconds; findings that are not mended."""

    executions: int = 0
    edges: int = 0
    seconds: float = 0.0
    findings: tuple[str, ...] = ()


def known(folder: Path) -> Figures:
    """Return the figures that were noted in `folder`, zeros if there are none."""
    try:
        noted = read_json(folder / _FIGURES)
        return Figures(**noted | {"findings": tuple(noted["findings"])})
    except (OSError, ValueError, TypeError, KeyError):
        return Figures()


def fuzz(name: str, folder: Path, seconds: float, executions: int) -> Figures:
    """Fuzz the reader called `name` for so long or so often; corpus, findings and figures are kept in `folder`."""
    corpus, findings = folder / "corpus", folder / "findings"
    for place in (corpus, findings):
        place.mkdir(parents=True, exist_ok=True)
    for path in findings.glob("*"):
        if path.name.startswith(("timeout-", "oom-", "crash-", "slow-unit-")):
            path.replace(corpus / path.name)  # it is tried again
    figures, begun, left = known(folder), time.monotonic(), executions
    while left > 0 and (remaining := seconds - (time.monotonic() - begun)) >= 1:
        started = time.monotonic()
        done, edges = _run(name, folder, int(remaining), left)
        left -= done
        figures = Figures(
            figures.executions + done,
            max(figures.edges, edges),
            round(figures.seconds + time.monotonic() - started, 1),
            tuple(sorted(path.name for path in findings.glob("*") if not path.name.startswith("slow-unit-"))),
        )
        write_json(folder / _FIGURES, asdict(figures))
        if not done:  # it does not start: its log says why
            raise RuntimeError(f"the harness of {name} did nothing; see {folder / 'log'}")
    return figures


def _run(name: str, folder: Path, seconds: int, executions: int) -> tuple[int, int]:
    """Run the harness until an input ends it, or so long or so often; return its executions and edges."""
    options = [
        f"-max_total_time={seconds}",
        f"-runs={executions}",
        f"-timeout={TIMEOUT_S}",
        f"-rss_limit_mb={MEMORY_MIB}",
        f"-max_len={LONGEST}",
        "-print_final_stats=1",
        "-reload=0",
    ]
    with open(folder / "log", "w") as log:
        subprocess.run(
            [*HARNESS, name, str(folder / "findings"), str(folder / "corpus"), *options],
            stdout=log,
            stderr=subprocess.STDOUT,
            check=False,
        )
    text = (folder / "log").read_text(errors="replace")
    executed = max((int(a or b) for a, b in _EXECUTED.findall(text)), default=0)
    return executed, max(map(int, _EDGES.findall(text)), default=0)


def total(figures: dict[str, Figures]) -> str:
    """Return the figures of readers, and of all together, as JSON."""
    rows = {name: asdict(entry) for name, entry in figures.items()}
    together = {
        "executions": sum(entry.executions for entry in figures.values()),
        "edges": sum(entry.edges for entry in figures.values()),
        "seconds": round(sum(entry.seconds for entry in figures.values()), 1),
        "findings": sum(len(entry.findings) for entry in figures.values()),
    }
    return json.dumps({**rows, "all": together}, indent=1)
