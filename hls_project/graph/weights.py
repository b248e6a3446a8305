"""Reading a layer's weights: a constant through a QONNX `Quant` node is integers and power-of-two scales."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from dt_scnn.qonnx_format import QUANT_DOMAIN
from hls_project.graph.view import GraphView, attribute, refuse, require

_LARGEST_EXPONENT = 64


class QuantizedWeights(NamedTuple):
    """Weights of a layer.

    integers: int64, output channels on the last axis. scale: float64 `(Cout,)`, powers of two. bits: 2 .. 8.
    """

    integers: NDArray[np.int64]
    scale: NDArray[np.float64]
    bits: int


def read_weights(view: GraphView, consumer: NodeProto, order: tuple[int, ...]) -> QuantizedWeights:
    """Return the weights that `consumer` reads as its second input, with the axes permuted to `order`.

    The integer of a weight is `clip(round(w / scale))`, half to even, in the narrow range
    `+-(2^(bits-1) - 1)`: the definition of QONNX `Quant`, exact for power-of-two scales.

    Raises:
        ConfigurationError: the weights are not constant, not quantized, or quantized in an unsupported way.
    """
    quant, permutation = _quantizer(view, consumer)
    weights, scale, zero_point, width = (
        view.float_constant(quant, index, what)
        for index, what in enumerate(("weights", "scale", "zero point", "bit width"))
    )
    for name, wanted, default in (("signed", 1, 1), ("narrow", 1, 0), ("rounding_mode", "ROUND", "ROUND")):
        require(quant, name, attribute(quant, name, default), wanted)
    if weights.ndim != len(order):
        refuse(consumer, f"its weights must have {len(order)} axes, not shape {weights.shape}")
    if not np.isfinite(weights).all():
        refuse(quant, f"{np.count_nonzero(~np.isfinite(weights))} weights are NaN or infinite")
    if np.any(zero_point != 0):
        refuse(quant, f"the zero point must be 0, not {zero_point.flat[0]:g}")
    if width.size != 1 or width.item() not in range(2, 9):
        refuse(quant, f"the bit width must be one number from 2 to 8, not {width.tolist()}")
    bits = int(width.item())
    limit = 2 ** (bits - 1) - 1
    scales = _scales(quant, scale, weights.shape)
    integers = np.clip(np.round(weights / scales), -limit, limit).astype(np.int64)
    axes = order if permutation is None else tuple(permutation[axis] for axis in order)
    integers, scales = integers.transpose(axes), scales.transpose(axes)
    each_channel = scales.reshape(-1, scales.shape[-1])
    if np.any(each_channel != each_channel[:1]):
        refuse(quant, f"the scale must be one for each output channel or one for all, not {scale.shape}")
    return QuantizedWeights(integers, each_channel[0], bits)


def _quantizer(view: GraphView, consumer: NodeProto) -> tuple[NodeProto, tuple[int, ...] | None]:
    """Return the `Quant` node of the weights and the permutation of a `Transpose` after it."""
    node = view.producer(consumer.input[1])
    permutation = None
    if node is not None and node.op_type == "Transpose":
        permutation = tuple(attribute(node, "perm", (1, 0)))
        node = view.producer(node.input[0])
    if node is None or (node.domain, node.op_type) != (QUANT_DOMAIN, "Quant"):
        kind = "not constant" if view.constant(consumer.input[1]) is None else "plain floating-point numbers"
        refuse(
            consumer, f"its weights must come from a Quant node, but are {kind}; export the network as QONNX"
        )
    return node, permutation


def _scales(quant: NodeProto, scale: NDArray[np.float32], shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Return the scale of each weight."""
    with np.errstate(invalid="ignore"):
        mantissa, exponent = np.frexp(scale.astype(np.float64))
    good = (mantissa == 0.5) & (np.abs(exponent - 1) <= _LARGEST_EXPONENT)
    if not good.all():
        refuse(
            quant,
            f"the scale must be powers of two from 2^-{_LARGEST_EXPONENT} to 2^{_LARGEST_EXPONENT}, not "
            f"{scale[~good].flat[0]:g}; train with a fixed-point (power-of-two) weight quantizer",
        )
    try:
        return np.broadcast_to(scale.astype(np.float64), shape)
    except ValueError:
        refuse(quant, f"weights of shape {shape} cannot have scales of shape {scale.shape}")
