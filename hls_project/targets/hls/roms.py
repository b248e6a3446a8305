"""hls4ml pass that writes the constants of spiking layers, once for both synthesis and C-simulation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hls4ml.model.graph import ModelGraph
from hls4ml.model.optimizer import ModelOptimizerPass
from hls4ml.model.types import WeightVariable

from hls_project.targets.hls.streams import SPIKING_LAYERS

_HEADER = """\
#ifndef {guard}_H_
#define {guard}_H_

#include "../nnet_utils/nnet_rom.h"

// {shape}, {type}. Synthesis and C-simulation read the same values.
#ifdef __SYNTHESIS__
{type} {name}[{length}] = {{
#else
static const int {name}_values[{length}] = {{
#endif
{values}
}};
#ifndef __SYNTHESIS__
static nnet::rom<{type}, {length}> {name}({name}_values);
#endif

#endif
"""


class WriteRoms(ModelOptimizerPass):
    """Replace the weight headers that hls4ml has written for spiking layers.

    hls4ml's own either simulate with a text file that synthesis never reads, or take g++ minutes to compile.
    """

    def __init__(self) -> None:
        self.name = "write_roms"

    def transform(self, model: ModelGraph) -> bool:
        """Write the headers."""
        folder = Path(model.config.get_output_dir()) / "firmware" / "weights"
        for layer in model.get_layers():
            if isinstance(layer, SPIKING_LAYERS):
                for weights in layer.get_weights():
                    (folder / f"{weights.name}.h").write_text(_header(weights))
        return False


def _header(weights: WeightVariable) -> str:
    values = np.asarray(weights.data).astype(np.int64)
    rows = values.reshape(-1, values.shape[-1])
    return _HEADER.format(
        guard=weights.name.upper(),
        name=weights.name,
        type=weights.type.name,
        length=values.size,
        shape=" x ".join(map(str, values.shape)),
        values=",\n".join(",".join(map(str, row)) for row in rows),
    )
