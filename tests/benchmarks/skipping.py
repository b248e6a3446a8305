"""Steps of the folded engine whose operands are all 0: what leaving them out would save on real images, and in the worst case.

A step reads a slice of the channels under one tap for MMV pixels of a row, and can be left out only where none of them
holds a spike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn import zoo
from hls_project.graph.integer import integerize
from hls_project.graph.layer import Layer
from hls_project.parity import golden
from hls_project.workspace.images import read_sample

MODEL = "cifar-10"
IMAGES = 40
PAIRS, PIXELS = (1, 4, 8, 12, 24), (1, 4, 8)


def measure() -> dict[str, Any]:
    """Return for each convolution over spikes the share of steps without a spike, by pairs and pixels at once."""
    entry = zoo.find(MODEL)
    images = read_sample(entry.sample)[0][:IMAGES]
    layers = integerize(entry.model).layers
    traces = {layer.name: layer for layer in golden.trace(entry.model, images)}
    shares = {}
    for before, layer in zip(layers, layers[1:], strict=False):
        if layer.kind == "conv":
            spikes = _pooled(np.asarray(traces[before.name].spikes), before.pool)
            shares[layer.name] = {
                "channels_that_fire": round(float(spikes.mean()), 4),
                "steps_without_a_spike": {
                    f"{pairs} pairs x {pixels} pixels": round(_silent(spikes, layer, pairs, pixels), 4)
                    for pairs in PAIRS
                    for pixels in PIXELS
                },
            }
    return {"model": MODEL, "images": IMAGES, "layers": shares, "worst_case_saving": 0.0}


def _pooled(spikes: NDArray[Any], pool: int) -> NDArray[np.bool_]:
    """Return the OR of each pooling window of (N, H, W, C) spikes."""
    images, height, width, channels = spikes.shape
    height, width = height // pool, width // pool
    whole = spikes[:, : height * pool, : width * pool].astype(bool)
    return whole.reshape(images, height, pool, width, pool, channels).any(axis=(2, 4))


def _silent(spikes: NDArray[np.bool_], layer: Layer, pairs: int, pixels: int) -> float:
    """Return the share of steps without a spike. spikes: (N, H, W, C) in block order; the first spike of a pair tells."""
    first = spikes[..., : spikes.shape[3] // 2]
    top, left, bottom, right = layer.pads
    padded = np.pad(first, ((0, 0), (top, bottom), (left, right), (0, 0)))
    slices = np.add.reduceat(padded, np.arange(0, first.shape[3], pairs), axis=3) > 0
    rows, columns, _ = layer.vm_shape
    silent = []
    for row in range(layer.kernel[0]):
        for column in range(layer.kernel[1]):
            window = slices[:, row : row + rows, column : column + columns]
            groups = np.add.reduceat(window, np.arange(0, columns, pixels), axis=2) > 0
            silent.append(1.0 - groups.mean())
    return float(np.mean(silent))
