"""After any fault of the machine the same verb gives the right result, and a message was all that the user saw."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resilience.fault import KILLED, Fault
from tests.resilience.stages import STAGES, clean
from tests.resilience.trial import Bench, damaged, start

STEPS = {
    "plan": 1,
    "export": 1,
    "board": 1,
    "train": 9,
    "convert": 9,
    "convert-rtl": 9,
    "deploy": 5,
    "package": 5,
    "csim": 40,
}
"""Stages whose changes are those of this process, and every how many of them a fault is tried."""

SMALL = {
    "csim": 600,
    "cosim": 600,
    "estimate": 600,
    "timing": 600,
    "gatesim": 600,
    "dataflow": 600,
    "bitstream": 150,
}
"""Stages that start other programs, and KiB of a disk on which they do not come to their end."""


@pytest.fixture(scope="module")
def server() -> Iterator[subprocess.Popen[str]]:
    running = start()
    yield running
    assert running.stdin is not None
    running.stdin.close()
    running.wait(60)


@pytest.fixture(scope="module")
def benches(server: subprocess.Popen[str]) -> Iterator[dict[str, Bench]]:
    """Benches that were begun; not below pytest's folders, which only their owner may enter."""
    made: dict[str, Bench] = {}
    yield made
    for bench in made.values():
        clean(bench.folder)


@pytest.fixture
def bench(request: pytest.FixtureRequest, server: subprocess.Popen[str], benches: dict[str, Bench]) -> Bench:
    name = request.param
    if name not in benches:
        folder = Path(tempfile.mkdtemp(prefix="resilience-"))
        folder.chmod(0o755)
        benches[name] = Bench(name, folder, server)
        benches[name].begin()
    return benches[name]


def stages(*names: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("bench", names, indirect=True)


@stages("plan")
@pytest.mark.parametrize(
    "fault", [Fault("killed", 2), Fault("killed", 9), Fault("full", 4), Fault("cut", 300), Fault("read-only"), Fault("backwards")], ids=str
)  # fmt: skip
def test_a_plan_is_made_after_a_fault(bench: Bench, fault: Fault) -> None:
    answer = bench.try_out(fault)
    expected = {"killed": KILLED, "backwards": 0}.get(fault.kind, 1)
    assert answer["status"] == expected, answer


@stages("plan")
def test_two_plans_at_once(bench: Bench) -> None:
    folder = bench.fresh()
    answers = bench.ask((folder, "none", 0), (folder, "none", 0))
    assert [answer.get("result") for answer in answers] == [bench.right] * 2
    bench.again(folder)


@stages("board")
@pytest.mark.parametrize("fault", [Fault("read-only"), Fault("full", 1), Fault("backwards")], ids=str)
def test_the_driver_needs_no_disk_and_no_clock(bench: Bench, fault: Fault) -> None:
    assert bench.try_out(fault)["result"] == bench.right


@pytest.mark.slow
@stages(*STEPS)
@pytest.mark.parametrize("kind", ["killed", "full"])
def test_killed_or_full_at_a_change(kind: str, bench: Bench) -> None:
    assert bench.until_the_end(kind, STEPS[bench.stage]) >= 1


@pytest.mark.slow
@stages(*STEPS)
@pytest.mark.parametrize(
    "fault",
    [Fault("cut", 200), Fault("cut", 2000), Fault("memory", 8), Fault("read-only"), Fault("backwards")],
    ids=str,
)
def test_a_fault_is_told_and_leaves_nothing_wrong(bench: Bench, fault: Fault) -> None:
    bench.try_out(fault)


@pytest.mark.slow
@stages(*STAGES)
def test_two_at_once(bench: Bench) -> None:
    folder = bench.fresh()
    answers = bench.ask((folder, "none", 0), (folder, "none", 0))
    assert all(answer["status"] == 0 and answer["result"] == bench.right for answer in answers), answers
    bench.again(folder)


@pytest.mark.slow
@stages(*STAGES)
def test_results_from_the_future(bench: Bench) -> None:
    """The clock was ahead when they were made; it is right again."""
    folder = bench.fresh(finished=True)
    for path in folder.rglob("*"):
        os.utime(path, (4e9, 4e9))
    bench.again(folder)


@pytest.mark.slow
@stages("plan", "export", "csim", "package", "board")
def test_a_damaged_cache_is_made_anew_or_named(bench: Bench) -> None:
    """What a user may have written or changed is refused by name; all else is made again."""
    finished = bench.folder / "finished"
    wrong = []
    for path, content in damaged(finished):
        place = path.relative_to(finished)
        if place.parts[0] not in ("build", "work", "exported") or "hls" in place.parts:
            continue  # sources may be edited: they are simulated as they are
        folder = bench.fresh(finished=True)
        (folder / place).write_bytes(content)
        answer = bench.run(folder)
        if answer["status"] == 0 and answer["result"] != bench.right:
            wrong.append((str(place), answer["result"]))
        if answer["status"] == 1 and place.name not in answer["said"]:
            wrong.append((str(place), answer["said"]))
    assert not wrong


@pytest.mark.slow
@stages(*SMALL)
def test_a_small_disk(bench: Bench) -> None:
    """Of programs that a stage starts, too, nothing half written is taken for whole."""
    place = bench.folder / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL[bench.stage]}k", "tmpfs", str(place)]
    if os.getuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("a small disk can be made by root alone")
    try:
        shutil.copytree(bench.folder / "begin", place / "trial", symlinks=True)
        assert bench.run(place / "trial")["status"] == 1
        subprocess.run(["mount", "-o", "remount,size=1g", str(place)], check=True)
        bench.again(place / "trial")
    finally:
        subprocess.run(["umount", str(place)], check=True)
