"""Verdicts that are kept, so that an interrupted run goes on; and the score with what a sample of this size allows to say."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from math import sqrt
from pathlib import Path

from tests.mutation.groups import ROOT, Tests
from tests.mutation.mutants import Mutant

KINDS = ("killed", "timeout", "survived", "stillborn", "equivalent")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant. before, after: its lines. by: the tests that killed it. tests: their digest."""

    key: str
    group: str
    file: str
    line: int
    before: str
    after: str
    kind: str
    seconds: float
    by: str = ""
    tests: str = ""


def key_of(file: str, mutant: Mutant) -> str:
    """Return what a verdict is known by: the file as it was, and the fault."""
    place = f"{file}\0{mutant.start}\0{mutant.end}\0".encode()
    return hashlib.sha256(place + mutant.replacement + b"\0" + mutant.text).hexdigest()[:20]


def digest_of(every: tuple[Tests, ...]) -> str:
    """Return a digest of the folders that tests lie in, and of what all tests share."""
    folders = sorted({ROOT / Path(tests.path).parent for tests in every})
    paths = sorted((ROOT / "tests").glob("*.py")) + [
        path for folder in folders for path in sorted(folder.rglob("*"))
    ]
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file() and path.suffix in (".py", ".sv", ".cpp", ".h"):
            digest.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:20]


class Kept:
    """The verdicts in one file, a line each, written as they come."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known: dict[str, Verdict] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        for line in path.read_text().splitlines() if path.is_file() else ():
            try:
                verdict = Verdict(**json.loads(line))
            except (ValueError, TypeError):  # the last line of a run that was cut off
                continue
            self._known[verdict.key] = verdict

    def get(self, key: str, tests: str) -> Verdict | None:
        """Return what is known of a mutant; not that it survived tests of another digest."""
        known = self._known.get(key)
        return None if known is None or (known.kind == "survived" and known.tests != tests) else known

    def add(self, verdict: Verdict) -> None:
        """Keep a verdict."""
        self._known[verdict.key] = verdict
        with self._path.open("a") as file:
            file.write(json.dumps(asdict(verdict)) + "\n")


def summary(verdicts: Iterable[Verdict], mutants: int) -> dict[str, object]:
    """Return counts, score and its 95 % interval of a group that has `mutants` mutants.

    The score is the share of killed ones (by a timeout too) among those that compile and are not equivalent.
    """
    verdicts = list(verdicts)
    counts = Counter(verdict.kind for verdict in verdicts)
    killed = counts["killed"] + counts["timeout"]
    alive = killed + counts["survived"]
    low, high = wilson(killed, alive)
    return {
        "mutants": mutants,
        "tried": len(verdicts),
        **{kind: counts[kind] for kind in KINDS},
        "score": round(100 * killed / alive, 1) if alive else None,
        "interval": [round(100 * low, 1), round(100 * high, 1)],
        "survivors": [
            {"file": verdict.file, "line": verdict.line, "before": verdict.before, "after": verdict.after}
            for verdict in verdicts
            if verdict.kind == "survived"
        ],
    }


def wilson(hits: int, count: int) -> tuple[float, float]:
    """Return the 95 % interval of a share of which a sample shows `hits` of `count` (Wilson's)."""
    if not count:
        return 0.0, 1.0
    z, share = 1.959964, hits / count
    middle, reach = (
        share + z * z / (2 * count),
        z * sqrt(share * (1 - share) / count + z * z / (4 * count**2)),
    )
    return max(0.0, (middle - reach) / (1 + z * z / count)), min(1.0, (middle + reach) / (1 + z * z / count))
