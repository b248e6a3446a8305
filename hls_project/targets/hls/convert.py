"""Integer graph to a Vitis HLS project: hls4ml with this project's layers and kernels."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from hls_project import folding, layers
from hls_project.graph.integer import IntegerGraph
from hls_project.graph.layer import Layer
from hls_project.network_summary import FILE as SUMMARY
from hls_project.network_summary import summarize
from hls_project.quiet import quiet
from hls_project.targets.hls import PROJECT
from hls_project.targets.hls.options import HlsOptions
from quant_train.errors import ConfigurationError

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


TESTBENCH = Path(__file__).parent / "testbench"


@functools.cache
def register() -> None:
    """Make hls4ml's Vitis backend know the spiking layers, once per process."""
    import hls4ml
    from hls4ml.model.flow import update_flow

    from hls_project.targets.hls.roms import WriteRoms
    from hls_project.targets.hls.streams import PackSpikes
    from hls_project.targets.hls.templates import register_templates

    layers.register()
    backend = hls4ml.backends.get_backend("Vitis")
    register_templates(backend)
    backend.register_pass("pack_spikes", PackSpikes)
    backend.register_pass("write_roms", WriteRoms)
    update_flow("vivado:specific_types", add_optimizers=["vitis:pack_spikes"])
    update_flow("vitis:write", add_optimizers=["vitis:write_roms"])


def to_model_graph(graph: IntegerGraph, output: Path, options: HlsOptions) -> ModelGraph:
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
            model, granularity="name", backend="Vitis", default_precision="int<32>"
        )
        config["LayerName"][image]["Precision"]["result"] = "uint<8>"
        for name, factor in reuse_factors(graph, options).items():
            config["LayerName"][name]["ReuseFactor"] = factor
        result: ModelGraph = hls4ml.converters.convert_from_onnx_model(
            model,
            output_dir=str(output),
            project_name=PROJECT,
            backend="Vitis",
            io_type="io_stream",
            part=options.part,
            clock_period=options.clock_period,
            hls_config=config,
            write_weights_txt=False,
        )
        return result


def reuse_factors(graph: IntegerGraph, options: HlsOptions) -> dict[str, int]:
    """Return each layer's reuse factor.

    Raises:
        ConfigurationError: a factor is given for a layer that is not there.
    """
    names = [layer.name for layer in graph.layers]
    if options.reuse_factor == "auto":
        return folding.fold([_foldable(layer) for layer in graph.layers])
    if isinstance(options.reuse_factor, int):
        return dict.fromkeys(names, options.reuse_factor)
    if unknown := sorted(set(options.reuse_factor) - set(names)):
        raise ConfigurationError(
            f"reuse factors are given for unknown layers {unknown}; the layers are {names}"
        )
    return dict.fromkeys(names, 1) | options.reuse_factor


def write_project(graph: IntegerGraph, output: Path, options: HlsOptions) -> None:
    """Write the Vitis HLS project to the folder `output`, whole or not at all.

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
        shutil.copy(TESTBENCH / f"{PROJECT}_test.cpp", partial)
        shutil.copy(TESTBENCH / "golden_vectors.h", partial / "firmware" / "nnet_utils")
        shutil.rmtree(output, ignore_errors=True)
        partial.rename(output)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _foldable(layer: Layer) -> folding.Foldable:
    height, width, channels = layer.input_shape
    if layer.kind == "dense":
        return folding.Foldable(layer.name, height * width, channels)
    _, _, bottom, right = layer.pads
    return folding.Foldable(layer.name, (height + bottom) * width + right, layer.weights.shape[-1])
