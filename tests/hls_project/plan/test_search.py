"""What a search says when HiGHS ends without an answer, or with one that cannot be."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy import optimize

from dt_scnn.errors import FlowError
from hls_project.plan.options import list_options
from hls_project.plan.search import Search
from tests.hls_project.plan.fakes import ENGINES, NETWORK

LAYERS = list_options(NETWORK, ENGINES)
SEARCH = Search(LAYERS)
MOST = np.array([1200, 9000, 24, 0])
CYCLES = 8000


def least(known: bool = False) -> Any:
    return SEARCH.least(0, MOST, CYCLES, known)


def ends(
    monkeypatch: pytest.MonkeyPatch, status: int, pick: Callable[[Any, Any], Any] = lambda costs, layers: None
) -> None:
    """Let HiGHS end so. pick: the values that it finds, of the options' LUTs and of the rows of the layers."""

    def milp(costs: Any, *, constraints: Any, **rest: Any) -> SimpleNamespace:
        return SimpleNamespace(status=status, message="its words", x=pick(costs, constraints[0].A))

    monkeypatch.setattr(optimize, "milp", milp)


def test_an_answer_is_one_option_of_each_layer_within_the_bounds() -> None:
    choice = least()
    assert (SEARCH.costs[choice].sum(axis=0) <= MOST).all() and SEARCH.cycles[choice].max() <= CYCLES
    for option, layer in zip(SEARCH.options(choice), LAYERS, strict=True):
        assert option in layer.options


def test_a_search_that_takes_too_long_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, status=1)
    with pytest.raises(FlowError, match=r"did not end within 60 s \(its words\); another rate \(FPS\)"):
        least()


def test_a_search_that_fails_says_what_highs_says(monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, status=4)
    with pytest.raises(FlowError, match=r"the search for a plan failed \(its words\); another rate"):
        least()


def test_infeasible_is_an_answer_unless_a_choice_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    ends(monkeypatch, status=2)
    assert least() is None
    with pytest.raises(FlowError, match="HiGHS finds none where there is one; another rate"):
        least(known=True)


@pytest.mark.parametrize(
    "pick",
    [
        lambda costs, layers: np.zeros(len(costs)),
        lambda costs, layers: np.ones(len(costs)),
        lambda costs, layers: sum(np.eye(len(costs))[np.argmax(row * (1 + costs))] for row in layers),
    ],
    ids=["no option", "all options", "the dearest options"],
)
def test_an_answer_that_is_none_is_refused(
    monkeypatch: pytest.MonkeyPatch, pick: Callable[[Any, Any], Any]
) -> None:
    ends(monkeypatch, status=0, pick=pick)
    with pytest.raises(FlowError, match="what HiGHS finds is none; another rate"):
        least()
