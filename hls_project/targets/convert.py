"""From the integer graph to a folder of hardware, whichever the target: hls4ml's graph, atomic writing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dt_scnn.errors import ConfigurationError
from hls_project.graph.integer import IntegerGraph
from hls_project.graph.network_summary import FILE as SUMMARY
from hls_project.graph.network_summary import summarize
from hls_project.programs.quiet import quiet

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


def model_graph(
    graph: IntegerGraph, output: Path, backend: str, layers: dict[str, dict[str, Any]], **options: Any
) -> ModelGraph:
    """Return the hls4ml graph of `graph` for a backend that knows the spiking layers, to be written to `output`.

    layers: what hls4ml's configuration of a layer says besides its types, by the layer's name. options: of the backend.

    Raises:
        ConfigurationError: a layer cannot be built exactly, or the network never fires.
    """
    import hls4ml

    if all(layer.thresholds is None for layer in graph.layers):
        raise ConfigurationError("the network has no layer that fires: it is no spiking network")
    model = graph.model.model
    image = graph.model.graph.input[0].name
    with quiet():
        config = hls4ml.utils.config_from_onnx_model(
            model, granularity="name", backend=backend, default_precision="int<32>"
        )
        config["LayerName"][image]["Precision"]["result"] = "uint<8>"
        for name, settings in layers.items():
            config["LayerName"][name] |= settings
        result: ModelGraph = hls4ml.converters.convert_from_onnx_model(
            model,
            output_dir=str(output),
            backend=backend,
            io_type="io_stream",
            hls_config=config,
            **options,
        )
        return result


def write(graph: IntegerGraph, model: ModelGraph, folder: Path) -> None:
    """Write what hls4ml makes of `model`, and the network's summary, into `folder`, which the graph was made for."""
    with quiet():
        model.write()
    summarize(graph, model).save(folder / SUMMARY)


@contextmanager
def written_whole(output: Path) -> Iterator[Path]:
    """Give a folder beside `output` that replaces it when the block ends without an error."""
    partial = output.with_name(f".{output.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        yield partial
        shutil.rmtree(output, ignore_errors=True)
        partial.rename(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
