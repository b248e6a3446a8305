"""The solver against trying everything: the same optimum, over random problems, budgets and rates."""

from __future__ import annotations

import itertools
import signal

import numpy as np
import pytest

from hls_project.plan.budget import RESOURCES, used
from hls_project.plan.fold import Fold
from hls_project.plan.options import LayerOptions, Option, list_options, weigh
from hls_project.plan.solver import Choice, Objective, Problem, cycles_limit, solve
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


def amounts(choice: Choice, objectives: tuple[Objective, ...], limits: dict[str, int]) -> Key:
    """The values of the objectives, counted without the solver's help."""
    values = dict(zip(RESOURCES, weigh(choice.total), strict=True)) | {"cycles": choice.cycles}
    bounds = {name: limit * (2 if name == "bram" else 1) for name, limit in limits.items()}
    over = max(
        (-(-10_000 * (values[name] - bounds[name]) // max(1, bounds[name])) for name in RESOURCES), default=0
    )
    return tuple((values | {"over": max(0, over)})[name] for name in objectives)


@pytest.mark.parametrize("seed", range(60))
def test_no_choice_is_better(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = random_problem(rng)
    limits = {
        "lut": int(rng.integers(20, 140)),
        "ff": int(rng.integers(40, 160)),
        "bram": int(rng.integers(2, 12)),
        "dsp": int(rng.integers(0, 3)),
    }
    cases: list[tuple[tuple[Objective, ...], int | None]] = [
        (("cycles", "lut", "bram", "ff"), None),
        (("lut", "bram", "ff"), int(rng.integers(1, 40))),
        (("over", "lut", "bram"), int(rng.integers(1, 40))),
        (("over", "bram", "lut", "cycles"), None),
    ]
    for objectives, cycles in cases:
        allowed = [
            choice
            for choice in everything(problem)
            if (cycles is None or choice.cycles <= cycles)
            and ("over" in objectives or all(used(choice.total)[name] <= limits[name] for name in RESOURCES))
        ]
        found = solve(problem, limits, objectives, cycles)
        if not allowed:
            assert found is None
            continue
        assert found is not None
        best = min(amounts(choice, objectives, limits) for choice in allowed)
        assert amounts(found, objectives, limits) == best
        assert found.excess(limits) == {} or "over" in objectives


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
