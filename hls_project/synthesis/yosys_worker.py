"""Run yosys passes in a process of their own: `{"passes": [[name, argument, ...], ...]}` on standard input.

A script, not a module of the package: it imports nothing from it, and yosys may end the process.
"""

from __future__ import annotations

import json
import sys


def main() -> None:
    """Run the passes on one design, in the current folder."""
    from pyosys import libyosys

    design = libyosys.Design()
    for command in json.load(sys.stdin)["passes"]:
        libyosys.Pass.call(design, command)
    libyosys.log_flush()


if __name__ == "__main__":
    main()
