"""Integer graph to a folder of SystemVerilog, through hls4ml with this project's layers and backend."""

from __future__ import annotations

import functools
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from hls_project import layers
from hls_project.graph.bounds import Inputs
from hls_project.graph.integer import IntegerGraph
from hls_project.graph.layer import Layer
from hls_project.plan import folding
from hls_project.targets import convert
from hls_project.targets.rtl import BACKEND
from hls_project.targets.rtl.options import RtlOptions

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
    register()
    factors = convert.reuse_factors(
        graph, options.reuse_factor, lambda: folding.fold([_foldable(layer) for layer in graph.layers])
    )
    layers = {name: {"ReuseFactor": factor} for name, factor in factors.items()}
    return convert.model_graph(graph, output, BACKEND, layers, clock_period=options.clock_period)


def write_rtl(graph: IntegerGraph, output: Path, options: RtlOptions) -> None:
    """Write the core to the folder `output`, whole or not at all.

    Raises:
        ConfigurationError: as `to_model_graph`.
    """
    with convert.written_whole(output) as folder:
        convert.write(graph, to_model_graph(graph, folder, options), folder)


def _foldable(layer: Layer) -> folding.Foldable:
    """Return how the layer folds; constant kernels over pixels are shifts and adds, which don't."""
    height, width, channels = layer.input_shape
    if layer.kind == "dense":
        return folding.Foldable(layer.name, height * width, channels)
    kernels = 1 if layer.inputs is Inputs.PIXELS else layer.weights.shape[-1]
    return folding.Foldable(layer.name, height * width, kernels, prod(layer.vm_shape[:2]))
