"""Integer graph to a Vitis HLS project: hls4ml with this project's layers and kernels."""

from __future__ import annotations

import functools
import shutil
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import write_json
from hls_project import layers
from hls_project.graph.integer import IntegerGraph
from hls_project.plan.fold import Fold
from hls_project.targets import convert
from hls_project.targets.hls import PROJECT, STEPS
from hls_project.targets.hls.automatic import automatic_folds
from hls_project.targets.hls.layer_kernel import layer_kernel
from hls_project.targets.hls.limits import AP_INT_BITS, WORD_BITS
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.hls.planned import planned

if TYPE_CHECKING:
    from hls4ml.model.graph import ModelGraph


TESTBENCH = Path(__file__).parent / "testbench"
ADAPTER = Path(__file__).parent / "adapter" / "dtscnn_core.sv"


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
    register()
    return convert.model_graph(
        graph,
        output,
        "Vitis",
        {name: _layer_config(fold) for name, fold in folds(graph, options).items()},
        project_name=PROJECT,
        part=options.part,
        clock_period=options.clock_period,
        write_weights_txt=False,
    )


def folds(graph: IntegerGraph, options: HlsOptions) -> dict[str, Fold]:
    """Return each layer's fold: as given, or as C++ computes what is given; else an automatic one.

    Raises:
        ConfigurationError: a fold is given for a layer that is not there.
    """
    names = [layer.name for layer in graph.layers]
    if unknown := sorted(set(options.folds) - set(names)):
        raise ConfigurationError(f"folds are given for unknown layers {unknown}; the layers are {names}")
    given = {
        layer.name: planned(options.folds[layer.name], layer)
        for layer in graph.layers
        if layer.name in options.folds
    }
    return automatic_folds(graph.layers) | given


def write_project(graph: IntegerGraph, output: Path, options: HlsOptions) -> None:
    """Write the Vitis HLS project to the folder `output`, whole or not at all.

    Raises:
        ConfigurationError: as `to_model_graph`.
    """
    with convert.written_whole(output) as folder:
        model = to_model_graph(graph, folder, options)
        convert.write(graph, model, folder)
        _allow_wide_beats(model, folder / "firmware" / f"{PROJECT}.h")
        (folder / "dtscnn_core.sv").write_text(_adapter(model))
        steps = {
            layer.name: layer_kernel(layer).steps for layer in model.get_layers() if layer.get_attr("engine")
        }
        write_json(folder / STEPS, steps)
        shutil.copy(TESTBENCH / f"{PROJECT}_test.cpp", folder)
        shutil.copy(TESTBENCH / "golden_vectors.h", folder / "firmware" / "nnet_utils")


def _allow_wide_beats(model: ModelGraph, header: Path) -> None:
    """Raise the limit of `ap_uint`, before anything includes it, where a pixel's spikes exceed it."""
    widest = max(int(variable.shape[-1]) for variable in model.output_vars.values())
    if widest > AP_INT_BITS:
        text = header.read_text()
        begin = text.index("#include")
        header.write_text(f"{text[:begin]}#define AP_INT_MAX_W {WORD_BITS}\n{text[begin:]}")


def _adapter(model: ModelGraph) -> str:
    """Return the module that gives the project's IP the ports of a core."""
    image, result = model.get_input_variables()[0], model.get_output_variables()[0]
    values = {
        "image": image.name,
        "result": result.name,
        "pixels": int(image.shape[0]) * int(image.shape[1]),
        "channels": int(image.shape[-1]),
        "classes": int(result.shape[-1]) - 1,
    }
    return Template(ADAPTER.read_text()).substitute(values)


def _layer_config(fold: Fold) -> dict[str, object]:
    """Return what hls4ml's configuration of a layer says of its fold."""
    return {"Engine": fold.engine, "Pe": fold.pe, "Simd": fold.simd, "Mmv": fold.mmv}
