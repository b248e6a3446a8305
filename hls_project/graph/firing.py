"""Nodes that fire, whatever a file calls them: the thresholds that they compare with, and what their spikes are worth."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from operator import le

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from hls_project.graph.constants import Constants
from hls_project.graph.exact import NEVER, Rationals, first_at, rationals
from hls_project.graph.quantizer import DOMAINS, float_constant, is_quantizer, read_quantizer
from hls_project.graph.scaling import Axes, channel_values, numbers
from hls_project.graph.signals import Layout, Potential
from hls_project.graph.view import GraphView, attribute, refuse, require
from hls_project.qonnx import DOMAIN

COMPARISONS = ("Greater", "GreaterOrEqual", "Less", "LessOrEqual")
MOST_LEVELS = 2


@dataclass(frozen=True)
class Firing:
    """A channel fires where it reaches (or, strict, exceeds) each of its K thresholds.

    bounds, strict: K rows of one for each channel. scale, offset: a channel's value is `scale * spikes + offset`.
    counted: the file's channel is the sum of its K spikes; else they are channels of their own, in block order.
    """

    bounds: tuple[Rationals, ...]
    strict: tuple[tuple[bool, ...], ...]
    scale: Rationals
    offset: Rationals
    counted: bool


def fires(node: NodeProto) -> bool:
    """Say whether `node` makes spikes of potentials."""
    return (
        (node.domain, node.op_type) == (DOMAIN, "DualThresholdFire")
        or is_quantizer(node)
        or (node.domain in DOMAINS and node.op_type == "MultiThreshold")
        or (node.domain in ("", "ai.onnx") and node.op_type in COMPARISONS)
    )


def read_firing(
    view: GraphView, constants: Constants, node: NodeProto, tensor: str, axes: Axes, layout: Layout
) -> Firing:
    """Return how `node` fires on `tensor`.

    Raises:
        ConfigurationError: it has more than two levels, or thresholds that are not constant, finite and in order.
    """
    if node.op_type == "DualThresholdFire":
        return _dual_threshold(constants, node, axes, layout)
    if node.op_type == "MultiThreshold":
        return _multi_threshold(constants, node, axes)
    if is_quantizer(node):
        return _quantizer(view, constants, node, axes)
    at = list(node.input).index(tensor)
    if (at == 0) != node.op_type.startswith("Greater"):
        refuse(
            node,
            "spikes where the potential is below a constant; fire where it is above: potential >= threshold",
        )
    bounds = channel_values(node, "thresholds", numbers(view, constants, node, 1 - at, "thresholds"), axes)
    strict = (not node.op_type.endswith("OrEqual"),) * axes.channels
    return Firing((bounds,), (strict,), *_plain(axes), counted=False)


def stand_in(constants: Constants, nodes: list[NodeProto], axes: Axes) -> Firing:
    """Return a firing of as many spikes as the faulty `nodes` seem to make, to go on behind them."""
    levels = len(nodes)
    if nodes[0].op_type == "DualThresholdFire" and len(nodes[0].input) > 1:
        thresholds = constants.value(nodes[0].input[1])
        levels = min(MOST_LEVELS, len(thresholds)) if thresholds is not None and thresholds.ndim == 2 else 1
    bounds = ((Fraction(0),) * axes.channels,) * max(1, levels)
    counted = nodes[0].op_type != "DualThresholdFire" and len(nodes) == 1
    return Firing(bounds, ((False,) * axes.channels,) * len(bounds), *_plain(axes), counted)


def integer_thresholds(
    node: NodeProto, firing: Firing, potential: Potential
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the thresholds `(K, C)` on the integers, and which channels must change the sign of their weights.

    Raises:
        ConfigurationError: the thresholds are not in ascending order.
    """
    negate = np.array([scale < 0 for scale in potential.scale])
    rows = [
        [
            _threshold(bound, strict, potential, channel)
            for channel, (bound, strict) in enumerate(zip(*row, strict=True))
        ]
        for row in zip(firing.bounds, firing.strict, strict=True)
    ]
    for first, second in zip(firing.bounds, firing.bounds[1:], strict=False):
        for channel, (lower, upper) in enumerate(zip(first, second, strict=True)):
            if lower > upper:
                refuse(
                    node,
                    f"thresholds must be ordered, Vth1 <= Vth2, but kernel {channel} has {float(lower)} and {float(upper)}",
                )
    return np.array(rows, np.int64), negate


