"""Traces that can be compared: every membrane potential and spike of one image, golden ones and a simulation's.

A simulation puts out int32 rows {layer, kind, pixel, channel, value}: the layer by the number that it has there, the kind
`MEMBRANE` or `SPIKE`, the pixel counted row by row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MEMBRANE, SPIKE = 0, 1


@dataclass(frozen=True)
class LayerGolden:
    """Golden values of one layer and one image, before pooling.

    index: the layer's number in the trace. vm: (H, W, C) integers. spikes: (H, W, K * C) in {0, 1}, or None for scores.
    """

    name: str
    index: int
    vm: NDArray[np.integer]
    spikes: NDArray[np.integer] | None


def golden_layers(model: Path, image: NDArray[np.uint8], numbers: Mapping[str, int]) -> list[LayerGolden]:
    """Return the golden values of every layer for one image (1, H, W, C). numbers: of the simulation's layers, by name.

    Raises:
        ConfigurationError, FlowError: as `golden.scores`.
    """
    from hls_project.parity import golden

    return [
        LayerGolden(
            layer.name, numbers[layer.name], layer.vm[0], None if layer.spikes is None else layer.spikes[0]
        )
        for layer in golden.trace(model, image)
    ]
