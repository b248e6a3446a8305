"""What the options that verbs share do not take."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from hls_project.__main__ import app


@pytest.mark.parametrize("clock", ["inf", "nan", "1e400", "0", "-1", "1001", "10 ns"])
def test_a_clock_that_none_is_is_refused_by_every_verb(
    clock: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for verb in ("csim", "cosim", "gatesim", "simulate-board", "explore", "estimate", "timing", "bitstream"):
        result = CliRunner().invoke(app, [verb, "mnist", f"--clock={clock}"])
        assert result.exit_code == 2 and "Invalid value for '--clock'" in result.stderr, verb


@pytest.mark.parametrize("verb", ["cosim", "gatesim", "timing"])
@pytest.mark.parametrize("seed", ["-1", "4294967296", "99999999999999999999"])
def test_a_seed_that_no_program_takes_is_refused(verb: str, seed: str) -> None:
    result = CliRunner().invoke(app, [verb, "mnist", f"--seed={seed}"])
    assert result.exit_code == 2 and "Invalid value for '--seed'" in result.stderr
