"""Make small faults in kernels, RTL, shell, folding and bounds, and count those that the tests notice.

A sample of each group's mutants, drawn by a seed, each in a copy of the tree. A line each as it ends; a table; and JSON.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.mutation.equivalent import check, entries, reasons
from tests.mutation.groups import GROUPS, MODULES, ROOT, Tests, files_of
from tests.mutation.mutants import Mutant, mutants
from tests.mutation.scratch import Scratch, scratch
from tests.mutation.verdicts import KINDS, Kept, Verdict, digest_of, key_of, summary

KEPT = ROOT / "build" / "mutation" / "verdicts.jsonl"
_LEAST = 60.0  # seconds of CPU; more where the tests without a mutant take long

Candidate = tuple[str, tuple[Tests, ...], Mutant]


def main(words: Sequence[str] | None = None) -> int:
    """Run the mutants that are asked for. Return the exit status: 1 where one survived."""
    asked = _arguments(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what was started ends, too
    known = entries()
    check(known)
    groups = asked.groups or list(GROUPS)
    if asked.fresh:
        KEPT.unlink(missing_ok=True)
    kept = Kept(KEPT)
    report: dict[str, object] = {}
    for group in groups:
        candidates = _candidates(group, asked.file)
        if not candidates:
            continue
        with scratch(MODULES[group]) as tree:
            chosen = _sample(candidates, asked.count, f"{asked.seed} {group}")
            told = {
                file: reasons(known, file, [m for f, _, m in candidates if f == file])
                for file in {f for f, *_ in chosen}
            }
            verdicts = []
            for index, (file, tests, mutant) in enumerate(chosen, 1):
                key = key_of(file, mutant)
                digest = digest_of(tests)
                verdict = kept.get(key, digest)
                about = (key, group, file, mutant.line, mutant.before, mutant.after)
                if mutant in told[file]:
                    verdict = Verdict(*about, "equivalent", 0.0, told[file][mutant])
                elif verdict is None:
                    verdict = Verdict(*about, *_try(tree, kept, group, file, tests, mutant), digest)
                    kept.add(verdict)
                verdicts.append(verdict)
                print(f"[{group} {index}/{len(chosen)}] {_line(verdict)}", file=sys.stderr, flush=True)
            report[group] = summary(verdicts, len(candidates))
    if not report:
        sys.exit(
            f"error: {asked.file} is none of the files that are mutated, which are in tests/mutation/groups.py"
        )
    print(_table(report), file=sys.stderr)
    print(json.dumps(report, indent=1))
    return 1 if any(values["survived"] for values in report.values()) else 0  # type: ignore[index]


def _arguments(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"{', '.join(GROUPS)}; all without one")
    parser.add_argument("-n", "--count", type=int, default=60, help="mutants of each group; 0 takes all")
    parser.add_argument("--file", help="mutants of this file alone")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--fresh", action="store_true", help="forget the verdicts of earlier runs")
    asked = parser.parse_args(words)
    if unknown := [group for group in asked.groups if group not in GROUPS]:
        parser.error(f"there is no group {unknown[0]!r}; there are {', '.join(GROUPS)}")
    if asked.count < 0:
        parser.error("-n takes a number from 0 up")
    return asked


def _candidates(group: str, only: str | None) -> list[Candidate]:
    """Return every mutant of a group, or of one of its files."""
    wanted = None if only is None else Path(only).resolve()
    return [
        (file, tests, mutant)
        for _, file, tests in files_of([group])
        if wanted in (None, (ROOT / file).resolve())
        for mutant in mutants((ROOT / file).read_bytes(), Path(file).suffix)
    ]


def _sample(candidates: list[Candidate], count: int, seed: str) -> list[Candidate]:
    """Return `count` of them, or all; a larger sample begins with the smaller one of the same seed."""
    order = list(range(len(candidates)))
    random.Random(seed).shuffle(order)
    return [candidates[index] for index in order[: count or None]]


def _try(
    tree: Scratch, kept: Kept, group: str, file: str, every: tuple[Tests, ...], mutant: Mutant
) -> tuple[str, float, str]:
    """Return kind, seconds and the tests that killed it."""
    seconds = 0.0
    for tests in every:
        limit = max(_LEAST, 3 * _unbroken(tree, kept, group, file, tests))
        with tree.with_mutant(file, mutant):
            ran = tree.run(tests, limit)
        seconds += ran.seconds
        if ran.verdict != "survived":
            return ran.verdict, round(seconds, 1), f"{tests.path} {tests.chosen}".strip()
    return "survived", round(seconds, 1), ""


def _unbroken(tree: Scratch, kept: Kept, group: str, file: str, tests: Tests) -> float:
    """Return the seconds that tests take without a mutant, and that they pass: measured once for a state of group and tests."""
    source = b"".join((ROOT / other).read_bytes() for other in GROUPS[group])
    digest = digest_of((tests,))
    key = key_of(f"{tests.path} {tests.chosen} {digest}", Mutant(source, 0, 0, b""))
    if (known := kept.get(key, digest)) is None:
        ran = tree.run(tests, 1200)
        if ran.verdict != "survived":
            sys.exit(f"error: {tests.path} ({tests.chosen}) fails without any mutant:\n{ran.said}")
        known = Verdict(key, group, file, 0, tests.path, tests.chosen, "unbroken", round(ran.seconds, 1))
        kept.add(known)
    return known.seconds


def _line(verdict: Verdict) -> str:
    said = f"{verdict.kind:10} {verdict.file.rsplit('/', 1)[1]}:{verdict.line}  {verdict.seconds:.0f} s"
    return f"{said}\n    {verdict.before}\n    {verdict.after}" if verdict.kind == "survived" else said


def _table(report: dict[str, object]) -> str:
    heads = ("group", "mutants", "tried", *KINDS, "score", "95 %")
    rows = [heads]
    for group, values in report.items():
        assert isinstance(values, dict)
        low, high = values["interval"]
        score = "-" if values["score"] is None else f"{values['score']}"
        rows.append((group, *(str(values[name]) for name in heads[1:-2]), score, f"{low}-{high}"))
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )


if __name__ == "__main__":
    sys.exit(main())
