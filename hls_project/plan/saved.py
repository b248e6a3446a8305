"""Which plan a verb takes: the one that is named, the saved one, or one that the solver makes and saves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from hls_project.plan.budget import Goal
from hls_project.plan.plan import FILE, Plan, load
from hls_project.plan.reach import reach
from hls_project.plan.request import Request
from hls_project.plan.solver import Choice
from hls_project.plan.subject import Site, Subject


@dataclass(frozen=True)
class Taken:
    """A plan, what it makes of the network, and the sentence that says where it comes from."""

    plan: Plan
    choice: Choice
    site: Site
    origin: str


def take(subject: Subject, folder: Path, request: Request, afresh: bool = False) -> Taken:
    """Return the plan of the network whose workspace is `folder`; it is the saved one, `plan.json`, from then on.

    A plan that is named becomes the saved one. Without one the saved plan is taken if it is the network's and what is
    asked for agrees with what it was made for; else the solver makes one. afresh: the solver also makes one that it made
    before; folds that were set by hand stay until another board, rate or budget is asked for.

    Raises:
        ConfigurationError: what is asked for contradicts itself or is out of reach, or a plan is damaged or of another
            network; what is saved stays as it was.
        FlowError: the search took too long.
    """
    path = folder / FILE
    if request.plan is not None:
        return _named(subject, path, request)
    goal = request.goal
    saved, reason = _read(subject, path)
    site = request.site(saved)
    if saved is not None:
        reason = _disagreement(saved, site, goal)
        if not reason and (saved.goal is None or not afresh):
            plan = replace(saved, clock_mhz=site.clock_mhz)
            if plan != saved:
                plan.save(path)
            choice = subject.choice(plan.folds)
            return Taken(plan, choice, site, f"plan: {path}, saved before, {_words(plan, choice)}")
    plan, choice = reach(subject, site, goal or (saved.goal if saved else None) or Goal())
    plan.save(path)
    return Taken(plan, choice, site, f"plan: {path}, made now{reason}, {_words(plan, choice)}")


def _named(subject: Subject, path: Path, request: Request) -> Taken:
    """Take the plan of the file that is named, and save it."""
    assert request.plan is not None
    if request.rate is not None or request.budget is not None:
        raise ConfigurationError(
            f"PLAN={request.plan} says how every layer folds; leave out FPS and BUDGET, or leave out PLAN"
        )
    plan = load(request.plan)
    plan.check_network(subject.name, subject.model, (layer.name for layer in subject.layers), request.plan)
    site = request.site(plan)
    if site.part.name != plan.part:
        raise ConfigurationError(
            f"{request.plan} is a plan for {plan.part}, not for {site.part.name}; leave out BOARD, or make one for it: "
            f"make explore MODEL={subject.name} BOARD={request.board or site.part.name}"
        )
    try:
        choice = subject.choice(plan.folds)
    except ConfigurationError as error:
        raise ConfigurationError(f"{request.plan}: {error}") from error
    if request.clock_mhz is not None or plan.board is None:
        plan = replace(plan, clock_mhz=site.clock_mhz, board=site.board)
    origin = f"plan: {request.plan}"
    if path.resolve() != request.plan.resolve():
        plan.save(path)
        origin += f", now the saved one ({path})"
    return Taken(plan, choice, site, f"{origin}, {_words(plan, choice)}")


def _read(subject: Subject, path: Path) -> tuple[Plan | None, str]:
    """Return the saved plan, None if there is none or it is another network's; then why, for the sentence."""
    if not path.exists():
        return None, ""
    try:
        plan = load(path)
    except ConfigurationError as error:
        raise ConfigurationError(f"{error}; mend it, or remove it to have one made") from error
    if plan.model != subject.model:
        return None, " (the saved one was of another network)"
    names = [layer.name for layer in subject.layers]
    try:
        plan.check_network(subject.name, subject.model, names, path)
        subject.choice(plan.folds)
    except ConfigurationError as error:
        if plan.goal is None:
            raise ConfigurationError(f"{path}: {error}; mend it, or remove it to have one made") from error
        return None, f" (the saved one is of another version: {error})"
    return plan, ""


def _disagreement(saved: Plan, site: Site, goal: Goal | None) -> str:
    """Return why the saved plan is not what is asked for, "" if it is."""
    if site.part.name != saved.part:
        return f" (the saved one was for {saved.part})"
    if goal is not None and goal != saved.goal:
        return f" (the saved one was for {saved.goal or 'folds set by hand'})"
    if saved.goal is not None and site.clock_mhz != saved.clock_mhz:
        return f" (the saved one was for {saved.clock_mhz:g} MHz)"
    return ""


def _words(plan: Plan, choice: Choice) -> str:
    return (
        f"for {plan.board or plan.part} at {plan.clock_mhz:g} MHz: {choice.cycles:,} cycles, "
        f"{plan.images_per_second(choice.cycles):,.0f} images/s"
    )
