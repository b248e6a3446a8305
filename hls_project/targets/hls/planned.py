"""A plan's folds as the C++ kernels compute them: the engines of target rtl have some that C++ has no use for."""

from __future__ import annotations

from dataclasses import replace

from hls_project.graph.bounds import Inputs
from hls_project.graph.layer import Layer
from hls_project.plan.fold import Fold

_SAME = {"folded_lut": "folded"}
"""Engines that differ in where their weights are, which the compiler of C++ decides."""


def planned(fold: Fold, layer: Layer) -> Fold:
    """Return the fold of target hls for a layer that a plan folds so; scores are the same whatever the fold.

    A dense layer reads one pixel at a time, and of spikes of two thresholds whole pairs: it takes at least as many inputs
    at once as the plan says, but no more than a pixel has.
    """
    fold = replace(fold, engine=_SAME.get(fold.engine, fold.engine))
    if fold.engine != "dense":
        return fold
    paired = layer.inputs is Inputs.PAIRED_SPIKES
    simd = min(fold.simd + fold.simd % 2 if paired else fold.simd, layer.input_shape[2])
    return replace(fold, simd=simd, mmv=1)
