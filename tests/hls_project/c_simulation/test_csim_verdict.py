"""The whole of csim on a small network: verdicts, stages that are not run again, and changes to the generated code."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import numpy as np
import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.c_simulation.csim_report import CsimReport
from hls_project.c_simulation.csim_verdict import csim
from hls_project.graph.network_summary import FILE, LayerSummary, NetworkSummary
from hls_project.parity import golden
from hls_project.plan.fold import Fold
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.project import TESTBENCH_IMAGES
from hls_project.workspace.folder import Workspace
from tests import models
from tests.hls_project.c_simulation.conftest import FAST, IMAGES, SHAPE

PICTURES = models.images(SHAPE, IMAGES)
ROM = re.compile(r"= (\{.+\});", re.DOTALL)


def run(workspace: Workspace) -> tuple[CsimReport, str]:
    report = csim(workspace, PICTURES, None, HlsOptions(), FAST)
    return report, str(report.difference)


def network(workspace: Workspace) -> NetworkSummary:
    return NetworkSummary.load(workspace.project / FILE)


def edit(file: Path, position: int, by: int) -> None:
    """Add `by` to one value of a generated ROM."""
    text = file.read_text()
    start = text.index(rom(file))
    number = list(re.finditer(r"-?\d+", rom(file)))[position]
    begin, end = start + number.start(), start + number.end()
    file.write_text(text[:begin] + str(int(number[0]) + by) + text[end:])


def rom(file: Path) -> str:
    """The initializer of a generated ROM."""
    found = ROM.search(file.read_text())
    assert found is not None
    return found[1]


def values_of(file: Path) -> list[int]:
    """The values of a generated ROM."""
    return [int(value) for value in re.findall(r"-?\d+", rom(file))]


def spike_channel(layer: LayerSummary, position: int) -> int:
    """The channel that fires at a threshold, of which the ROM holds [kernel fold][threshold][kernel]."""
    fold, rest = divmod(position, layer.n_thresholds * layer.fold.pe)
    threshold, lane = divmod(rest, layer.fold.pe)
    return threshold * layer.vm_shape[-1] + fold * layer.fold.pe + lane


def test_scores_are_onnxruntimes(workspace: Workspace) -> None:
    report, _ = run(workspace)
    assert report.exact == IMAGES
    assert np.array_equal(report.simulation.scores, golden.scores(workspace.model, PICTURES))
    assert np.array_equal(report.simulation.labels, report.simulation.scores.argmax(axis=1))


def test_unchanged_stages_are_not_run_again(workspace: Workspace) -> None:
    run(workspace)
    outputs = [
        workspace.project / "firmware" / "dtscnn.cpp",
        workspace.folder / "csim" / "dtscnn_test",
        workspace.golden,
    ]
    before = [file.stat().st_mtime_ns for file in outputs]
    run(workspace)
    assert [file.stat().st_mtime_ns for file in outputs] == before


def test_changed_model_is_converted_again(workspace: Workspace) -> None:
    import onnx

    run(workspace)
    onnx.save(models.build("3C3-P2-FC5", SHAPE, seed=5), workspace.model)
    report, _ = run(workspace)
    assert [layer.name for layer in report.network.layers] == ["conv0", "dense0"]
    assert report.exact == IMAGES


@pytest.mark.parametrize("layer", [pytest.param("conv0", marks=pytest.mark.slow), "conv1", "dense0"])
def test_a_changed_weight_is_found_and_named(workspace: Workspace, layer: str) -> None:
    index = next(item.index for item in network(workspace).layers if item.name == layer)
    centre = {"conv0": 4 * 2 * 2, "conv1": 4 * 8 * 3, "dense0": 0}[layer]
    edit(workspace.project / "firmware" / "weights" / f"w{index}.h", centre, 1)
    report, difference = run(workspace)
    assert report.exact < IMAGES
    assert f"layer {layer}, Vm at row" in difference


@pytest.mark.parametrize("by", [1, pytest.param(-1, marks=pytest.mark.slow)])
@pytest.mark.parametrize("layer", ["conv0", "conv1"])
def test_a_changed_threshold_is_found_and_named(workspace: Workspace, layer: str, by: int) -> None:
    pictures = models.images(SHAPE, 400)
    vm = next(trace.vm for trace in golden.trace(workspace.model, pictures) if trace.name == layer)
    summary = next(item for item in network(workspace).layers if item.name == layer)
    header = workspace.project / "firmware" / "weights" / f"vth{summary.index}.h"
    channels = [spike_channel(summary, i) for i in range(len(values_of(header)))]
    # The threshold that most potentials meet (raising it loses spikes) or just miss (lowering it gains some).
    meeting = [
        int((vm[..., channel % vm.shape[-1]] - vth == min(0, by)).sum())
        for channel, vth in zip(channels, values_of(header), strict=True)
    ]
    position = int(np.argmax(meeting))
    assert meeting[position] > 0
    edit(header, position, by)
    report = csim(workspace, pictures, None, HlsOptions(), FAST)
    before, after = (1, 0) if by == 1 else (0, 1)
    assert report.exact < len(pictures)
    assert f"layer {layer}, spike at row" in str(report.difference)
    assert f"channel {channels[position]}: expected {before}, got {after}" in str(report.difference)


def test_the_test_bench_judges_for_itself_as_vendor_tools_run_it(workspace: Workspace) -> None:
    """Without arguments, in the project's folder, by its exit status alone."""
    run(workspace)
    program = workspace.folder.resolve() / "csim" / "dtscnn_test"

    def status() -> tuple[int, str]:
        done = subprocess.run([program], cwd=workspace.project, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    assert status()[0] == 0
    vectors = workspace.project / "tb_data" / "golden.bin"
    content = bytearray(vectors.read_bytes())
    content[-4] ^= 1  # the last score of the last image
    vectors.write_bytes(content)
    code, out = status()
    assert code == 1
    assert f"mismatch image {TESTBENCH_IMAGES - 1} class 4" in out
    vectors.write_bytes(content[:-1])
    code, out = status()
    assert code == 2
    assert "is truncated" in out


def test_the_report_says_what_each_figure_is(workspace: Workspace) -> None:
    labels = np.arange(IMAGES, dtype=np.int64) % 5
    report = csim(workspace, PICTURES, labels, HlsOptions(), FAST)
    content = json.loads((workspace.reports / "csim.json").read_text())
    assert content["exact_images"] == {
        "value": IMAGES,
        "kind": "simulated",
        "unit": "images with every score equal",
    }
    assert content["correct"]["value"] == int((report.simulation.labels == labels).sum())
    assert content["first_difference"] is None
    first, second, last = content["layers"]
    assert first["vm_shape"] == [10, 12, 4]
    assert second["output_shape"] == [2, 3, 12]
    assert last["firing_rates"]["value"] == []
    traces = golden.trace(workspace.model, PICTURES)
    assert first["vm_range"]["value"] == [int(traces[0].vm.min()), int(traces[0].vm.max())]
    assert first["firing_rates"]["value"][0] == pytest.approx(float(traces[0].spikes[..., :4].mean()))
    low, high = first["vm_bounds"]["value"]
    assert -(2 ** (first["vm_bits"]["value"] - 1)) <= low
    assert high < 2 ** (first["vm_bits"]["value"] - 1)
    ours, conventional = content["totals"]["dual_threshold"], content["totals"]["conventional"]
    assert ours["synaptic_operations"]["value"] == 10 * 12 * 4 * 18 + 5 * 6 * 6 * 9 * 8 + 72 * 5
    assert conventional["synaptic_operations"]["value"] == 2 * (10 * 12 * 4 * 18 + 5 * 6 * 6 * 9 * 8) + 72 * 5


def test_images_of_another_size_are_refused(workspace: Workspace) -> None:
    with pytest.raises(ConfigurationError, match=r"takes images of \(10, 12, 2\), not \(10, 11, 2\)"):
        csim(workspace, PICTURES[:, :, :11], None, HlsOptions(), FAST)


def test_every_fold_is_exact(workspace: Workspace) -> None:
    folds = {
        "conv0": Fold("folded", 3, 2, 2),
        "conv1": Fold("folded", 4, 6, 1),
        "dense0": Fold("dense", 2, 8, 1),
    }
    report = csim(workspace, PICTURES, None, HlsOptions(folds=folds), FAST)
    assert report.exact == IMAGES
    assert {layer.name: layer.fold for layer in report.network.layers} == folds


def test_bad_folds_are_refused(workspace: Workspace) -> None:
    with pytest.raises(ConfigurationError, match="5 kernels at once are more than it has: at most 4"):
        csim(workspace, PICTURES, None, HlsOptions(folds={"conv0": Fold("folded", 5, 1)}), FAST)
    with pytest.raises(ConfigurationError, match=r"unknown layers \['conv9'\]"):
        csim(workspace, PICTURES, None, HlsOptions(folds={"conv9": Fold("folded")}), FAST)
    report, _ = run(workspace)
    assert report.exact == IMAGES
