"""Prove all, or the modules named on the command line; a line each as it ends, and all as one JSON object."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.formal.prove import PROOFS, prove


def main(names: list[str]) -> int:
    """Prove the modules called `names`: progress to standard error, JSON to standard output. Return the exit status."""
    chosen = [proof for proof in PROOFS if not names or proof.module in names]
    if not chosen:
        known = sorted({proof.module for proof in PROOFS})
        sys.exit(f"error: there are no proofs of {', '.join(names)}; there are those of {', '.join(known)}")
    verdicts = []
    for proof in chosen:
        with tempfile.TemporaryDirectory(prefix="prove-") as folder:
            verdict = prove(proof, Path(folder))
        verdicts.append(verdict)
        said = f"does not hold: {', '.join(verdict.failed)}" if verdict.failed else "proved"
        print(f"{verdict.name}: {said}, {verdict.seconds:.1f} s", file=sys.stderr, flush=True)
    proved = {
        verdict.name: {"failed": verdict.failed, "seconds": round(verdict.seconds, 1)} for verdict in verdicts
    }
    print(json.dumps(proved, indent=1))
    return 1 if any(verdict.failed for verdict in verdicts) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
