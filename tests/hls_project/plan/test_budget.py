"""BUDGET= and FPS= as people write them, right and wrong."""

from __future__ import annotations

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import Budget, Goal, parse_budget, parse_rate, used
from hls_project.synthesis import parts
from hls_project.synthesis.cells import Resources


@pytest.mark.parametrize(
    ("text", "budget"),
    [
        ("70%", Budget(70, 70, 70, 70)),
        ("100%", Budget(100, 100, 100, 100)),
        ("12.5 %", Budget(12.5, 12.5, 12.5, 12.5)),
        ("lut=70%", Budget(lut=70)),
        ("LUT=70%, bram=50%", Budget(lut=70, bram=50)),
    ],
)
def test_good_budgets(text: str, budget: Budget) -> None:
    assert parse_budget(text) == budget


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0%", "above 0 % and at most 100 %.*nearest is BUDGET=1%"),
        ("170%", "above 0 % and at most 100 %.*nearest is BUDGET=100%"),
        ("lut=101%", "at most 100 %, not 101%|at most 100 % of a part, not 101%"),
        ("70", "did you mean BUDGET=70%"),
        ("0.7", "did you mean BUDGET=70%"),
        ("-5%", "not '-5%'"),
        ("", "not ''"),
        ("much", "such as BUDGET=70%"),
        ("uram=50%", "BUDGET bounds lut, ff, bram, dsp, not 'uram'"),
        ("lut=50%,lut=60%", "bounds lut twice"),
        ("nan%", "not 'nan%'"),
    ],
)
def test_bad_budgets(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        parse_budget(text)


@pytest.mark.parametrize(
    ("text", "rate"), [("6000", 6000.0), ("6,000", 6000.0), ("0.5", 0.5), ("max", None), ("MAX", None)]
)
def test_good_rates(text: str, rate: float | None) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize("text", ["0", "-3", "nan", "inf", "fast", "", "1e13"])
def test_bad_rates(text: str) -> None:
    with pytest.raises(ConfigurationError, match="FPS is a number of images/s above 0.*FPS=max"):
        parse_rate(text)


def test_limits_are_whole_and_never_more_than_the_share() -> None:
    part = parts.find("xc7z020")
    assert Budget().limits(part) == {"lut": 42560, "ff": 95760, "bram": 126, "dsp": 198}
    assert Budget(33, 33, 33, 33).limits(part) == {"lut": 17556, "ff": 35112, "bram": 46, "dsp": 72}
    assert Budget(100, 100, 100, 100).limits(part)["lut"] == part.lut


def test_two_small_block_rams_count_as_one() -> None:
    assert used(Resources(lut=3, ff=2, bram18=3, bram36=1, dsp=4)) == {"lut": 3, "ff": 2, "bram": 3, "dsp": 4}


def test_a_goal_says_itself() -> None:
    assert str(Goal()) == "the highest rate within LUT 80 %, FF 90 %, BRAM 90 %, DSP 90 %"
    assert str(Goal(3000.0, parse_budget("70%"))) == "3,000 images/s within 70 %"
