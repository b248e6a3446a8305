"""What this project's QONNX files have in common: domains, the input's scale, and the names of their properties."""

from __future__ import annotations

DOMAIN = "hls_project.qonnx"
"""Domain of the operator `DualThresholdFire`."""

OPSET_VERSION = 1

QUANT_DOMAIN = "qonnx.custom_op.general"

PIXEL_SCALE = 1 / 256
"""What the QONNX file's input is for a pixel of 1."""

CLASSES = "dt_scnn.classes"
"""Property: the names of the classes, a JSON list."""

DATASET = "dt_scnn.dataset"
"""Property: the name of the data set, or its path as the recipe has it."""

DATA = "dt_scnn.data"
"""Property: how a data set at a path is read, JSON: size, channels, test share and seed."""

SCORE_STEP = "dt_scnn.score_step"
"""Property: what one unit of an integer score is in the scores of the file that a normal form was made from, hexadecimal."""

PIXEL = "dt_scnn.pixel"
"""Property: what a pixel of 1 is at the network's input, a ratio such as 1/255; without it, `PIXEL_SCALE`."""
