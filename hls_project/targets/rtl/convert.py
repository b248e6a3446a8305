"""Integer graph to a folder of SystemVerilog, through hls4ml with this project's layers and backend."""

from __future__ import annotations

import functools
import shutil
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from hls_project import layers
from hls_project.graph.integer import IntegerGraph
from hls_project.graph.layer import Layer
from hls_project.network_summary import FILE as SUMMARY
from hls_project.network_summary import summarize
from hls_project.quiet import quiet
from hls_project.targets.rtl import BACKEND
from hls_project.targets.rtl.options import RtlOptions
from quant_train.errors import ConfigurationError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


@functools.cache
def register() -> None:
    """Make hls4ml know the backend and the layers, once per process, also where this package is not installed."""
    from hls4ml.backends import get_available_backends, register_backend
    from hls4ml.writer.writers import register_writer

    from hls_project.targets.rtl import register as entry_point

    layers.register()
    if BACKEND.lower() not in {name.lower() for name in get_available_backends()}:
        entry_point(register_backend, register_writer)


def to_model_graph(graph: IntegerGraph, output: Path, options: RtlOptions) -> ModelGraph:
    """Return the hls4ml graph of `graph`, to be written to the folder `output`.

    Raises:
        ConfigurationError: a layer cannot be built exactly, or the options do not fit the network.
    """
    import hls4ml

    if all(layer.thresholds is None for layer in graph.layers):
        raise ConfigurationError("the network has no layer that fires: it is no spiking network")
    register()
    model = graph.model.model
    image = graph.model.graph.input[0].name
    with quiet():
        config = hls4ml.utils.config_from_onnx_model(
            model, granularity="name", backend=BACKEND, default_precision="int<32>"
        )
        config["LayerName"][image]["Precision"]["result"] = "uint<8>"
        for name, factor in reuse_factors(graph, options).items():
            config["LayerName"][name]["ReuseFactor"] = factor
        result: ModelGraph = hls4ml.converters.convert_from_onnx_model(
            model,
            output_dir=str(output),
            project_name="dtscnn",
            backend=BACKEND,
            io_type="io_stream",
            clock_period=options.clock_period,
            hls_config=config,
        )
        return result


def reuse_factors(graph: IntegerGraph, options: RtlOptions) -> dict[str, int]:
    """Return each layer's reuse factor.

    Raises:
        ConfigurationError: a factor is given for a layer that is not there.
    """
    names = [layer.name for layer in graph.layers]
    if options.reuse_factor == "auto":
        slowest = max(prod(layer.input_shape[:2]) for layer in graph.layers)
        return {layer.name: _fold(layer, slowest) for layer in graph.layers}
    if isinstance(options.reuse_factor, int):
        return dict.fromkeys(names, options.reuse_factor)
    if unknown := sorted(set(options.reuse_factor) - set(names)):
        raise ConfigurationError(
            f"reuse factors are given for unknown layers {unknown}; the layers are {names}"
        )
    return dict.fromkeys(names, 1) | options.reuse_factor


def write_rtl(graph: IntegerGraph, output: Path, options: RtlOptions) -> None:
    """Write the core to the folder `output`, whole or not at all.

    Raises:
        ConfigurationError: as `to_model_graph`.
    """
    partial = output.with_name(f".{output.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        model = to_model_graph(graph, partial, options)
        with quiet():
            model.write()
        summarize(graph, model).save(partial / SUMMARY)
        shutil.rmtree(output, ignore_errors=True)
        partial.rename(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _fold(layer: Layer, slowest: int) -> int:
    """Return the largest reuse factor that keeps the layer within `slowest` cycles a frame.

    Of a layer over pixels only 1: its constant kernels are shifts and adds, which don't fold.
    """
    from hls_project.graph.bounds import Inputs
    from hls_project.targets.rtl.plan import conv_cycles

    pixels = prod(layer.input_shape[:2])
    if layer.kind == "dense":
        channels = layer.input_shape[2]
        return max(
            f for f in range(1, channels + 1) if channels % f == 0 and (f == 1 or pixels * f <= slowest)
        )
    if layer.inputs is Inputs.PIXELS:
        return 1
    kernels, windows = layer.weights.shape[-1], prod(layer.vm_shape[:2])
    return max(
        f
        for f in range(1, kernels + 1)
        if kernels % f == 0 and (f == 1 or conv_cycles(pixels, windows, f) <= slowest)
    )
