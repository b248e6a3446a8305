"""From a QONNX file to hardware: integer graph, exact bounds, hls4ml layers, C-simulation.

This package never imports torch; heavy libraries are imported where they are used.
"""

from __future__ import annotations

__version__ = "0.1.0"
