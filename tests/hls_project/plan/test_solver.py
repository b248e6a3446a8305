"""The solver against trying everything: the same optimum, over random problems, budgets and rates."""

from __future__ import annotations

import itertools
import signal
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from dt_scnn.errors import FlowError
from hls_project.plan.budget import RESOURCES, used
from hls_project.plan.fold import Fold
from hls_project.plan.options import LayerOptions, Option, list_options, weigh
from hls_project.plan.solver import Choice, Objective, Problem, cycles_limit, nearest, solve
from hls_project.synthesis.cells import Resources
from tests.hls_project.plan.fakes import ENGINES, NETWORK, FakeLayer

Key = tuple[int, ...]


def random_problem(rng: np.random.Generator) -> Problem:
    layers = []
    for index in range(int(rng.integers(1, 4))):
        options = [
            Option(
                Fold("any", pe + 1),
                int(rng.integers(1, 40)),
                Resources(
                    lut=int(rng.integers(0, 60)),
                    ff=int(rng.integers(0, 60)),
                    bram18=int(rng.integers(0, 5)),
                    bram36=int(rng.integers(0, 3)),
                    dsp=int(rng.integers(0, 2)),
                ),
            )
            for pe in range(int(rng.integers(1, 7)))
        ]
        options.sort(key=lambda option: option.cycles)
        layers.append(LayerOptions(f"layer{index}", tuple(options)))
    return Problem(tuple(layers), Resources(lut=int(rng.integers(0, 9)), bram18=1), int(rng.integers(1, 20)))


def everything(problem: Problem) -> list[Choice]:
    return [
        Choice(
            {layer.name: option for layer, option in zip(problem.layers, chosen, strict=True)},
            problem.fixed,
            problem.bus_cycles,
        )
        for chosen in itertools.product(*(layer.options for layer in problem.layers))
    ]


def amounts(choice: Choice, objectives: tuple[Objective, ...]) -> Key:
    """The values of the objectives, counted without the solver's help."""
    values = dict(zip(RESOURCES, weigh(choice.total), strict=True)) | {"cycles": choice.cycles}
    return tuple(values[name] for name in objectives)


