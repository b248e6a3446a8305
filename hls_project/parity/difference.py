"""Where the simulated hardware first differs from the golden network."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_project.parity.trace import MEMBRANE, SPIKE, LayerGolden


@dataclass(frozen=True)
class Difference:
    """The first value that differs: image, layer, what it is, where it is, what it should be and what it is.

    got is None where the simulation put out nothing. The layer is "scores" when every layer is equal and only what comes
    after the last one, the widening or the label, is not.
    """

    image: int
    layer: str
    quantity: str
    row: int
    column: int
    channel: int
    expected: int
    got: int | None

    def __str__(self) -> str:
        got = "nothing" if self.got is None else self.got
        return (
            f"first difference: image {self.image}, layer {self.layer}, {self.quantity} at row {self.row}, column {self.column}, "
            f"channel {self.channel}: expected {self.expected}, got {got}"
        )


def first_difference(trace: NDArray[np.int32], layers: Iterable[LayerGolden], image: int) -> Difference:
    """Return the first difference in the order of the network, membrane potentials before spikes.

    trace: rows {layer, kind, pixel, channel, value} of one image, see `parity.trace`.
    """
    for layer in layers:
        for kind, quantity, golden in ((MEMBRANE, "Vm", layer.vm), (SPIKE, "spike", layer.spikes)):
            if golden is None:
                continue
            height, width, channels = golden.shape
            expected = golden.reshape(height * width, channels).astype(np.int64)
            got = np.full(expected.shape, np.iinfo(np.int64).min)
            rows = trace[(trace[:, 0] == layer.index) & (trace[:, 1] == kind)]
            inside = (rows[:, 2] < expected.shape[0]) & (rows[:, 3] < channels)
            got[rows[inside, 2], rows[inside, 3]] = rows[inside, 4]
            wrong = np.argwhere(got != expected)
            if wrong.size:
                pixel, channel = (int(index) for index in wrong[0])
                value = int(got[pixel, channel])
                return Difference(
                    image,
                    layer.name,
                    quantity,
                    pixel // width,
                    pixel % width,
                    channel,
                    int(expected[pixel, channel]),
                    None if value == np.iinfo(np.int64).min else value,
                )
    return Difference(image, "scores", "result", 0, 0, 0, 0, None)
