"""Points of a front as yosys finds them: their layers are synthesized once each, wherever the executor runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import FlowError
from dt_scnn.executor import run_all
from dt_scnn.files import atomic_path
from hls_project.plan.fold import Fold
from hls_project.plan.solver import Choice
from hls_project.synthesis import resources, sources
from hls_project.synthesis.parcel import Parcel, pack, synthesize
from hls_project.synthesis.parts import Family
from hls_project.synthesis.resources import Job, ResourceReport

Folds = Mapping[str, Fold]
Write = Callable[[Folds], Path]
"""Write the core with these folds, unless it is there; return its folder, `<point>/rtl`."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Synthesized:
    """A choice, and what yosys says of it."""

    choice: Choice
    report: ResourceReport


def synthesize_all(
    choices: Sequence[Choice],
    write: Write,
    family: Family,
    store: Path,
    pool: Executor,
    progress: Progress = lambda stage_name, done, total: None,
) -> tuple[Synthesized, ...]:
    """Return what yosys says of each choice.

    store: folder of finished syntheses by their digests, which are not run again. Layers that several choices fold alike
    are synthesized once.

    Raises:
        ConfigurationError: a core cannot be written. ToolNotFoundError: no pyosys. FlowError: a synthesis failed.
    """
    cores: list[Path] = []
    for done, choice in enumerate(choices):
        progress("write cores", done, len(choices))
        cores.append(write({name: option.fold for name, option in choice.options.items()}))
    progress("write cores", len(choices), len(choices))
    jobs = [(rtl, job) for rtl in cores for job in _jobs(rtl, family)]
    wanted = {job.key: (rtl, job) for rtl, job in jobs}
    missing = [pack(job, rtl) for key, (rtl, job) in wanted.items() if not _kept(store, key, job)]
    missing.sort(
        key=lambda parcel: -sum(map(len, parcel.files.values()))
    )  # the largest does not run on alone
    finished = len(wanted) - len(missing)
    progress("synthesize", finished, len(wanted))

    def keep(parcel: Parcel, statistics: str) -> None:
        nonlocal finished
        wanted[parcel.key][1].deliver(statistics)  # counts that cannot be read end the run
        with atomic_path(_place(store, parcel.key)) as partial:
            partial.write_text(statistics)
        finished += 1
        progress("synthesize", finished, len(wanted))

    run_all(pool, synthesize, missing, keep)
    for _, job in jobs:
        if not job.is_current:
            job.deliver(_place(store, job.key).read_text())
    return tuple(
        Synthesized(choice, resources.estimate(rtl, sources.read(rtl).layers(), family, _output(rtl)))
        for choice, rtl in zip(choices, cores, strict=True)
    )


def _jobs(rtl: Path, family: Family) -> list[Job]:
    listed = sources.read(rtl)
    return resources.jobs_of(listed, listed.layers(), family, _output(rtl))


def _output(rtl: Path) -> Path:
    return rtl.parent / "synthesis"


def _place(store: Path, key: str) -> Path:
    return store / f"{key}.json"


def _kept(store: Path, key: str, job: Job) -> bool:
    """Say whether a finished synthesis is there and can still be read."""
    try:
        job.deliver(_place(store, key).read_text())
    except (OSError, ValueError, FlowError):
        return False
    return True
