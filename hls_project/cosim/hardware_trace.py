"""What the hardware prints of membrane potentials and spikes, as the rows that `parity.trace` describes."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_project.parity.trace import MEMBRANE, SPIKE

_LINE = re.compile(r"dtscnn (fire|scores) (\S+) ([0-9a-fx]+)(?: ([0-9a-fx]+))?$")


def records(lines: list[str], plan: list[dict[str, Any]]) -> NDArray[np.int32]:
    """Return rows {layer, kind, pixel, channel, value} of one image.

    lines: of the simulator, `+trace`. plan: of `rtl.json`; a layer's number is its place in it. Pixels are counted in the
    order in which they fired, kernels in the order lane within fold.
    """
    numbers = {layer["name"]: index for index, layer in enumerate(plan)}
    beats = dict.fromkeys(numbers, 0)
    rows: list[tuple[int, int, int, int, int]] = []
    for match in filter(None, map(_LINE.match, lines)):
        name = match[2].split(".")[-2]
        if name not in numbers:
            continue
        number, layer = numbers[name], plan[numbers[name]]
        folds = layer["folds"] if layer["kind"] == "conv" else 1
        lanes, bits = layer["kernels"] // folds, layer["vm_bits"]
        pixel, fold = divmod(beats[name], folds)
        beats[name] += 1
        potentials = int(match[3], 16)
        for lane in range(lanes):
            value = potentials >> (lane * bits) & ((1 << bits) - 1)
            value -= (value >> (bits - 1)) << bits
            rows.append((number, MEMBRANE, pixel, fold * lanes + lane, value))
        if match[4] is not None:
            fired = int(match[4], 16)
            for spike in range(layer["maps"] * lanes):
                threshold, lane = divmod(spike, lanes)
                channel = threshold * layer["kernels"] + fold * lanes + lane
                rows.append((number, SPIKE, pixel, channel, fired >> spike & 1))
    return np.array(rows, np.int32).reshape(-1, 5)
