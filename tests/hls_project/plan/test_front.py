"""The front against trying everything, and the picture's files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hls_project.plan.budget import Budget, used
from hls_project.plan.front import Thrift, pareto
from hls_project.plan.options import LayerOptions
from hls_project.plan.picture import draw
from hls_project.plan.solver import Problem
from hls_project.plan.subject import Site
from hls_project.synthesis import parts
from tests.hls_project.plan.test_reach import SUBJECT
from tests.hls_project.plan.test_solver import everything, random_problem

LIMITS = {"lut": 90, "ff": 1000, "bram": 9, "dsp": 9}


@pytest.mark.parametrize("thrift", ["lut", "bram"])
@pytest.mark.parametrize("seed", range(12))
def test_no_choice_beats_a_point(seed: int, thrift: Thrift) -> None:
    problem = random_problem(np.random.default_rng(seed))
    front = pareto(problem, LIMITS, thrift, points=40)
    assert front[0].choice.cycles == problem.least_cycles
    for fits in (False, True):
        pairs = [
            (point.choice.cycles, used(point.choice.total)[thrift]) for point in front if point.fits is fits
        ]
        assert pairs == sorted(pairs) and all(a[1] > b[1] for a, b in zip(pairs, pairs[1:], strict=False))
    assert [point.fits for point in front] == sorted(point.fits for point in front)
    fitting = [choice for choice in everything(problem) if not choice.excess(LIMITS)]
    for point in front:
        assert point.fits == (not point.choice.excess(LIMITS))
        if point.fits:
            least = min(used(one.total)[thrift] for one in fitting if one.cycles <= point.choice.cycles)
            assert used(point.choice.total)[thrift] == least


def test_both_pictures_are_written_and_the_same_each_time(tmp_path: Path) -> None:
    site = Site(parts.find("xc7z020"), 100.0, "pynq-z2")
    limits = Budget(10.0, 10.0, 10.0, 10.0).limits(site.part)
    fronts = {thrift: pareto(SUBJECT.problem, limits, thrift, 8) for thrift in ("lut", "bram")}
    chosen = next(point.choice for point in fronts["lut"] if point.fits)  # type: ignore[index]
    marks = {"lut": [(1000.0, 900)], "bram": [(1000.0, 0)]}
    files = [
        draw("fake", fronts, chosen, marks, limits, site, tmp_path / name / "front")  # type: ignore[arg-type]
        for name in ("a", "b")
    ]
    for first, second in zip(*files, strict=True):
        assert first.read_bytes() == second.read_bytes() and first.stat().st_size > 5000
    text = files[0][1].read_text()
    for words in (
        "fake on xc7z020clg400-1 (pynq-z2), 100 MHz",
        "images/s",
        "over the budget",
        "yosys",
        "block RAMs of 36 kbit",
    ):
        assert words in text
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["front.png", "front.svg"]


def test_a_front_of_one_point() -> None:
    first = SUBJECT.problem.layers[0]
    single = Problem((LayerOptions(first.name, first.options[:1]),))
    (point,) = pareto(single, {"lut": 10**6, "ff": 10**6, "bram": 99, "dsp": 99}, "lut")
    assert point.fits and point.choice.options[first.name] == first.options[0]
