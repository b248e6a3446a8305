"""Run all benchmarks, or those named on the command line, and print their figures as one JSON object."""

from __future__ import annotations

import json
import os
import platform
import sys
from importlib import import_module

BENCHMARKS = ("csim", "rtl", "folded", "skipping", "plan", "board", "train_epoch")


def main(names: list[str]) -> None:
    """Run the benchmarks called `names`."""
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"error: there are no benchmarks {sorted(unknown)}; there are {', '.join(BENCHMARKS)}")
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
    }
    figures: dict[str, object] = {"machine": machine}
    for name in names or BENCHMARKS:
        print(f"benchmark: {name}", file=sys.stderr, flush=True)
        figures[name] = import_module(f"tests.benchmarks.{name}").measure()
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
