"""C-simulation of `8C3-P2-16C3-P2-FC10`, beside the same network built from stock hls4ml layers."""

from __future__ import annotations

import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

from dt_scnn import zoo
from dt_scnn.compiler import Compiler
from hls_project.c_simulation.compile import build
from hls_project.c_simulation.simulate import simulate
from hls_project.graph.integer import IntegerGraph, integerize
from hls_project.parity import golden, golden_file
from hls_project.targets.hls.convert import register, write_project
from hls_project.targets.hls.options import HlsOptions
from tests import models

SPEC = "8C3-P2-16C3-P2-FC10"
FUSIONS = ["fuse_conv_fire", "fuse_dense_fire", "fuse_spike_pool", "spiking_scores", "stream_flatten"]
ROUNDS, STOCK_IMAGES, IMAGES = 5, 40, 600


def measure() -> dict[str, Any]:
    """Return images/s on one and on all cores, the stock network's, their ratio, build time and memory."""
    source = models.build(SPEC, (28, 28, 1))
    with np.load(zoo.find("mnist").sample, allow_pickle=False) as sample:
        images = np.tile(sample["images"], (IMAGES // len(sample["images"]), 1, 1, 1))
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        started = time.perf_counter()
        graph = integerize(source)
        write_project(graph, folder / "hls", HlsOptions())
        program = build(folder / "hls", folder / "csim", Compiler())
        build_seconds = time.perf_counter() - started
        scores = golden.scores(source, images)
        golden_file.write(folder / "golden.bin", images, scores)

        started = time.perf_counter()
        stock = build_stock(graph, folder / "stock")
        stock_build_seconds = time.perf_counter() - started
        frames = images[:STOCK_IMAGES].astype(np.float32)
        ours, all_cores, theirs = [], [], []
        for _ in range(ROUNDS):
            one = simulate(program, folder / "golden.bin", IMAGES, scores.shape[1], jobs=1)
            every = simulate(program, folder / "golden.bin", IMAGES, scores.shape[1])
            assert (one.scores == scores).all() and (every.scores == scores).all()
            started = time.perf_counter()
            answers = stock.predict(frames)
            theirs.append(STOCK_IMAGES / (time.perf_counter() - started))
            assert np.array_equal(answers, scores[:STOCK_IMAGES]), "the stock network is not the same network"
            ours.append(IMAGES / one.seconds)
            all_cores.append(IMAGES / every.seconds)
    return {
        "network": f"{SPEC}, 28x28, random 4-bit weights, MNIST images",
        "images_per_second_one_core": _spread(ours),
        "images_per_second_all_cores": _spread(all_cores),
        "stock_images_per_second_one_core": _spread(theirs),
        "ratio_to_stock": _spread([our / their for our, their in zip(ours, theirs, strict=True)]),
        "qonnx_to_compiled_seconds": build_seconds,
        "stock_build_seconds": stock_build_seconds,
        "largest_process_mib": max(
            resource.getrusage(who).ru_maxrss / 1024
            for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        ),
    }


def build_stock(graph: IntegerGraph, folder: Path) -> Any:
    """Return the compiled hls4ml graph with stock Conv2D, Pooling2D and Dense; only firing, which hls4ml lacks, is ours.

    Types are as exact as ours, for hls4ml's defaults would be slower or wrong.
    """
    import hls4ml

    with _without_fusions(), redirect_stdout(StringIO()):
        model = graph.model.model
        config = hls4ml.utils.config_from_onnx_model(
            model, granularity="name", backend="Vitis", default_precision="int<32>"
        )
        config["LayerName"]["image"]["Precision"]["result"] = "uint<8>"
        for layer in graph.layers:
            precision = config["LayerName"][layer.name]["Precision"]
            precision["result"] = precision["accum"] = f"int<{layer.vm_width}>"
            if layer.pool_name:
                config["LayerName"][layer.pool_name]["Precision"] = {"result": "uint<1>", "accum": "uint<1>"}
        result = hls4ml.converters.convert_from_onnx_model(
            model, output_dir=str(folder), backend="Vitis", io_type="io_stream", hls_config=config
        )
        result.compile()
        return result


@contextmanager
def _without_fusions() -> Iterator[None]:
    from hls4ml.model.flow import update_flow

    register()
    update_flow("optimize", remove_optimizers=FUSIONS)
    try:
        yield
    finally:
        update_flow("optimize", add_optimizers=FUSIONS)


def _spread(values: list[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "min": min(values), "max": max(values)}
