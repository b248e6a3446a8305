"""What is printed is whole: at 80 columns, in a pipe, with colour forced, and with brackets in it."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from hls_project.__main__ import app as hardware
from hls_project.reports.console import COLUMNS, new_table, open_console, say, show
from hls_project.reports.progress import StageProgress
from quant_train.__main__ import app as training

PROGRESS = """
from hls_project.reports.console import open_console
from hls_project.reports.progress import StageProgress
with StageProgress(open_console()) as progress:
    for done in range(2001):
        progress.update("simulate", done, 2000)
"""


def test_progress_in_a_pipe_is_plain_lines_with_colour_forced_too() -> None:
    environment = os.environ | {"FORCE_COLOR": "1", "CLICOLOR_FORCE": "1", "TERM": "xterm-256color"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRESS], env=environment, capture_output=True, text=True, check=True
    )
    assert len(done.stdout.splitlines()) == 1 and "2,000 of 2,000" in done.stdout
    assert "\x1b[2K" not in done.stdout and "\x1b[?25l" not in done.stdout


def test_progress_on_a_terminal_is_bars() -> None:
    main, terminal = pty.openpty()
    process = subprocess.Popen([sys.executable, "-c", PROGRESS], stdout=terminal, stderr=terminal)
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(main, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        shown += part
    os.close(main)
    assert process.wait() == 0 and b"2000/2000" in shown and b"\x1b[?25l" in shown


@pytest.mark.parametrize("text", ["a [b] c", "/tmp/[/x]/report", "[bold]", ":smile: 1e3", "y" * 300])
def test_lines_are_printed_as_they_are(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    console = open_console()
    say(console, text)
    table = new_table("what", "[/figure]")
    table.add_row(text, "1")
    show(console, table, text)
    with StageProgress(console) as progress:
        progress.update(text, 1, 1)
    shown = capsys.readouterr().out
    assert shown.count(text) == 4 and "[/figure]" in shown


def test_a_table_wider_than_the_console_keeps_every_digit() -> None:
    text = io.StringIO()
    console = Console(file=text, width=20, markup=False)
    table = new_table("a head that is long", "another that is long", "123")
    table.add_row("x", "1,234,567,890", "9,876,543,210")
    show(console, table)
    lines = text.getvalue().splitlines()
    assert len(lines) == 3 and "1,234,567,890" in lines[2] and "9,876,543,210" in lines[2]
    assert "another that is long" in lines[0]


def test_the_width_without_a_terminal_is_that_of_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "31")
    assert open_console().width == COLUMNS == 80


@pytest.mark.parametrize(
    ("app", "verbs"),
    [
        (hardware, ("csim", "cosim", "compare", "deploy", "bitstream", "notebook", "explore", "timing")),
        (training, ("train", "evaluate", "download", "export")),
    ],
)
def test_no_part_of_the_help_is_eaten_as_markup(
    app: typer.Typer, verbs: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    for verb in verbs:
        shown = CliRunner().invoke(app, [verb, "--help"], terminal_width=80).output
        assert shown.startswith("Usage: ") and max(map(len, shown.splitlines())) <= 80, verb
        assert "Without it" in shown or verb in ("deploy", "notebook", "export"), verb
        assert verb != "deploy" or "[user@]address" in shown
        assert "--clock" not in shown or "Clock in MHz" in shown, verb
