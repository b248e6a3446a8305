"""Offsets of the scores as weights: of neurons that always fire, added to the layer before the last.

A neuron whose weights are 0 and whose thresholds are 0 has Vm = 0 and fires in every pixel. What the last layer's weights of
its spikes add up to is then a constant of each class, exact in every target without a bias of its own.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError
from hls_project.graph.source import SourceLayer

_MOST_NEURONS = 32
_MOST_BITS = 8


def with_offsets(
    before: SourceLayer, last: SourceLayer, offsets: NDArray[np.int64]
) -> tuple[SourceLayer, SourceLayer]:
    """Return the last two layers with `offsets` (classes,) added to the scores.

    As few neurons are added as the last layer's bits allow, one if more bits make it one.

    Raises:
        ConfigurationError: the offsets are too large for `_MOST_NEURONS` neurons.
    """
    assert before.thresholds is not None  # the caller's chain
    height, width, channels = before.output_shape
    maps, kernels = before.thresholds.shape
    spikes = height * width * maps
    largest = int(np.abs(offsets).max())
    bits = last.bits
    while -(-largest // (_limit(bits) * spikes)) > 1 and bits < _MOST_BITS:
        bits += 1
    neurons = -(-largest // (_limit(bits) * spikes))
    if neurons > _MOST_NEURONS:
        raise ConfigurationError(
            f"tensor {last.vm!r}: a bias of {largest:,} steps of the scores is more than {_MOST_NEURONS} neurons can add "
            f"({_MOST_NEURONS * _limit(bits) * spikes:,}); use a smaller bias, or a larger weight scale, in the last layer"
        )
    shape = (*before.weights.shape[:3], neurons)
    silent = np.concatenate([before.weights, np.zeros(shape, np.int64)], axis=3)
    always = np.concatenate([before.thresholds, np.zeros((maps, neurons), np.int64)], axis=1)
    rows, columns, classes = *before.vm_shape[:2], len(offsets)
    grown = replace(before, weights=silent, thresholds=always, vm_shape=(rows, columns, kernels + neurons))
    taps = np.zeros((height, width, maps, kernels + neurons, classes), np.int64)
    taps[:, :, :, :kernels] = last.weights.reshape(height, width, maps, kernels, classes)
    taps[:, :, :, kernels:] = _shares(offsets, _limit(bits), (height, width, maps, neurons))
    weights = taps.reshape(height, width, maps * (kernels + neurons), classes)
    return grown, replace(
        last, input_shape=(height, width, channels + maps * neurons), weights=weights, bits=bits
    )


def _limit(bits: int) -> int:
    return int(2 ** (bits - 1) - 1)


def _shares(offsets: NDArray[np.int64], limit: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """Return weights of `shape` + (classes,), magnitudes up to `limit`, that add up to `offsets`: evenly, so all stay small."""
    count = int(np.prod(shape))
    each, rest = np.divmod(np.abs(offsets), count)
    shares = each + (np.arange(count)[:, None] < rest)
    assert shares.max() <= limit  # as many neurons as it takes
    return np.asarray((np.sign(offsets) * shares).reshape(*shape, -1))