def over(choice: Choice, limits: dict[str, int]) -> int:
    """The largest excess over a limit, in millionths of it."""
    bounds = {name: limit * (2 if name == "bram" else 1) for name, limit in limits.items()}
    taken = dict(zip(RESOURCES, weigh(choice.total), strict=True))
    shares = [-(-1_000_000 * (taken[name] - bounds[name]) // max(1, bounds[name])) for name in RESOURCES]
    return max(0, *shares)


def random_limits(rng: np.random.Generator) -> dict[str, int]:
    return {
        "lut": int(rng.integers(20, 140)),
        "ff": int(rng.integers(40, 160)),
        "bram": int(rng.integers(2, 12)),
        "dsp": int(rng.integers(0, 3)),
    }


@pytest.mark.parametrize("seed", range(60))
def test_no_choice_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem, limits = random_problem(rng), random_limits(rng)
    cases: list[tuple[tuple[Objective, ...], int | None]] = [
        (("cycles", "lut", "bram", "ff"), None),
        (("lut", "bram", "ff"), int(rng.integers(1, 40))),
        (("dsp", "cycles", "lut"), int(rng.integers(1, 40))),
    ]
    for objectives, cycles in cases:
        allowed = [
            choice
            for choice in everything(problem)
            if (cycles is None or choice.cycles <= cycles)
            and all(used(choice.total)[name] <= limits[name] for name in RESOURCES)
        ]
        found = solve(problem, limits, objectives, cycles)
        if not allowed:
            assert found is None
            continue
        assert found is not None and found.excess(limits) == {}
        assert amounts(found, objectives) == min(amounts(choice, objectives) for choice in allowed)


@pytest.mark.parametrize("seed", range(60))
def test_no_choice_exceeds_the_limits_by_less(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem, limits = random_problem(rng), random_limits(rng)
    cases: list[tuple[tuple[Objective, ...], int | None]] = [
        (("lut", "bram"), max(problem.least_cycles, int(rng.integers(1, 40)))),
        (("bram", "lut", "cycles"), None),
        (("dsp", "cycles", "ff"), None),
    ]
    for objectives, cycles in cases:
        allowed = [choice for choice in everything(problem) if cycles is None or choice.cycles <= cycles]
        found = nearest(problem, limits, objectives, cycles)
        assert (over(found, limits), *amounts(found, objectives)) == min(
            (over(choice, limits), *amounts(choice, objectives)) for choice in allowed
        )


def large_problem(seed: int) -> tuple[Problem, dict[str, int]]:
    """Seven layers of 60 options, up to 30 million cycles and a million LUT, and limits that some choice keeps."""
    rng = np.random.default_rng(seed)
    layers = []
    for index in range(7):
        work = int(2 ** rng.uniform(16, 25))
        options = []
        for pe in range(60):
            cycles = max(64, int(work / 2 ** rng.uniform(0, 16)))
            lut, ff = (int(300 + work / cycles * rng.uniform(3, 30)) for _ in range(2))
            cost = Resources(lut=lut, ff=ff, bram18=int(rng.integers(0, 60)), dsp=int(rng.integers(0, 3)))
            options.append(Option(Fold("any", pe + 1), cycles, cost))
        layers.append(LayerOptions(f"layer{index}", tuple(sorted(options, key=lambda one: one.cycles))))
    kept = [weigh(layer.options[int(rng.integers(0, 60))].cost) for layer in layers]
    lut, ff, halves, dsp = np.sum(kept, axis=0).tolist()
    return Problem(tuple(layers)), {"lut": lut, "ff": ff, "bram": (halves + 1) // 2, "dsp": dsp}


@pytest.mark.parametrize(
    ("seed", "order", "best"),
    [
        (75, ("lut", "bram", "ff", "cycles"), (2198, 182, 2247, 9_493_800)),
        (159, ("lut", "bram", "ff", "cycles"), (2234, 130, 2405, 19_863_277)),
    ],
)
def test_what_is_feasible_is_found(seed: int, order: tuple[Objective, ...], best: Key) -> None:
    """HiGHS calls these infeasible with the cycles as a column beside 0 and 1; `best` is what CP-SAT finds."""
    problem, limits = large_problem(seed)
    for found in (solve(problem, limits, order), nearest(problem, limits, order)):
        assert found is not None and found.excess(limits) == {}
        assert amounts(found, order) == best


@pytest.mark.parametrize(
    ("seed", "order", "excess", "best"),
    [
        (3, ("bram", "lut", "ff", "cycles"), 1_360_433, (112, 133_667, 60_276, 1_138)),
        (4, ("lut", "bram", "ff", "cycles"), 1_500_000, (160_448, 102, 157_135, 7_149)),
    ],
)
def test_the_least_excess_of_a_large_problem(
    seed: int, order: tuple[Objective, ...], excess: int, best: Key
) -> None:
    """The figures are what CP-SAT finds."""
    problem, limits = large_problem(seed)
    limits = {name: limit // 4 for name, limit in limits.items()}
    found = nearest(problem, limits, order, 20 * problem.least_cycles)
    assert (over(found, limits), amounts(found, order)) == (excess, best)


def test_a_search_that_contradicts_the_one_before_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, limits = large_problem(75)
    solved = iter([optimize.milp])

    def milp(*given: Any, **options: Any) -> Any:
        return next(solved, lambda *_, **__: SimpleNamespace(status=2))(*given, **options)

    monkeypatch.setattr(optimize, "milp", milp)
    with pytest.raises(FlowError, match="HiGHS finds none where there is one"):
        solve(problem, limits, ("bram", "lut"))


def test_the_same_problem_has_the_same_answer() -> None:
    problem = Problem(list_options(NETWORK, ENGINES))
    limits = {"lut": 4000, "ff": 9000, "bram": 12, "dsp": 0}
    objectives: tuple[Objective, ...] = ("cycles", "lut", "bram", "ff")
    first, second = (solve(problem, limits, objectives) for _ in range(2))
    assert first is not None and first == second


def test_ctrl_c_still_raises_after_a_search() -> None:
    problem = Problem(list_options(NETWORK, ENGINES))
    assert solve(problem, dict.fromkeys(RESOURCES, 10**6), ("lut",)) is not None
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_options_that_another_beats_are_left_out() -> None:
    options = list_options([FakeLayer("conv0", 100, 6, 8)], ENGINES)[0].options
    engine_of = {option.fold: ENGINES[option.fold.engine] for option in options}
    layer = FakeLayer("conv0", 100, 6, 8)
    everyone = [
        (engine.cycles(layer, fold), *weigh(engine.cost(layer, fold)))
        for engine in ENGINES.values()
        for fold in engine.candidates(layer)
    ]
    kept = [option.amounts for option in options]
    assert len(set(kept)) == len(kept) and len(engine_of) == len(options)
    for amounts_ in everyone:
        beaten = [other for other in kept if all(a <= b for a, b in zip(other, amounts_, strict=True))]
        assert beaten and (amounts_ not in kept or beaten == [amounts_])
    assert set(kept) <= set(everyone) and kept == sorted(kept)


@pytest.mark.parametrize(
    ("clock_mhz", "rate", "cycles"),
    [
        (100.0, 6000.0, 16666),
        (100.0, 6250.0, 16000),
        (100.0, 3.0, 33_333_333),
        (0.1, 1e6, 0),
        (333.3, 1.0, 333_300_000),
    ],
)
def test_cycles_that_a_rate_leaves(clock_mhz: float, rate: float, cycles: int) -> None:
    assert cycles_limit(clock_mhz, rate) == cycles
