"""Random small networks at random folds: onnxruntime on the QONNX file equals the compiled C++, on every score."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings

from hls_project.c_simulation.csim_verdict import csim
from hls_project.graph.bounds import Inputs
from hls_project.graph.integer import integerize
from hls_project.graph.layer import Layer
from hls_project.plan.fold import Fold
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace.folder import open_workspace
from tests import models
from tests.hls_project.c_simulation.conftest import FAST


def draw_fold(rng: np.random.Generator, layer: Layer) -> Fold:
    """A random engine and fold of `layer`, which need not divide it."""
    channels, kernels = layer.input_shape[2], layer.vm_shape[2]
    pe = int(rng.integers(1, kernels + 1))
    simd = int(rng.integers(1, channels + 1))
    if layer.kind == "dense":
        return Fold("dense", pe, simd)
    if layer.inputs is Inputs.PAIRED_SPIKES:
        simd = min(channels, simd + simd % 2)
    engine = str(rng.choice(["folded", "folded", "tables", "adders"]))
    if engine == "folded":
        return Fold(engine, pe, simd, int(rng.choice([1, 2, 3, 4])))
    return Fold(engine, pe, layer.weights[..., 0].size)


def check(example: models.Example) -> None:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "random.onnx"
        onnx.save(example.build(), source)
        rng = np.random.default_rng(example.seed)
        folds = {layer.name: draw_fold(rng, layer) for layer in integerize(source).layers}
        pictures = example.images(8)
        workspace = open_workspace(str(source), Path(folder) / "build")
        report = csim(workspace, pictures, None, HlsOptions(folds=folds), FAST)
        assert report.difference is None, f"{example}, {folds}: {report.difference}"
        assert report.exact == len(pictures)


_QUICK = {"deadline": None, "database": None, "suppress_health_check": [HealthCheck.too_slow]}


@settings(max_examples=3, derandomize=True, **_QUICK)
@given(models.networks())
def test_csim_equals_onnxruntime(example: models.Example) -> None:
    check(example)


@pytest.mark.slow
@settings(max_examples=60, **_QUICK)
@given(models.networks(max_size=12, max_convs=3, max_kernel=7))
def test_csim_equals_onnxruntime_on_many(example: models.Example) -> None:
    check(example)
