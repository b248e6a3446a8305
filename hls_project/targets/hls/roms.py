"""hls4ml pass that writes the constants of spiking layers, once for both synthesis and C-simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hls4ml.model.graph import ModelGraph
from hls4ml.model.optimizer import ModelOptimizerPass
from hls4ml.model.types import WeightVariable

from hls_project.layers.spiking_conv2d import SpikingConv2D
from hls_project.layers.spiking_dense import SpikingDense
from hls_project.layers.types import IntArray
from hls_project.targets.hls.layer_kernel import layer_kernel
from hls_project.targets.hls.streams import SPIKING_LAYERS

_HEADER = """\
#ifndef {guard}_H_
#define {guard}_H_

#include "../nnet_utils/nnet_rom.h"

// {shape}, {type}. Synthesis and C-simulation read the same values.
static const nnet::stored<{type}>::type {name}{dimensions} = {values};

#endif
"""


class WriteRoms(ModelOptimizerPass):
    """Replace the weight headers that hls4ml has written for spiking layers, each in the order of the layer's kernel.

    hls4ml's own either simulate with a text file that synthesis never reads, or take g++ minutes to compile.
    """

    def __init__(self) -> None:
        self.name = "write_roms"

    def transform(self, model: ModelGraph) -> bool:
        """Write the headers."""
        folder = Path(model.config.get_output_dir()) / "firmware" / "weights"
        for layer in model.get_layers():
            if isinstance(layer, (SpikingConv2D, SpikingDense)):
                kernel = layer_kernel(layer)
                roms = {"weight": kernel.weights, "threshold": kernel.thresholds}
            elif isinstance(layer, SPIKING_LAYERS):
                roms = {name: np.asarray(w.data).astype(np.int64) for name, w in layer.weights.items()}
            else:
                continue
            for name, values in roms.items():
                if values is not None:
                    variable = layer.weights[name]
                    (folder / f"{variable.name}.h").write_text(_header(variable, values))
        return False


def _header(variable: WeightVariable, values: IntArray) -> str:
    return _HEADER.format(
        guard=variable.name.upper(),
        name=variable.name,
        type=variable.type.name,
        shape=" x ".join(map(str, values.shape)),
        dimensions="".join(f"[{size}]" for size in values.shape),
        values=braced(values),
    )


def braced(values: IntArray) -> str:
    """Return the C++ initializer of an array."""
    if values.ndim == 1:
        return "{" + ",".join(map(str, values.tolist())) + "}"
    return "{" + ",\n".join(map(braced, values)) + "}"
