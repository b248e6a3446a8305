"""A quantizer of pixels or spikes, which are integers already: taken where it changes none of their values."""

from __future__ import annotations

from fractions import Fraction
from math import prod

from onnx import NodeProto

from hls_project.graph.constants import Constants
from hls_project.graph.quantizer import read_quantizer
from hls_project.graph.scaling import channel_values, numbers
from hls_project.graph.signals import Map
from hls_project.graph.view import GraphView, refuse


def check_unchanged(view: GraphView, constants: Constants, node: NodeProto, now: Map) -> None:
    """Refuse a quantizer that changes a value of the map `now`.

    Raises:
        ConfigurationError: it does; the message says which value.
    """
    quantizer = read_quantizer(constants, node)
    axes = now.axes
    scale = channel_values(node, "scale", numbers(view, constants, node, 1, "scale"), axes)
    zero = (
        channel_values(node, "zero point", numbers(view, constants, node, 2, "zero point"), axes)
        if len(node.input) > 2
        else (Fraction(0),) * axes.channels
    )
    channels = axes.channels // now.shape[2]
    if channels > 1 and (len(set(scale)), len(set(zero))) != (1, 1):
        refuse(node, "must quantize all of a flattened map alike; put it before the Flatten")
    values = [value for value in zip(now.scale, now.offset, strict=True) for _ in range(channels)]
    averaged = prod(now.mean_of or ())
    most = now.largest * now.blocks * averaged
    for (factor, offset), step, origin in sorted(set(zip(values, scale, zero, strict=True))):
        for integer in sorted({0, 1, most}):  # the values between are evenly spaced
            value = factor * integer / averaged + offset
            steps = value / step + origin
            kept = abs(steps) == 1 if quantizer.bipolar else quantizer.low <= steps <= quantizer.high
            if steps.denominator != 1 or not kept:
                what = "a pixel" if now.largest > 1 else "a mean" if now.mean_of else "a spike"
                refuse(
                    node,
                    f"changes what it reads: {what} of {Fraction(integer, averaged)} is {float(value):g} there, which its scale of {float(step):g} does "
                    f"not hold; {'quantize the image to 8 bits, unsigned, at the scale of one grey level' if now.largest > 1 else 'leave it out'}",
                )
