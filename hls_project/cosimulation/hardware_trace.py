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

    lines: of the simulator, `+trace`. plan: of `rtl.json`; a layer's number is its place in it. A line holds the kernels of
    one fold at one pixel. A layer fires group of pixels by group, in each kernel fold by fold, in each pixel by pixel; what
    pads a group or a fold is left out.
    """
    numbers = {layer["name"]: index for index, layer in enumerate(plan)}
    lines_seen = dict.fromkeys(numbers, 0)
    rows: list[tuple[int, int, int, int, int]] = []
    for match in filter(None, map(_LINE.match, lines)):
        name = next((part for part in match[2].split(".") if part in numbers), None)
        if name is None:
            continue
        number, layer = numbers[name], plan[numbers[name]]
        pixel, fold = _place(layer, lines_seen[name])
        lines_seen[name] += 1
        if pixel is None:
            continue
        lanes, bits = layer["pe"], layer["vm_bits"]
        potentials = int(match[3], 16)
        kept = min(lanes, layer["kernels"] - fold * lanes)
        for lane in range(kept):
            value = potentials >> (lane * bits) & ((1 << bits) - 1)
            value -= (value >> (bits - 1)) << bits
            rows.append((number, MEMBRANE, pixel, fold * lanes + lane, value))
        if match[4] is not None:
            fired = int(match[4], 16)
            for spike in range(layer["maps"] * lanes):
                threshold, lane = divmod(spike, lanes)
                if lane >= kept:
                    continue
                channel = threshold * layer["kernels"] + fold * lanes + lane
                rows.append((number, SPIKE, pixel, channel, fired >> spike & 1))
    return np.array(rows, np.int32).reshape(-1, 5)


def _place(layer: dict[str, Any], line: int) -> tuple[int | None, int]:
    """Return the pixel, None for one that pads a group, and the kernel fold of a layer's line."""
    mmv, folds, width = layer["mmv"], layer["kernel_folds"], layer["vm_shape"][1]
    groups = -(-width // mmv)
    group, within = divmod(line, folds * mmv)
    fold, offset = divmod(within, mmv)
    row, column = group // groups, group % groups * mmv + offset
    return (row * width + column if column < width else None), fold
