"""When a folded convolution reads its pixels: step by step against what the header promises."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

from hls_project.targets.hls.layer_kernel import steps_of
from tests.hls_project.targets.hls.kernel_bench import compiled

_MAIN = """
#include "nnet_row_buffer.h"
#include <cstdio>

// For each step of a frame, r where a pixel is read and b where an output row begins after it, as `folded_conv2d` asks.
template <class CONFIG_T, unsigned ROW_STEPS> static void run(unsigned steps) {
    nnet::row_schedule<CONFIG_T, ROW_STEPS> schedule;
    unsigned computing = 0;
    while (steps-- > 0) {
        const bool read = schedule.read_due();
        if (read)
            schedule.count_pixel();
        if (computing != 0)
            computing--;
        const bool begins = computing == 0 && schedule.next_row();
        if (begins)
            computing = ROW_STEPS;
        std::printf("%s%s ", read ? "r" : "-", begins ? "b" : "");
    }
    std::printf("\\n");
}
"""


def geometry(seed: int) -> dict[str, int]:
    """Return the constants of a folded convolution that pad their rows or not, in strides of 1 to 3."""
    rng = np.random.default_rng(seed)
    kernel = int(rng.integers(1, 5))
    pad = int(rng.integers(0, kernel))
    height, width = kernel + int(rng.integers(0, 9)), int(rng.integers(1, 9))
    stride, below = int(rng.integers(1, 4)), int(rng.integers(0, kernel - pad))
    return {
        **{"in_height": height, "in_width": width, "n_chan": 1 + seed % 4, "simd": 1},
        **{"filt_height": kernel, "filt_width": 1, "pad_top": pad, "pad_left": 0},
        **{"stride_height": stride, "stride_width": 1, "out_width": width},
        **{"out_height": (height + pad + below - kernel) // stride + 1, "mmv": int(rng.integers(1, 4))},
        **{"n_kernels": 1 + seed % 3, "pe": 1},
    }


@pytest.mark.parametrize("widths", [(), ("-DNNET_EXACT_WIDTHS",)], ids=["machine", "exact"])
def test_pixels_are_read_at_the_pace_at_which_they_are_used(widths: tuple[str, ...], tmp_path: Path) -> None:
    cases = [geometry(seed) for seed in range(24)]
    rows = []
    source = _MAIN
    calls = ""
    for index, c in enumerate(cases):
        folds = c["n_kernels"] * c["filt_height"] * c["n_chan"]
        rows.append(-(-c["out_width"] // c["mmv"]) * max(folds, c["mmv"]))
        members = "".join(f" static const unsigned {name} = {value};" for name, value in c.items())
        source += f"struct config{index} {{{members} }};\n"
        calls += f"    run<config{index}, {rows[-1]}>({steps_of('folded_conv2d', c)});\n"
    program = compiled(f"{source}int main() {{\n{calls}    return 0;\n}}\n", tmp_path, widths)
    said = subprocess.run([str(program)], capture_output=True, text=True, check=True, timeout=60).stdout
    paced = 0
    for c, row_steps, line in zip(cases, rows, said.splitlines(), strict=True):
        steps = line.split()
        read = np.array([step.startswith("r") for step in steps])
        begins = [index for index, step in enumerate(steps) if step.endswith("b")]
        width, height, stride = c["in_width"], c["in_height"], c["stride_height"]
        first = min(height, c["filt_height"] - c["pad_top"])
        assert read.sum() == height * width, c
        assert len(begins) == c["out_height"] and (np.diff(begins) >= row_steps).all(), c
        assert read[: first * width].all() and begins[0] == first * width - 1, c
        # A row begins as soon as its rows are there, and the row before it is done.
        there = read.cumsum()
        needed = [min(height, first + stride * row) for row in range(c["out_height"])]
        whole = [int(np.searchsorted(there, rows_ * width)) for rows_ in needed]
        done = [0, *(begin + row_steps for begin in begins[:-1])]
        assert begins == [max(ready, free) for ready, free in zip(whole, done, strict=True)], c
        # While a row is computed, the next row's pixels are spread evenly over its steps, a step more or less.
        reads = stride * width
        if reads >= row_steps:
            continue
        for begin, end in zip(begins[:-2], begins[1:-1], strict=True):
            if there[end] - there[begin] == reads:
                paced += 1
                even = np.arange(1, row_steps + 1) * reads / row_steps
                assert (np.abs(there[begin + 1 : end + 1] - there[begin] - even) < 1).all(), c
    assert paced > 20
