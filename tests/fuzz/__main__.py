"""Fuzz all readers, or those named: `python -m tests.fuzz [--seconds N] [--executions N] [--folder DIR] [READER ...]`.

It stops after so many seconds of this run or so many executions of all runs; corpus and findings are kept in `build/fuzz`, and the
next run goes on from there. A line for each reader as it ends, and all figures as one JSON object.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
from pathlib import Path

from tests.fuzz.campaign import fuzz, known, total
from tests.fuzz.catalogue import READERS

SECONDS, EXECUTIONS = 7200.0, 20_000_000
FOLDER = Path("build") / "fuzz"


def main(words: list[str]) -> int:
    """Run; return the exit status: 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("readers", nargs="*", metavar="READER", help=", ".join(READERS))
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--executions", type=int, default=EXECUTIONS)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    given = parser.parse_args(words)
    if unknown := [name for name in given.readers if name not in READERS]:
        parser.error(f"there is no reader {', '.join(unknown)}; there are {', '.join(READERS)}")
    if importlib.util.find_spec("atheris") is None:
        sys.exit("error: atheris is not installed: pip install -c constraints.txt -e '.[fuzz]'")
    names = given.readers or list(READERS)
    figures = {name: known(given.folder / name) for name in names}
    for index, name in enumerate(names):
        left = given.executions - sum(entry.executions for entry in figures.values())
        if left > 0:
            share = left // (len(names) - index)
            figures[name] = fuzz(name, given.folder / name, given.seconds / len(names), share)
        entry = figures[name]
        print(
            f"{name}: {entry.executions:,} executions, {entry.edges:,} edges, {len(entry.findings)} findings",
            file=sys.stderr,
            flush=True,
        )
    print(total(figures))
    return 1 if any(entry.findings for entry in figures.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