def check_worth(node: NodeProto, firing: Firing, potential: Potential) -> None:
    """Refuse a `BipolarQuant` of what a ReLU keeps from 0 up: all its values are +1.

    Brevitas exports unsigned activations of one bit so, which in PyTorch are 0 and 1.
    """
    floor = potential.floor
    if node.op_type == "BipolarQuant" and floor is not None and all(map(le, firing.bounds[0], floor)):
        refuse(
            node,
            "is +1 for all that a ReLU leaves; Brevitas exports a QuantReLU of one bit so, whose values are 0 and 1: use "
            "ThresholdFire(channels, n_thresholds=1), or two bits with narrow_range=True",
        )


def _threshold(bound: Fraction, strict: bool, potential: Potential, channel: int) -> int:
    """Return the least integer at which a channel fires; for a negative scale, of the negated potential."""
    scale, offset = potential.scale[channel], potential.offset[channel]
    floor = None if potential.floor is None else potential.floor[channel]
    if floor is not None and (floor > bound if strict else floor >= bound):
        return -NEVER
    if scale == 0:
        return -NEVER if (offset > bound if strict else offset >= bound) else NEVER
    return first_at((bound - offset) / abs(scale), strict)


def _plain(axes: Axes) -> tuple[Rationals, Rationals]:
    return (Fraction(1),) * axes.channels, (Fraction(0),) * axes.channels


def _dual_threshold(constants: Constants, node: NodeProto, axes: Axes, layout: Layout) -> Firing:
    if axes.rank == 4:
        require(node, "data_layout", attribute(node, "data_layout", "NCHW"), layout)
    thresholds = float_constant(constants, node, 1, "thresholds")
    kernels = axes.channels
    require(node, "shape of the thresholds", thresholds.shape, (1, kernels), (2, kernels))
    if not np.isfinite(thresholds).all():
        what = "NaN" if np.isnan(thresholds).any() else "infinite"
        refuse(node, f"thresholds must be finite, but one is {what}")
    bounds = tuple(rationals(row) for row in thresholds)
    return Firing(bounds, ((False,) * kernels,) * len(bounds), *_plain(axes), counted=False)


def _multi_threshold(constants: Constants, node: NodeProto, axes: Axes) -> Firing:
    thresholds = float_constant(constants, node, 1, "thresholds")
    if thresholds.ndim != 2 or thresholds.shape[0] not in (1, axes.channels):
        refuse(
            node,
            f"shape of the thresholds must be ({axes.channels}, levels) or (1, levels), not {thresholds.shape}",
        )
    _check_levels(node, thresholds.shape[1])
    if not np.isfinite(thresholds).all():
        refuse(node, "thresholds must be finite")
    layout = attribute(node, "data_layout", "") or ("NCHW" if axes.rank == 4 else "NC")
    if layout.find("C") != axes.channel:
        refuse(node, f"data_layout is {layout}, but the channels of what it reads are on axis {axes.channel}")
    rows = np.broadcast_to(np.sort(thresholds, axis=1), (axes.channels, thresholds.shape[1])).T
    scale, offset = (
        Fraction(attribute(node, name, default)) for name, default in (("out_scale", 1.0), ("out_bias", 0.0))
    )
    return Firing(
        tuple(rationals(row) for row in rows),
        ((False,) * axes.channels,) * len(rows),
        (scale,) * axes.channels,
        (offset,) * axes.channels,
        counted=True,
    )


def _quantizer(view: GraphView, constants: Constants, node: NodeProto, axes: Axes) -> Firing:
    """Return the levels of a quantizer of potentials: `scale * (low + spikes - zero_point)`."""
    quantizer = read_quantizer(constants, node)
    low, high = (0, 1) if quantizer.bipolar else (quantizer.low, quantizer.high)
    _check_levels(node, high - low)
    scale, zero = (
        channel_values(node, what, numbers(view, constants, node, index, what), axes)
        if index < len(node.input)
        else (Fraction(0),) * axes.channels
        for index, what in ((1, "scale"), (2, "zero point"))
    )
    steps = [quantizer.step_to(level) for level in range(low + 1, high + 1)]
    bounds = tuple(tuple((bound - z) * s for s, z in zip(scale, zero, strict=True)) for bound, _ in steps)
    strict = tuple((strictly,) * axes.channels for _, strictly in steps)
    if quantizer.bipolar:
        # -1 or +1, twice a spike less one
        return Firing(
            bounds,
            strict,
            tuple(2 * s for s in scale),
            tuple(-s * (1 + z) for s, z in zip(scale, zero, strict=True)),
            counted=True,
        )
    offset = tuple(s * (low - z) for s, z in zip(scale, zero, strict=True))
    return Firing(bounds, strict, scale, offset, counted=True)


def _check_levels(node: NodeProto, levels: int) -> None:
    if not 1 <= levels <= MOST_LEVELS:
        refuse(
            node,
            f"as an activation it has {levels} thresholds; a neuron of this project has one or two: use ThresholdFire, or "
            "one bit (or two bits of narrow range)",
        )
