"""Every reader takes its seeds, and tells what is wrong with each of a few hundred damaged ones; `make fuzz` tries millions."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from dt_scnn.errors import ConfigurationError
from tests.fuzz import __main__ as command
from tests.fuzz import campaign, mutations
from tests.fuzz.campaign import Figures, fuzz, known
from tests.fuzz.catalogue import READERS
from tests.fuzz.reader import Reader, outcome

TRIES = 50


@pytest.mark.parametrize("name", READERS)
def test_a_reader_takes_its_seeds_and_refuses_with_messages(name: str, tmp_path: Path) -> None:
    reader = READERS[name]
    (tmp_path / reader.file).parent.mkdir(parents=True, exist_ok=True)
    seeds = reader.seeds()
    assert [outcome(reader, seed, tmp_path) for seed in seeds] == [""] * len(seeds)
    rng, refusals = Random(name), set()
    for _ in range(TRIES):
        content = rng.choice(seeds)
        for _ in range(1 + rng.randrange(3)):
            content = reader.mutate(content, rng)
        refusals.add(outcome(reader, content, tmp_path))
    assert len(refusals) > 1 or name == "vivado-log"


def read(path: Path) -> int:
    text = path.read_text()
    if not text:
        raise ConfigurationError("nothing in it")
    return int(text)


def test_another_error_than_the_projects_is_a_finding(tmp_path: Path) -> None:
    reader = Reader("numbers", "number", lambda: [b"1"], read)
    assert outcome(reader, b"1", tmp_path) == "" and outcome(reader, b"", tmp_path) == "nothing in it"
    with pytest.raises(ValueError, match="invalid literal"):
        outcome(reader, b"one", tmp_path)


@pytest.mark.parametrize(
    "mutate", [mutations.any_bytes, mutations.text, mutations.json_text, mutations.archive]
)
def test_a_mutation_takes_anything(mutate: mutations.Mutation) -> None:
    rng = Random(1)
    for content in (b"", b"\xff\xfe", b"[]", b'{"a": [1, 2]}', b"PK\5\6" + bytes(18)):
        changed = {mutate(content, rng) for _ in range(200)}
        assert len(changed) > 5


def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    program = tmp_path / "harness.py"
    program.write_text(f"import sys\nname, findings, corpus, *options = sys.argv[1:]\n{code}")
    monkeypatch.setattr(campaign, "HARNESS", (sys.executable, str(program)))


def test_figures_are_those_of_all_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs = "runs = int(next(o for o in options if o.startswith('-runs=')).split('=')[1])\n"
    stand_in(
        tmp_path,
        monkeypatch,
        f"{runs}print('#2 INITED cov: 7 ft: 8')\nprint('stat::number_of_executed_units:', min(runs, 600))\n",
    )
    done = fuzz("idx", tmp_path / "idx", 60, 1000)
    assert (done.executions, done.edges, done.findings) == (1000, 7, ())
    assert known(tmp_path / "idx") == done
    assert fuzz("idx", tmp_path / "idx", 60, 100).executions == 1100


def test_an_input_that_ends_a_run_is_a_finding_and_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in(
        tmp_path,
        monkeypatch,
        "open(findings + '/timeout-1', 'w').close()\nprint('#30\\tNEW cov: 3')\nsys.exit(70)\n",
    )
    assert fuzz("idx", tmp_path / "idx", 60, 30) == Figures(
        30, 3, known(tmp_path / "idx").seconds, ("timeout-1",)
    )
    stand_in(tmp_path, monkeypatch, "print('stat::number_of_executed_units: 30')\n")
    assert fuzz("idx", tmp_path / "idx", 60, 30).findings == ()
    assert (tmp_path / "idx" / "corpus" / "timeout-1").exists()
    stand_in(tmp_path, monkeypatch, "sys.exit(1)\n")
    with pytest.raises(RuntimeError, match="did nothing; see .*log"):
        fuzz("idx", tmp_path / "idx", 60, 30)


@pytest.mark.parametrize(("findings", "status"), [((), 0), (("ValueError-idx-read_idx-30",), 1)])
def test_the_command_prints_the_figures_of_all(
    findings: Sequence[str],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked = []

    def run(name: str, folder: Path, seconds: float, executions: int) -> Figures:
        asked.append((name, seconds, executions))
        return Figures(executions, 5, 1.0, tuple(findings))

    monkeypatch.setattr(command, "fuzz", run)
    monkeypatch.setattr(command.importlib.util, "find_spec", lambda name: object())
    words = ["idx", "plan", "--seconds", "8", "--executions", "10", "--folder", str(tmp_path)]
    assert command.main(words) == status
    assert asked == [("idx", 4.0, 5), ("plan", 4.0, 5)]
    shown = capsys.readouterr()
    assert json.loads(shown.out)["all"] == {
        "executions": 10,
        "edges": 10,
        "seconds": 2.0,
        "findings": 2 * status,
    }
    assert f"idx: 5 executions, 5 edges, {status} findings" in shown.err


@pytest.mark.slow
def test_a_minute_of_fuzzing_finds_nothing(tmp_path: Path) -> None:
    pytest.importorskip("atheris")
    assert command.main(["--seconds", "60", "--folder", str(tmp_path)]) == 0
    assert all(known(tmp_path / name).executions > 10 for name in READERS)
