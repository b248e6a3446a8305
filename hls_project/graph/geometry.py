"""How a file's convolutions and poolings meet their maps; what this project's hardware has no shape for is refused."""

from __future__ import annotations

from typing import NamedTuple

from onnx import NodeProto

from hls_project.graph.signals import Shape
from hls_project.graph.view import attribute, refuse, require

LARGEST_KERNEL = 7


class Geometry(NamedTuple):
    """stride: (rows, columns). pads: (top, left, bottom, right). output: rows and columns."""

    stride: tuple[int, int]
    pads: tuple[int, int, int, int]
    output: tuple[int, int]


def convolution(node: NodeProto, kernel: tuple[int, int], shape: Shape) -> Geometry:
    """Return the geometry of a `Conv` with a kernel of (rows, columns) on a map of `shape` (H, W, C).

    Raises:
        ConfigurationError: it is dilated, too large, or its padding is as large as its kernel.
    """
    rows, columns = kernel
    require(node, "dilations", attribute(node, "dilations", [1, 1]), [1, 1])
    require(node, "kernel_shape", attribute(node, "kernel_shape", [rows, columns]), [rows, columns])
    strides = attribute(node, "strides", [1, 1])
    if len(strides) != 2 or min(strides) < 1:
        refuse(node, f"strides must be two numbers from 1 up, not {strides}")
    pads = _pads(node, kernel, strides, shape)
    sizes = []
    for axis, taps in enumerate(kernel):
        padding, size = pads[axis] + pads[axis + 2], shape[axis]
        if padding >= taps:
            refuse(node, f"pads along an axis must add up to less than the kernel's {taps}, not {padding}")
        if size + padding < taps:
            refuse(node, f"a kernel of {taps} does not fit the {size + padding} pixels of the padded map")
        sizes.append((size + padding - taps) // strides[axis] + 1)
    if max(rows, columns) > LARGEST_KERNEL:
        refuse(node, f"the kernel must be at most 7 x 7, not {rows} x {columns}")
    return Geometry((strides[0], strides[1]), (pads[0], pads[1], pads[2], pads[3]), (sizes[0], sizes[1]))


def _pads(node: NodeProto, kernel: tuple[int, int], strides: list[int], shape: Shape) -> list[int]:
    auto = attribute(node, "auto_pad", "NOTSET")
    require(node, "auto_pad", auto, "NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER")
    if auto == "VALID":
        return [0, 0, 0, 0]
    if auto == "NOTSET":
        pads = list(attribute(node, "pads", [0, 0, 0, 0]))
        if len(pads) != 4 or min(pads) < 0:
            refuse(node, f"pads must be four numbers from 0 up, not {pads}")
        return pads
    before, after = [], []
    for axis, taps in enumerate(kernel):
        total = max(0, (-(-shape[axis] // strides[axis]) - 1) * strides[axis] + taps - shape[axis])
        small, large = total // 2, total - total // 2
        before.append(small if auto == "SAME_UPPER" else large)
        after.append(large if auto == "SAME_UPPER" else small)
    return before + after


def pooling(node: NodeProto, shape: Shape) -> int:
    """Return the factor of a `MaxPool` or `GlobalMaxPool` of a map of `shape` (H, W, C).

    Raises:
        ConfigurationError: its windows are not square, overlap, are padded, or do not fit.
    """
    height, width, _ = shape
    if node.op_type == "GlobalMaxPool":
        if height != width:
            refuse(node, f"the map must be square, not {height} x {width}")
        return height
    kernel = attribute(node, "kernel_shape", [])
    if len(kernel) != 2 or kernel[0] != kernel[1] or kernel[0] < 1:
        refuse(node, f"kernel_shape must be square, not {kernel}")
    strides = attribute(node, "strides", [1, 1])
    if strides != kernel:
        refuse(
            node,
            f"strides must be {kernel}, not {strides}: windows that overlap or leave gaps are not built; use stride = kernel_size",
        )
    require(node, "pads", attribute(node, "pads", [0, 0, 0, 0]), [0, 0, 0, 0])
    require(node, "dilations", attribute(node, "dilations", [1, 1]), [1, 1])
    auto = attribute(node, "auto_pad", "NOTSET")
    factor = int(kernel[0])
    if auto in ("SAME_UPPER", "SAME_LOWER") and not height % factor and not width % factor:
        auto = "VALID"
    require(node, "auto_pad", auto, "NOTSET", "VALID")
    if height % factor or width % factor:
        require(node, "ceil_mode", attribute(node, "ceil_mode", 0), 0)
    if factor > min(height, width):
        refuse(node, f"a {factor} x {factor} window does not fit a {height} x {width} map")
    return factor


def is_mean_of_map(node: NodeProto, shape: Shape) -> bool:
    """Say whether an `AveragePool` or `GlobalAveragePool` takes the mean of a whole map of `shape` (H, W, C)."""
    if node.op_type == "GlobalAveragePool":
        return True
    padded = attribute(node, "auto_pad", "NOTSET") not in ("NOTSET", "VALID")
    padded |= any(attribute(node, "pads", [0, 0, 0, 0]))
    return list(attribute(node, "kernel_shape", [])) == [shape[0], shape[1]] and not padded
