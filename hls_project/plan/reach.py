"""From a goal to a plan, or to one message that says what is over by how much and the nearest that fits."""

from __future__ import annotations

from dataclasses import replace
from math import floor

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import RESOURCES, Goal, used
from hls_project.plan.plan import Plan
from hls_project.plan.solver import Choice, Objective, Problem, cycles_limit, nearest, solve
from hls_project.plan.subject import Site, Subject
from hls_project.synthesis.parts import Part, parts

_CHEAPEST: tuple[Objective, ...] = ("lut", "bram", "ff")


def reach(subject: Subject, site: Site, goal: Goal) -> tuple[Plan, Choice]:
    """Return the plan for `goal`: least LUT at the rate that is asked for, or the highest rate and then least LUT.

    Raises:
        ConfigurationError: there is none; the message names the nearest rate and the nearest part that do.
        FlowError: the search took too long.
    """
    found = _find(subject.problem, site.part, site.clock_mhz, goal)
    if found is None:
        raise ConfigurationError(_why(subject, site, goal))
    folds = {name: option.fold for name, option in found.options.items()}
    plan = Plan(subject.name, subject.model, site.part.name, site.clock_mhz, folds, site.board, goal)
    return plan, found


def _find(problem: Problem, part: Part, clock_mhz: float, goal: Goal) -> Choice | None:
    limits = goal.budget.limits(part)
    if goal.images_per_second is None:
        return solve(problem, limits, ("cycles", *_CHEAPEST))
    return solve(problem, limits, _CHEAPEST, cycles_limit(clock_mhz, goal.images_per_second))


def _why(subject: Subject, site: Site, goal: Goal) -> str:
    """Return why the goal is out of reach, and what is near it."""
    problem, part = subject.problem, site.part
    limits = goal.budget.limits(part)
    rate = goal.images_per_second
    cycles = None if rate is None else cycles_limit(site.clock_mhz, rate)
    asked = f"{subject.name} at " + ("any rate" if rate is None else f"{rate:,.10g} images/s")
    near = _nearest_rate(problem, site, goal)
    if cycles is not None and cycles < problem.least_cycles:
        return (
            f"no fold reaches {rate:,.10g} images/s: at {site.clock_mhz:g} MHz they leave {cycles:,} cycles an image, and "
            f"{_slowest(problem)} takes {problem.least_cycles:,} at the least; {near or _nearest_part(problem, site, goal)}"
        )
    least = nearest(problem, limits, _CHEAPEST, cycles)
    taken, excess = used(least.total), least.excess(limits)
    over = ", ".join(
        f"{taken[name]:,} {name.upper()} ({excess[name]:,}{_percent(excess[name], limits[name])} over "
        f"the {limits[name]:,} of the budget)"
        for name in RESOURCES
        if name in excess
    )
    advice = "; ".join(text for text in (near, _nearest_part(problem, site, goal)) if text)
    advice = advice or "no part that is known holds it: use a smaller network"
    return f"{asked} does not fit {site.label} within {goal.budget}: it takes {over}; {advice}"


def _nearest_rate(problem: Problem, site: Site, goal: Goal) -> str:
    """Return the highest rate that fits the part, "" if none does."""
    if goal.images_per_second is None:
        return ""
    found = solve(problem, goal.budget.limits(site.part), ("cycles",))
    if found is None:
        return ""
    rate = site.clock_mhz * 1e6 / found.cycles
    return f"the highest that fits here is FPS={floor(rate) if rate >= 10 else floor(rate * 100) / 100:g}"


def _nearest_part(problem: Problem, site: Site, goal: Goal) -> str:
    """Return the smallest part on which the goal is reached, "" if there is none."""
    rate = goal.images_per_second
    if rate is not None and cycles_limit(site.clock_mhz, rate) < problem.least_cycles:
        goal = replace(goal, images_per_second=None)
    larger = (part for part in parts().values() if part != site.part)
    for part in sorted(larger, key=lambda part: (part.lut, part.name)):
        if _find(problem, part, site.clock_mhz, goal) is not None:
            return f"the smallest known part that takes it is {part.name} ({part.board})"
    return ""


def _slowest(problem: Problem) -> str:
    names = [layer.name for layer in problem.layers if layer.least_cycles == problem.least_cycles]
    return " and ".join(names) or "the bus"


def _percent(amount: int, limit: int) -> str:
    return f" or {100 * amount / limit:,.1f} %" if limit else ""
