"""Syntheses of points: each layer once, finished ones kept, whatever ends a run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

import pytest

from dt_scnn.errors import FlowError
from dt_scnn.executor import executor
from hls_project.plan.solver import Choice
from hls_project.plan.syntheses import Folds, Synthesized, synthesize_all
from hls_project.synthesis.cells import Resources
from tests.hls_project.plan.test_reach import SUBJECT
from tests.hls_project.synthesis.conftest import HERE, FakeTool, fake_yosys

__all__ = ["fake_yosys"]


@pytest.fixture
def pool() -> Iterator[Executor]:
    with ThreadPoolExecutor(1) as found:
        yield found


class Bench:
    """Cores whose convolution is another at each point; the rest is the same."""

    def __init__(self, folder: Path, pool: Executor) -> None:
        self.folder, self.pool = folder, pool
        options = SUBJECT.problem.layers[0].options[:3]
        self.choices = [Choice({"conv0": option}, Resources(), 1) for option in options]

    def write(self, folds: Folds) -> Path:
        rtl = self.folder / f"{folds['conv0'].pe}-{folds['conv0'].simd}-{folds['conv0'].mmv}" / "rtl"
        if not rtl.exists():
            shutil.copytree(HERE / "example", rtl)
            with open(rtl / "dtscnn_conv0.sv", "a") as file:
                file.write(f"\nmodule dt_other_{len(list(self.folder.iterdir()))}; endmodule\n")
        return rtl

    def run(self) -> tuple[Synthesized, ...]:
        return synthesize_all(self.choices, self.write, "xc7", self.folder / "cells", self.pool)


def test_layers_that_points_share_are_synthesized_once(
    tmp_path: Path, fake_yosys: FakeTool, pool: Executor
) -> None:
    found = Bench(tmp_path / "store", pool).run()
    assert len({one.report.total.lut for one in found}) == 1 and len(found) == 3
    # What is between the layers sees their ports, and so the convolution's file.
    shared = ["dtscnn_dense0", "dtscnn_result"]
    assert sorted(fake_yosys.calls) == ["dtscnn_conv0"] * 3 + ["dtscnn_core"] * 3 + shared
    assert (found[0].report.total.bram18, found[0].report.total.dsp) == (3, 1)


def test_an_interrupted_run_goes_on_where_it_was(
    tmp_path: Path, fake_yosys: FakeTool, pool: Executor
) -> None:
    bench = Bench(tmp_path / "store", pool)
    fake_yosys.answer(dtscnn_result="fail")
    with pytest.raises(
        FlowError, match="(?s)yosys .dtscnn_result. failed with status 1.*unexpected TOK_ID"
    ) as caught:
        bench.run()
    assert "log:" not in str(caught.value)
    before = fake_yosys.calls
    assert 1 <= len(list((tmp_path / "store" / "cells").iterdir())) == len(before) - 1
    fake_yosys.answer()
    bench.run()
    assert len(fake_yosys.calls) == 9  # eight, and the one that failed
    bench.run()
    assert len(fake_yosys.calls) == 9


def test_a_damaged_result_is_made_again(tmp_path: Path, fake_yosys: FakeTool, pool: Executor) -> None:
    bench = Bench(tmp_path / "store", pool)
    expected = [one.report.total for one in bench.run()]
    number = len(fake_yosys.calls)
    damaged = sorted((tmp_path / "store" / "cells").iterdir())[0]
    damaged.write_text(damaged.read_text()[:20])
    assert [one.report.total for one in bench.run()] == expected
    assert len(fake_yosys.calls) == number + 1


@pytest.mark.slow
def test_real_yosys_in_a_process_of_this_machine(tmp_path: Path) -> None:
    pytest.importorskip("pyosys")
    with executor(None, 2) as pool:
        bench = Bench(tmp_path / "store", pool)
        bench.choices = bench.choices[:1]
        (found,) = bench.run()
    assert found.report.total.lut > 0 and found.report.kind == "synthesis-estimate"
