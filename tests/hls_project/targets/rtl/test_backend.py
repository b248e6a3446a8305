"""The hls4ml plug-in: found through its entry point alone, in a process that has not imported this project."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError
from hls_project.graph.integer import integerize
from hls_project.plan.fold import Fold
from hls_project.targets.rtl.convert import to_model_graph, write_rtl
from hls_project.targets.rtl.engines.dense import DenseEngine
from hls_project.targets.rtl.engines.folded import BLOCK, FoldedEngine
from hls_project.targets.rtl.graph import hardware_layers
from hls_project.targets.rtl.options import RtlOptions
from tests import models

CODE = """
import sys
import hls4ml
assert "hls_project.targets.rtl.convert" not in sys.modules
assert "rtl" in hls4ml.backends.get_available_backends()
from hls_project.graph.integer import IntegerGraph
from hls_project import layers
from pathlib import Path
layers.register()
graph = IntegerGraph.load(Path(sys.argv[1])).model.model
config = hls4ml.utils.config_from_onnx_model(graph, granularity="name", backend="RTL", default_precision="int<32>")
config["LayerName"][graph.graph.input[0].name]["Precision"]["result"] = "uint<8>"
hls4ml.converters.convert_from_onnx_model(
    graph, output_dir=sys.argv[2], backend="RTL", io_type="io_stream", hls_config=config
).write()
"""


def test_hls4ml_finds_the_backend_by_its_entry_point(tmp_path: Path) -> None:
    graph = integerize(models.build("4C3-P2-FC3", (8, 8, 1)))
    graph.save(tmp_path / "integer.onnx")
    call = [sys.executable, "-c", CODE, str(tmp_path / "integer.onnx"), str(tmp_path / "rtl")]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "failed" not in done.stdout
    written = tmp_path / "rtl"
    names = (written / "files.f").read_text().split()
    assert names[-1] == "dtscnn_core.sv" and "dtscnn_conv0_kernel.sv" in names
    assert all((written / name).is_file() for name in names)
    assert (written / "dtscnn_dense0.mem").is_file()


def test_a_fold_of_a_pixel_kernel_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    graph = integerize(models.build("4C3-P2-FC3", (8, 8, 1)))
    with pytest.raises(
        ConfigurationError, match="'conv0'.*computes all kernels.*nearest is adders 4 x 9 x 1, not"
    ):
        write_rtl(graph, tmp_path / "rtl", RtlOptions(folds={"conv0": Fold("adders", 2, 9, 1)}))
    assert not list(tmp_path.iterdir())


def test_thresholds_that_no_literal_holds_are_refused(tmp_path: Path) -> None:
    graph = integerize(models.build("FC3000-FC2", (2, 2, 1)))
    with pytest.raises(
        ConfigurationError,
        match=r"'dense0'.*6,000 thresholds .* one literal.* 65,536 bits; engine 'folded' keeps",
    ):
        write_rtl(graph, tmp_path / "rtl", RtlOptions(folds={"dense0": Fold("dense", 3000, 1, 1)}))
    assert not list(tmp_path.iterdir())
    write_rtl(graph, tmp_path / "rtl", RtlOptions(folds={"dense0": Fold("folded", 100, 1, 1)}))
    layer = hardware_layers(to_model_graph(graph, tmp_path / "graph", RtlOptions()))[0]
    assert not list(DenseEngine().candidates(layer)) and list(FoldedEngine(BLOCK).candidates(layer))


def test_unknown_layer_of_a_fold_is_named(tmp_path: Path) -> None:
    graph = integerize(models.build("4C3-P2-FC3", (8, 8, 1)))
    with pytest.raises(ConfigurationError, match=r"unknown layers \['conv7'\]"):
        to_model_graph(graph, tmp_path / "rtl", RtlOptions(folds={"conv7": Fold("tables")}))
