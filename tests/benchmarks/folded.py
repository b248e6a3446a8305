"""The folded engine at the size that `cifar-10` uses: LUTs for each synapse a cycle, and the clock of one layer on an ECP5.

Finished syntheses stay in `build/cifar-10/synthesis`, where `make estimate` leaves them too.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from hls_project.plan.request import Request
from hls_project.synthesis import ecp5, resources, sources
from hls_project.targets.rtl import core
from hls_project.verbs.planned import rtl_options, taken_plan
from hls_project.workspace.folder import open_workspace

MODEL, LAYER = "cifar-10", "conv1"
FINN_W4A1 = 16.5
"""LUTs of one multiply-accumulate a cycle of 4-bit weights and 1-bit activations, by FINN's own cost model."""


def measure() -> dict[str, Any]:
    """Return the figures: a synapse is a spike's weight that can be added in a cycle."""
    workspace = open_workspace(MODEL, Path("build"))
    taken = taken_plan(workspace, Request(board="pynq-z2"), lambda line: print(line, file=sys.stderr))
    core.convert(workspace, rtl_options(taken))
    modules = sources.read(workspace.rtl).layers()
    folder = workspace.folder / "synthesis"
    report = resources.estimate(workspace.rtl, modules, "xc7", folder, len(os.sched_getaffinity(0)))
    luts = {module.name: module.resources.lut for module in report.modules}
    layers = {}
    first = next(iter(taken.plan.folds))
    for name, fold in taken.plan.folds.items():
        if fold.engine == "folded" and name != first:  # the first reads pixels: multipliers, not synapses
            synapses = fold.pe * fold.simd * fold.mmv
            layers[name] = {
                "fold": str(fold),
                "synapses_a_cycle": synapses,
                "lut": luts[name],
                "lut_for_each": round(luts[name] / synapses, 2),
            }
    routed = ecp5.place_and_route(
        workspace.rtl, folder / f"ecp5-{LAYER}", top=f"dtscnn_{LAYER}", out_of_context=True
    )
    return {
        "model": MODEL,
        "layers": layers,
        "finn_w4a1_by_its_cost_model": FINN_W4A1,
        "ecp5_routed_mhz": {LAYER: round(routed.routed.slowest.fmax, 1)},
    }
