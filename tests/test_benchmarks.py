"""`make bench` says what it has measured as soon as it has."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from tests.benchmarks import __main__ as bench


def test_each_benchmark_is_printed_as_it_ends(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[str] = []

    def measure(name: str) -> dict[str, int]:
        seen.append(capsys.readouterr().err)
        return {f"{name}_figure": 42}

    def fake(name: str) -> SimpleNamespace:
        short = name.rpartition(".")[2]
        return SimpleNamespace(measure=lambda: measure(short))

    monkeypatch.setattr(bench, "import_module", fake)
    bench.main(["csim", "board"])
    shown = capsys.readouterr()
    assert "benchmark 1 of 2: csim" in seen[0] and '"csim_figure": 42' in seen[1]
    assert '"board_figure": 42' in shown.err
    assert json.loads(shown.out)["csim"] == {"csim_figure": 42}
