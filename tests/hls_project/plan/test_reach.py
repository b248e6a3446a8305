"""From a goal to a plan, or to one message with what is over by how much and the nearest that fits."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import RESOURCES, Budget, Goal, used
from hls_project.plan.reach import reach
from hls_project.plan.solver import cycles_limit
from hls_project.plan.subject import Site, Subject
from hls_project.synthesis import parts
from hls_project.synthesis.cells import Resources
from tests.hls_project.plan.fakes import ENGINES, NETWORK, FakeLayer

SUBJECT = Subject("fake", "ab" * 32, NETWORK, ENGINES, Resources(lut=120, ff=80), 256)
SITE = Site(parts.find("xc7z020"), 100.0, "pynq-z2")
TIGHT = Budget(10.0, 10.0, 10.0, 10.0)


@pytest.mark.parametrize("rate", [None, 170.0, 20_000.0, 150_000.0])
@pytest.mark.parametrize("budget", [Budget(), TIGHT])
def test_a_plan_keeps_rate_and_budget(rate: float | None, budget: Budget) -> None:
    goal = Goal(rate, budget)
    if rate == 150_000.0 and budget is TIGHT:
        with pytest.raises(ConfigurationError, match="does not fit"):
            reach(SUBJECT, SITE, goal)
        return
    plan, choice = reach(SUBJECT, SITE, goal)
    limits = budget.limits(SITE.part)
    assert all(used(choice.total)[name] <= limits[name] for name in RESOURCES)
    assert rate is None or plan.images_per_second(choice.cycles) >= rate
    assert plan.folds == {name: option.fold for name, option in choice.options.items()}
    assert SUBJECT.choice(plan.folds) == choice
    assert (plan.goal, plan.part, plan.board, plan.model) == (goal, SITE.part.name, "pynq-z2", SUBJECT.model)


def test_no_layer_is_faster_than_it_must_be() -> None:
    """A slower fold of a layer that would do costs no less."""
    rate = 20_000.0
    _, choice = reach(SUBJECT, SITE, Goal(rate))
    for layer in SUBJECT.problem.layers:
        slower = [one for one in layer.options if one.cycles <= cycles_limit(100.0, rate)]
        assert choice.options[layer.name].cost.lut == min(one.cost.lut for one in slower)


def test_a_rate_that_no_fold_reaches_names_the_layer_and_the_highest_rate() -> None:
    with pytest.raises(ConfigurationError) as caught:
        reach(SUBJECT, SITE, Goal(500_000.0))
    message = str(caught.value)
    assert message.startswith(
        "no fold reaches 500,000 images/s: at 100 MHz they leave 200 cycles an image, and conv0 takes 512 at the least"
    )
    nearest = float(re.search(r"FPS=(\d+)", message)[1])  # type: ignore[index]
    plan, choice = reach(SUBJECT, SITE, Goal(nearest))
    assert choice.cycles == 512 and plan.images_per_second(choice.cycles) >= nearest


def test_the_bus_may_be_what_limits() -> None:
    with pytest.raises(ConfigurationError, match="the bus takes 4,096 at the least"):
        reach(replace(SUBJECT, bus_cycles=4096), SITE, Goal(100_000.0))


def test_a_budget_that_is_exceeded_says_by_how_much_and_what_fits() -> None:
    goal = Goal(190_000.0, TIGHT)
    with pytest.raises(ConfigurationError) as caught:
        reach(SUBJECT, SITE, goal)
    message = str(caught.value)
    assert message.startswith(
        "fake at 190,000 images/s does not fit xc7z020clg400-1 (pynq-z2) within 10 %: it takes "
    )
    taken, over, limit = (
        int(text.replace(",", ""))
        for text in re.search(r"([\d,]+) LUT \(([\d,]+) or .* over the (5,320) of", message).groups()  # type: ignore[union-attr]
    )
    assert taken - limit == over > 0
    nearest = float(re.search(r"FPS=(\d+)", message)[1])  # type: ignore[index]
    reach(SUBJECT, SITE, Goal(nearest, TIGHT))
    with pytest.raises(ConfigurationError):
        reach(SUBJECT, SITE, Goal(nearest * 1.01, TIGHT))
    part = parts.find(re.search(r"known part that takes it is (\S+)", message)[1])  # type: ignore[index]
    reach(SUBJECT, Site(part, 100.0), goal)


def test_a_part_too_small_names_the_smallest_that_holds_it() -> None:
    large = (FakeLayer("conv0", 64, 200, 7000),)
    subject = Subject("large", "ab" * 32, large, {"tables": ENGINES["tables"]})
    with pytest.raises(
        ConfigurationError, match="known part that takes it is xczu7ev-ffvc1156-2-e"
    ) as caught:
        reach(subject, Site(parts.find("xc7z010"), 100.0), Goal(None, Budget(100.0, 100.0, 100.0, 100.0)))
    assert str(caught.value).startswith(
        "large at any rate does not fit xc7z010clg400-1 (Zybo Z7-10) within 100 %"
    )
    assert "FPS=" not in str(caught.value)


def test_a_network_that_no_part_holds_says_so() -> None:
    subject = Subject("huge", "ab" * 32, (FakeLayer("conv0", 64, 6000, 7000),), {"tables": ENGINES["tables"]})
    with pytest.raises(ConfigurationError, match="no part that is known holds it: use a smaller network"):
        reach(subject, SITE, Goal())


def test_a_layer_that_no_engine_computes_is_named() -> None:
    with pytest.raises(ConfigurationError, match="layer 'conv0': none of the engines "):
        reach(Subject("none", "ab" * 32, NETWORK, {}), SITE, Goal())
