"""Which plan a verb takes, and that a refused wish leaves the saved one as it was."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import Budget, Goal, parse_budget
from hls_project.plan.fold import Fold
from hls_project.plan.plan import Plan, load
from hls_project.plan.request import Request
from hls_project.plan.saved import take
from hls_project.plan.subject import Subject
from tests.hls_project.plan.fakes import ENGINES, NETWORK

SUBJECT = Subject("fake", "ab" * 32, NETWORK, ENGINES)
OTHER = replace(SUBJECT, name="other", model="cd" * 32)
BY_HAND = {"conv0": Fold("tables", 4, 27), "conv1": Fold("folded", 4, 8), "dense0": Fold("folded", 1, 8)}


def by_hand(**changes: object) -> Plan:
    return Plan(
        **{
            "network": "fake",
            "model": SUBJECT.model,
            "part": "xc7z020clg400-1",
            "clock_mhz": 100.0,
            "folds": BY_HAND,
            **changes,
        }
    )  # type: ignore[arg-type]


def test_without_a_saved_plan_one_is_made_for_the_default_board(tmp_path: Path) -> None:
    taken = take(SUBJECT, tmp_path, Request())
    assert taken.plan == load(tmp_path / "plan.json")
    assert (taken.plan.board, taken.plan.clock_mhz, taken.plan.goal) == ("pynq-z2", 100.0, Goal())
    assert taken.origin.startswith(
        f"plan: {tmp_path / 'plan.json'}, made now, for pynq-z2 at 100 MHz: 512 cycles"
    )


def test_what_is_left_open_stays_as_saved(tmp_path: Path) -> None:
    first = take(SUBJECT, tmp_path, Request(board="zcu104", rate="20000", budget="70%", clock_mhz=150.0))
    again = take(SUBJECT, tmp_path, Request())
    assert again.plan == first.plan and "saved before" in again.origin
    assert again.plan.goal == Goal(20_000.0, parse_budget("70%"))
    same = take(SUBJECT, tmp_path, Request(board="zcu104", rate="20,000", budget="70%"))
    assert same.plan == first.plan and "saved before" in same.origin


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (Request(board="zcu104"), "was for xc7z020clg400-1"),
        (Request(part="xc7z010"), "was for xc7z020clg400-1"),
        (Request(rate="30000"), "was for 20,000 images/s within LUT 80 %"),
        (Request(budget="60%"), "was for 20,000 images/s within LUT 80 %"),
        (Request(rate="max"), "was for 20,000 images/s within LUT 80 %"),
        (Request(clock_mhz=125.0), "was for 100 MHz"),
    ],
)
def test_another_wish_makes_another_plan(tmp_path: Path, request_: Request, reason: str) -> None:
    before = take(SUBJECT, tmp_path, Request(rate="20000")).plan
    taken = take(SUBJECT, tmp_path, request_)
    assert reason in taken.origin and "made now" in taken.origin
    assert taken.plan == load(tmp_path / "plan.json") != before


@pytest.mark.parametrize("clock", [math.inf, math.nan, 0.0, -100.0, 10_001.0])
def test_a_clock_that_none_is_is_refused(tmp_path: Path, clock: float) -> None:
    with pytest.raises(
        ConfigurationError, match=f"CLOCK is in MHz, above 0 and at most 10,000, not {clock:g}"
    ):
        take(SUBJECT, tmp_path, Request(clock_mhz=clock))
    assert not list(tmp_path.iterdir())


def test_a_budget_alone_means_the_highest_rate(tmp_path: Path) -> None:
    take(SUBJECT, tmp_path, Request(rate="20000"))
    assert take(SUBJECT, tmp_path, Request(budget="60%")).plan.goal == Goal(None, Budget(60, 60, 60, 60))


def test_the_saved_plan_of_another_network_is_replaced_and_that_is_said(tmp_path: Path) -> None:
    take(OTHER, tmp_path, Request(board="zcu104"))
    taken = take(SUBJECT, tmp_path, Request())
    assert taken.plan.board == "pynq-z2" and "the saved one was of another network" in taken.origin


def test_a_plan_that_is_named_becomes_the_saved_one(tmp_path: Path) -> None:
    file = tmp_path / "my.json"
    by_hand(board="pynq-z1").save(file)
    taken = take(SUBJECT, tmp_path / "model", Request(plan=file))
    assert taken.plan.folds == BY_HAND and "my.json, now the saved one" in taken.origin
    assert load(tmp_path / "model" / "plan.json") == taken.plan
    again = take(SUBJECT, tmp_path / "model", Request())
    assert again.plan == taken.plan and "saved before" in again.origin
    # What a user wrote is no goal of the solver's: exploring keeps it too.
    assert take(SUBJECT, tmp_path / "model", Request(), afresh=True).plan == taken.plan
    faster = take(SUBJECT, tmp_path / "model", Request(clock_mhz=125.0))
    assert faster.plan == replace(taken.plan, clock_mhz=125.0) == load(tmp_path / "model" / "plan.json")
    assert take(SUBJECT, tmp_path / "model", Request(rate="max"), afresh=True).plan.folds != BY_HAND


def test_exploring_makes_the_plan_afresh_for_the_same_goal(tmp_path: Path) -> None:
    plan = take(SUBJECT, tmp_path, Request(rate="20000")).plan
    replace(plan, folds=BY_HAND).save(tmp_path / "plan.json")
    assert take(SUBJECT, tmp_path, Request()).plan.folds == BY_HAND
    assert take(SUBJECT, tmp_path, Request(), afresh=True).plan == plan


@pytest.mark.parametrize(
    ("plan", "request_", "message"),
    [
        (
            by_hand(model="cd" * 32, network="other"),
            Request(),
            "is a plan of 'other' .model cdcdcdcdcdcd.*, not of 'fake'",
        ),
        (by_hand(folds={"conv0": BY_HAND["conv0"]}), Request(), "no folds of the layers conv1, dense0"),
        (
            by_hand(folds=BY_HAND | {"conv0": Fold("folded", 5, 9)}),
            Request(),
            "my.json: conv0: 5 does not divide 16 kernels; the nearest is 4",
        ),
        (
            by_hand(folds=BY_HAND | {"conv0": Fold("magic")}),
            Request(),
            "there is no engine 'magic'; there are folded, tables",
        ),
        (by_hand(), Request(rate="3"), "leave out FPS and BUDGET"),
        (by_hand(), Request(budget="3%"), "leave out FPS and BUDGET"),
        (by_hand(), Request(board="zcu104"), "is a plan for xc7z020clg400-1, not for xczu7ev"),
    ],
)
def test_a_plan_that_is_named_and_does_not_suit_is_refused(
    tmp_path: Path, plan: Plan, request_: Request, message: str
) -> None:
    saved = take(SUBJECT, tmp_path, Request()).plan
    file = tmp_path / "my.json"
    plan.save(file)
    with pytest.raises(ConfigurationError, match=message):
        take(SUBJECT, tmp_path, replace(request_, plan=file))
    assert load(tmp_path / "plan.json") == saved


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request(rate="1e9"), "no fold reaches"),
        (Request(rate="fast"), "FPS is a number"),
        (Request(budget="170%"), "at most 100 %"),
        (Request(budget="0.1%"), "does not fit"),
        (Request(board="pynq-z3"), "there is no board 'pynq-z3'; did you mean pynq-z"),
        (Request(part="xc7z021"), "unknown part 'xc7z021'; did you mean xc7z0"),
        (Request(board="zcu104", part="xc7z020"), "give BOARD=zcu104 or the part xc7z020, not both"),
    ],
)
def test_a_wish_that_cannot_be_leaves_the_saved_plan(tmp_path: Path, request_: Request, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        take(SUBJECT, tmp_path / "new", request_)
    assert not (tmp_path / "new").exists()
    saved = take(SUBJECT, tmp_path, Request()).plan
    with pytest.raises(ConfigurationError, match=message):
        take(SUBJECT, tmp_path, request_)
    assert load(tmp_path / "plan.json") == saved


def test_a_damaged_saved_plan_is_not_replaced_in_silence(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_text("{")
    with pytest.raises(ConfigurationError, match="not a plan, or damaged"):
        take(SUBJECT, tmp_path, Request())
    assert (tmp_path / "plan.json").read_text() == "{"


def test_a_saved_plan_that_the_engines_no_longer_take(tmp_path: Path) -> None:
    odd = BY_HAND | {"conv0": Fold("folded", 5, 9)}
    by_hand(folds=odd, goal=Goal()).save(tmp_path / "plan.json")
    assert "is of another version" in take(SUBJECT, tmp_path, Request()).origin
    by_hand(folds=odd).save(tmp_path / "plan.json")
    with pytest.raises(ConfigurationError, match="mend it, or remove it to have one made"):
        take(SUBJECT, tmp_path, Request())
    assert load(tmp_path / "plan.json").folds == odd
