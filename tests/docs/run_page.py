"""Run the blocks of a page, one after the other, in the folder where this is called: `python -m tests.docs.run_page PAGE`.

Python blocks share one namespace; each shell block is a `bash` of its own that ends at the first error.
"""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

from tests.docs.blocks import to_run


def main() -> None:
    """Run the page of the first argument; `--slow` runs the slow blocks too."""
    page = Path(sys.argv[1])
    own = types.ModuleType("__main__")
    sys.modules["__main__"] = own
    for block in to_run(page, "--slow" in sys.argv):
        print(f"--- {page.name}, line {block.line}", flush=True)
        if block.language == "python":
            code = "\n" * (block.line - 1) + block.code  # so that a traceback has the page's lines
            exec(compile(code, str(page), "exec"), own.__dict__)
        else:
            subprocess.run(["bash", "-euo", "pipefail", "-c", block.code], check=True)


if __name__ == "__main__":
    main()
