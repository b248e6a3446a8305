"""Integer graph to a folder of SystemVerilog, through hls4ml with this project's layers and backend."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

from dt_scnn.errors import ConfigurationError
from hls_project import layers
from hls_project.graph.integer import IntegerGraph
from hls_project.plan.fold import Fold
from hls_project.targets import convert
from hls_project.targets.rtl import BACKEND
from hls_project.targets.rtl.engines import ENGINES, default_fold, engine_of
from hls_project.targets.rtl.layer import from_integer_layer
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
        ConfigurationError: a layer cannot be built exactly, or the folds do not fit the network.
    """
    register()
    folds = chosen_folds(graph, options.folds) if options.folds else automatic_folds(graph)
    settings = {name: _layer_config(fold) for name, fold in folds.items()}
    return convert.model_graph(graph, output, BACKEND, settings, clock_period=options.clock_period)


def write_rtl(graph: IntegerGraph, output: Path, options: RtlOptions) -> None:
    """Write the core to the folder `output`, whole or not at all.

    Raises:
        ConfigurationError: as `to_model_graph`.
    """
    with convert.written_whole(output) as folder:
        convert.write(graph, to_model_graph(graph, folder, options), folder)


def chosen_folds(graph: IntegerGraph, folds: dict[str, Fold]) -> dict[str, Fold]:
    """Return the fold of every layer: as chosen, else a pixel or beat in each cycle.

    Raises:
        ConfigurationError: a layer is not there, or its fold cannot be built.
    """
    found = {layer.name: from_integer_layer(layer) for layer in graph.layers}
    if unknown := sorted(set(folds) - set(found)):
        raise ConfigurationError(
            f"folds are given for unknown layers {unknown}; the layers are {list(found)}"
        )
    for name, fold in folds.items():
        engine_of(found[name].with_fold(fold))
    return {name: folds.get(name) or default_fold(layer) for name, layer in found.items()}


def automatic_folds(graph: IntegerGraph) -> dict[str, Fold]:
    """Return for each layer the fold of least hardware, of its default engine, that keeps the unfolded network's frame rate.

    Layers run at the same time, each on another frame's or row's pixels, so the slowest alone sets the cycles of a
    frame; after pooling, layers have fewer pixels and may share hardware between kernels for free.
    """
    found = {layer.name: from_integer_layer(layer) for layer in graph.layers}
    engines = {engine.name: engine for engine in ENGINES}
    unfolded = {name: default_fold(layer) for name, layer in found.items()}
    slowest = max(
        engines[unfolded[name].engine].cycles(layer, unfolded[name]) for name, layer in found.items()
    )
    result = {}
    for name, layer in found.items():
        engine = engines[unfolded[name].engine]
        enough = [
            fold
            for fold in engine.candidates(layer)
            if fold.mmv == 1 and engine.cycles(layer, fold) <= slowest
        ]
        result[name] = min(enough, key=lambda fold: (fold.pe * fold.simd, fold))
    return result


def _layer_config(fold: Fold) -> dict[str, object]:
    """Return what hls4ml's configuration of a layer says of its fold."""
    return {"Engine": fold.engine, "Pe": fold.pe, "Simd": fold.simd, "Mmv": fold.mmv}
