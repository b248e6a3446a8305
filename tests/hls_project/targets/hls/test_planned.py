"""A plan's folds as target hls computes them: every fold that the engines of target rtl offer has one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.hls.convert import to_model_graph
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.planned import planned
from hls_project.targets.rtl.engines import ENGINES
from hls_project.targets.rtl.layer import from_integer_layer
from tests import models

SHAPE = (8, 8, 1)


@pytest.mark.parametrize(
    ("fold", "expected"),
    [
        (Fold("dense", 5, 1, 1), Fold("dense", 5, 2, 1)),
        (Fold("dense", 5, 3, 1), Fold("dense", 5, 4, 1)),
        (Fold("dense", 5, 24, 2), Fold("dense", 5, 12, 1)),
        (Fold("dense", 5, 12, 1), Fold("dense", 5, 12, 1)),
        (Fold("folded", 5, 1, 1), Fold("folded", 5, 1, 1)),
        (Fold("folded_lut", 2, 4, 2), Fold("folded", 2, 4, 2)),
    ],
)
def test_a_dense_layer_takes_whole_pairs_of_one_pixel(fold: Fold, expected: Fold) -> None:
    dense = integerize(models.build("6C3-FC5", SHAPE)).layers[-1]
    assert planned(fold, dense) == expected


def test_single_spikes_need_no_pairs() -> None:
    dense = integerize(models.build("6C3-FC5", SHAPE, dual=False)).layers[-1]
    assert planned(Fold("dense", 5, 1, 1), dense) == Fold("dense", 5, 1, 1)


@pytest.mark.parametrize("dual", [True, False])
def test_every_candidate_of_target_rtl_is_taken(tmp_path: Path, dual: bool) -> None:
    graph = integerize(models.build("4C3-P2-6C3-FC5", SHAPE, dual=dual))
    hardware = [from_integer_layer(layer) for layer in graph.layers]
    offers = [[fold for engine in ENGINES for fold in engine.candidates(layer)] for layer in hardware]
    for index in range(max(map(len, offers))):
        folds = {
            layer.name: offer[index % len(offer)] for layer, offer in zip(graph.layers, offers, strict=True)
        }
        to_model_graph(graph, tmp_path, HlsOptions(folds=folds))
