"""What the engine takes."""

from __future__ import annotations

from hls_project.plan.fold import Fold
from hls_project.synthesis.cells import Resources
from hls_project.targets.rtl.layer import HardwareLayer


def cost(layer: HardwareLayer, fold: Fold | None = None) -> Resources:
    """Return the resources."""
    return Resources()
