"""Nodes that move axes and numbers about without changing them: `Flatten` and its spellings, and `Transpose`."""

from __future__ import annotations

from dataclasses import replace
from math import prod

from onnx import NodeProto

from hls_project.graph.constants import Constants
from hls_project.graph.signals import Map, Potential
from hls_project.graph.view import attribute, refuse, require

TO_FIRST, TO_LAST = [0, 3, 1, 2], [0, 2, 3, 1]


def flattened(constants: Constants, node: NodeProto, now: Map | Potential) -> Map | Potential:
    """Return `now` after `Flatten`, or a `Reshape` or `Squeeze` that does the same.

    Raises:
        ConfigurationError: it does something else, or flattens potentials before they fire.
    """
    shape = now.tensor_shape
    features = prod(shape)
    if node.op_type == "Flatten":
        axis = attribute(node, "axis", 1)
        require(node, "axis", axis if axis >= 0 else axis + len(shape), 1)
    elif node.op_type == "Squeeze":
        axes = attribute(node, "axes", None)
        if axes is None and len(node.input) > 1:
            value = constants.value(node.input[1])
            axes = None if value is None else value.tolist()
        one = [axis for axis in range(1, 4) if axis != now.axes.channel]
        require(node, "axes", sorted(axis % len(shape) for axis in axes or ()), one)
        if features != now.axes.channels:
            refuse(node, f"a map of shape {shape} has no axes of size 1 to leave out; use Flatten")
    else:
        target = constants.value(node.input[1])
        if target is not None and target.tolist() == list(shape):
            return now
        allowed = ([1, -1], [1, features], [-1, features], [0, -1], [0, features])
        require(node, "target shape", "computed" if target is None else target.tolist(), *allowed)
    if isinstance(now, Potential) and not now.flat and now.shape[:2] != (1, 1):
        refuse(
            node,
            "flattens potentials: every convolution and dense layer but the last must be followed by firing (a ThresholdFire, or a one-bit Quant) before that",
        )
    return replace(now, flat=True)


def transposed(node: NodeProto, now: Map | Potential) -> Map | Potential:
    """Return `now` after a `Transpose` from channels first to last, or back.

    Raises:
        ConfigurationError: it moves axes otherwise.
    """
    order = list(attribute(node, "perm", []))
    rank = len(now.tensor_shape)
    if order == list(range(rank)):
        return now
    if rank != 4 or order != (TO_LAST if now.layout == "NCHW" else TO_FIRST):
        refuse(
            node,
            f"perm must be {TO_LAST if now.layout == 'NCHW' else TO_FIRST}, from {now.layout} to the other layout, not {order}",
        )
    return replace(now, layout="NHWC" if now.layout == "NCHW" else "NCHW")
