"""hls4ml's own call after `register()`, with a backend that has no kernels of spiking layers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

# A process of its own: others of this test run have given the backend its kernels.
CALL = """
import sys, hls4ml, hls_project.layers
from hls_project.graph.integer import integerize
from tests import models
exec(sys.argv[3])
graph = integerize(models.build("3C3-P2-FC4", (8, 8, 1)))
config = hls4ml.utils.config_from_onnx_model(graph.model.model, granularity="name", backend=sys.argv[1])
config["LayerName"]["image"]["Precision"]["result"] = "uint<8>"
hls4ml.converters.convert_from_onnx_model(
    graph.model.model, hls_config=config, output_dir=sys.argv[2], backend=sys.argv[1], io_type="io_stream"
)
"""


def call(backend: str, register: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CALL, backend, str(folder), register],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.parametrize("backend", ["Vitis", "Quartus"])
def test_a_core_without_spiking_layers_is_refused(backend: str, tmp_path: Path) -> None:
    run = call(backend, "hls_project.layers.register()", tmp_path / "core")
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert (
        f"ConfigurationError: layer 'conv0': hls4ml's backend {backend} has no kernels of spiking layers"
        in last
    )
    assert "hls_project.targets.hls.convert.register()" in last


def test_a_layer_without_an_engine_is_refused_with_what_to_give_it(tmp_path: Path) -> None:
    run = call("Vitis", "from hls_project.targets.hls.convert import register; register()", tmp_path / "core")
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert "config['LayerName']['conv0'] |= {'Engine': 'folded', 'Pe': 1" in last
