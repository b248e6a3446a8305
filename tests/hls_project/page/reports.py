"""Reports of a small network as the verbs write them, with all that the page reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from dt_scnn.files import sha256
from hls_project.reports.figure import figure
from hls_project.reports.made_from import write_report

IMAGES = np.random.default_rng(3).integers(0, 256, (12, 8, 8, 1), np.uint8)
LABELS = np.arange(12) % 10


def _count(value: float, kind: Any = "simulated") -> dict[str, Any]:
    return figure(value, kind)


CSIM = {
    "images": 12,
    "exact_images": _count(12),
    "images_per_second": _count(900.5, "measured"),
    "first_difference": None,
}
DATAFLOW = {
    "frames": 12,
    "exact_frames": _count(12),
    "streams": [{"name": "conv0", "depth": 8, "highest_fill": _count(5), "smallest_depth": _count(2)}],
}
COSIM = {
    "target": "rtl",
    "images": 12,
    "exact_images": _count(12),
    "first_result": _count(101),
    "cycles_per_image": _count(64.5),
    "build_id": "00ff",
    "limiting_layer": "conv0",
    "layers": [{"name": "conv0", "cycles_per_image": _count(64, "model"), "busy": _count(64.25)}],
    "fifos": [{"name": "conv0", "depth": 16, "highest_fill": _count(16)}],
    "first_difference": None,
}
GATESIM = {"netlist": "yosys 0.70", "images": 2, "exact_images": _count(2), "first_difference": None}
SIMULATED = {"exact_images": _count(12), "compute_cycles": _count(80)}
TIMING = {"device": "LFE5U-85F", "fmax": _count(101.25, "synthesis-estimate"), "core": "00"}
RESOURCES = {
    name: _count(value, "synthesis-estimate")
    for name, value in {"lut": 812, "ff": 701, "bram18": 3, "bram36": 1, "dsp": 0}.items()
}
ESTIMATE = {
    "tool": "yosys 0.70",
    "part": "xc7z020clg400-1",
    "fits": True,
    "total": RESOURCES,
    "modules": [{"name": "conv0", **RESOURCES}],
}


def _side(name: str, spikes: float) -> dict[str, Any]:
    counts = {"synaptic_operations": 1000, "weights": 400, "weight_storage_bits": 1600, "vm_bits": 2000}
    totals = {key: _count(value, "model") for key, value in counts.items()}
    totals["spike_operations"] = _count(spikes, "measured")
    return {"name": name, "images": 360, "correct": _count(300, "measured"), "totals": totals}


COMPARE = {
    "dataset": "digits",
    "dual_threshold": _side("small", 250.25),
    "conventional": _side("small-scnn", 501),
}
BITSTREAM = {
    "board": "pynq-z2",
    "utilisation": {
        name: {"value": value, "kind": "synthesis-estimate", "available": 53200.0}
        for name, value in {"lut": 6120.0, "ff": 8450.0, "bram36": 4.5, "dsp": 0.0}.items()
    },
    "clock_mhz": {"made": 100.0},
    "timing": {"wns": {"value": 1.25, "kind": "synthesis-estimate"}},
}


def write_all(folder: Path) -> None:
    """Write every report but that of `explore` of the model and the plan in a folder."""
    board = {"files": {"manifest": {"model": sha256(folder / "model.onnx")}}, "golden": {"exact": 12}}
    for name, content, images in (
        ("csim", CSIM, IMAGES),
        ("dataflow", DATAFLOW, IMAGES),
        ("cosim", COSIM, IMAGES),
        ("gatesim", GATESIM, IMAGES[:2]),
        ("simulated_board", SIMULATED, None),
        ("board", board, None),
        ("estimate", ESTIMATE, None),
        ("timing", TIMING, None),
        ("compare", COMPARE, None),
        ("bitstream", BITSTREAM, None),
    ):
        write_report(folder / "reports" / f"{name}.json", content, images)
