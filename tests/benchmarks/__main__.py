"""Run all benchmarks, or those named on the command line; print the figures of each as it ends, and all as one JSON object."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from importlib import import_module

BENCHMARKS = ("startup", "csim", "rtl", "folded", "skipping", "plan", "board", "train_epoch", "train_cifar")


def main(names: list[str]) -> None:
    """Run the benchmarks called `names`: progress to standard error, JSON to standard output."""
    if unknown := set(names) - set(BENCHMARKS):
        sys.exit(f"error: there are no benchmarks {sorted(unknown)}; there are {', '.join(BENCHMARKS)}")
    machine = {
        "cores": len(os.sched_getaffinity(0)),
        "processor": platform.machine(),
        "python": platform.python_version(),
    }
    figures: dict[str, object] = {"machine": machine}
    chosen = names or BENCHMARKS
    for index, name in enumerate(chosen):
        print(f"benchmark {index + 1} of {len(chosen)}: {name}", file=sys.stderr, flush=True)
        begun = time.monotonic()
        figures[name] = import_module(f"tests.benchmarks.{name}").measure()
        shown = json.dumps({name: figures[name]}, indent=1)
        print(f"{shown}\n{name}: {time.monotonic() - begun:.1f} s", file=sys.stderr, flush=True)
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
