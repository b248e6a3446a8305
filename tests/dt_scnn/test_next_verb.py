"""The line that says what comes next: a command that works as it is written, for the same model."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from dt_scnn.next_verb import NEXT, WITHOUT_BUILD, WITHOUT_DATA, next_line
from dt_scnn_console.__main__ import app

ROOT = Path(__file__).parents[2]
VERBS = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def test_every_verb_has_one_but_the_last() -> None:
    assert set(VERBS) - set(NEXT) == {"board-report", "report"} and set(NEXT.values()) <= set(VERBS)
    assert next_line("board-report", "mnist", environment={}) is None
    targets = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.M))
    assert set(NEXT.values()) <= targets


@pytest.mark.parametrize("verb", list(NEXT))
def test_the_command_is_one_that_is_taken(verb: str) -> None:
    line = next_line(verb, "a b.onnx", build=Path("my build"), data="my pictures", environment={})
    assert line is not None
    words = shlex.split(line.removeprefix("next: "))
    assert words[0] == "dt-scnn" and words[1] == NEXT[verb]
    command = VERBS[words[1]]
    options = {option for parameter in command.params for option in parameter.opts}
    assert "a b.onnx" in words and {word for word in words if word.startswith("-")} <= options
    assert ("my build" in words) == ("--build" in options)


def test_which_verbs_take_no_data_and_no_build() -> None:
    options = {
        verb: {option for parameter in command.params for option in parameter.opts}
        for verb, command in VERBS.items()
    }
    assert set(WITHOUT_DATA) == {verb for verb, taken in options.items() if "--data" not in taken}
    assert set(WITHOUT_BUILD) == {verb for verb, taken in options.items() if "--build" not in taken}


def test_what_make_called_is_told_as_make() -> None:
    made = {"MAKELEVEL": "1"}
    assert next_line("csim", "mnist", environment=made) == "next: make cosim MODEL=mnist"
    assert (
        next_line("csim", "mine.onnx", data="my pictures", environment=made)
        == "next: make cosim MODEL=mine.onnx DATA='my pictures'"
    )
    assert (
        next_line("deploy", "mnist", host="me@board", environment=made)
        == "next: make board-report MODEL=mnist HOST=me@board"
    )
    assert next_line("csim", "mnist", environment={}) == "next: dt-scnn cosim mnist"


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (("hls_project", "estimate", "mnist", "--by-model"), 0, "next: dt-scnn timing mnist"),
        (("hls_project", "estimate", "no-such"), 1, None),
        (("hls_project", "doctor", "csim", "--json"), None, None),
    ],
)
def test_it_is_said_after_success_and_not_within_json(
    arguments: tuple[str, ...], status: int | None, line: str | None, tmp_path: Path
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert status in (None, done.returncode), done.stderr
    said = [text for text in done.stdout.splitlines() if text.startswith("next: ")]
    assert said == ([] if line is None else [line]) and (line is None or done.stdout.endswith(f"{line}\n"))
