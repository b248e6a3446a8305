"""From a QONNX file to hardware: a verb of the command line, a function each.

    import hls_project

    report = hls_project.csim("mine.onnx", images=images, labels=labels)
    print(report.is_exact, report.accuracy, report.scores)

A model is a name of the zoo or of a training, a path, or an `onnx.ModelProto`; images are uint8 (N, H, W, C). Results are in
`build/<model>/`, below the current folder. Nothing is printed; errors are those of `DTSCNNError`. What is not in `__all__`
is private. This package never imports torch, and its names are imported when they are asked for: hls4ml takes seconds.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from dt_scnn import __version__ as __version__

if TYPE_CHECKING:
    from dt_scnn.errors import ConfigurationError, DTSCNNError, FlowError, ToolNotFoundError
    from hls_project.c_simulation.csim_report import CsimReport
    from hls_project.cosimulation.cosim_report import CosimReport
    from hls_project.cosimulation.gatesim import GatesimReport
    from hls_project.cosimulation.vitis import VitisReport
    from hls_project.parity.difference import Difference
    from hls_project.verbs.convert import Conversion, convert
    from hls_project.verbs.cosim import cosim
    from hls_project.verbs.csim import csim
    from hls_project.verbs.estimate import Estimate, Timing, estimate, timing
    from hls_project.verbs.explore import Exploration, explore
    from hls_project.verbs.gatesim import gatesim
    from hls_project.verbs.overlay import bitstream, deploy, package, simulated_overlay
    from hls_project.verbs.report import Report, report

_PLACES = {
    "dt_scnn.errors": ("ConfigurationError", "DTSCNNError", "FlowError", "ToolNotFoundError"),
    "hls_project.c_simulation.csim_report": ("CsimReport",),
    "hls_project.cosimulation.cosim_report": ("CosimReport",),
    "hls_project.cosimulation.gatesim": ("GatesimReport",),
    "hls_project.cosimulation.vitis": ("VitisReport",),
    "hls_project.parity.difference": ("Difference",),
    "hls_project.verbs.convert": ("Conversion", "convert"),
    "hls_project.verbs.cosim": ("cosim",),
    "hls_project.verbs.csim": ("csim",),
    "hls_project.verbs.estimate": ("Estimate", "Timing", "estimate", "timing"),
    "hls_project.verbs.explore": ("Exploration", "explore"),
    "hls_project.verbs.gatesim": ("gatesim",),
    "hls_project.verbs.overlay": ("bitstream", "deploy", "package", "simulated_overlay"),
    "hls_project.verbs.report": ("Report", "report"),
}
_HOMES = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "ConfigurationError",
    "Conversion",
    "CosimReport",
    "CsimReport",
    "DTSCNNError",
    "Difference",
    "Estimate",
    "Exploration",
    "FlowError",
    "GatesimReport",
    "Report",
    "Timing",
    "ToolNotFoundError",
    "VitisReport",
    "bitstream",
    "convert",
    "cosim",
    "csim",
    "deploy",
    "estimate",
    "explore",
    "gatesim",
    "package",
    "report",
    "simulated_overlay",
    "timing",
]


def __getattr__(name: str) -> Any:
    """Import a public name at its first use."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(importlib.import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
