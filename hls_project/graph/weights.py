"""Reading a layer's weights: a constant through a QONNX quantizer is integers and a scale for each output."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from dt_scnn.errors import ConfigurationError
from hls_project.graph.constants import Constants
from hls_project.graph.exact import Rationals, rationals
from hls_project.graph.quantizer import float_constant, is_quantizer, read_quantizer
from hls_project.graph.view import GraphView, attribute, refuse

LARGEST_WEIGHT = 127
FEWEST_BITS = 2


class QuantizedWeights(NamedTuple):
    """Weights of a layer: `integers * scale`.

    integers: int64, output channels on the last axis, magnitudes up to `LARGEST_WEIGHT`. scale: one for each output.
    bits: of the narrow range that holds them, 2 .. 8. declared: the file says just that range, rounding half to even.
    """

    integers: NDArray[np.int64]
    scale: Rationals
    bits: int
    declared: bool


def read_weights(
    view: GraphView, constants: Constants, consumer: NodeProto, order: tuple[int, ...]
) -> QuantizedWeights:
    """Return the weights that `consumer` reads as its second input, with the axes permuted to `order`.

    The integers are what QONNX defines, `clip(round(w / scale))`; they are narrow-range signed whatever the file calls them.

    Raises:
        ConfigurationError: the weights are not constant, not quantized, or wider than 8 bits.
    """
    node, permutation = _quantizer(view, constants, consumer)
    quantizer = read_quantizer(constants, node)
    weights = float_constant(constants, node, 0, "weights")
    if weights.ndim != len(order):
        refuse(consumer, f"its weights must have {len(order)} axes, not shape {weights.shape}")
    if not weights.size:
        refuse(consumer, f"it has no weights: their shape is {weights.shape}")
    if not np.isfinite(weights).all():
        refuse(node, f"{np.count_nonzero(~np.isfinite(weights))} weights are NaN or infinite")
    if np.any(quantizer.zero_point != 0):
        refuse(
            node,
            f"the zero point of weights must be 0, not {quantizer.zero_point[quantizer.zero_point != 0].flat[0]:g}; "
            "use a symmetric weight quantizer, such as Brevitas' Int8WeightPerTensorFixedPoint",
        )
    integers = quantizer.integers(weights)
    largest = int(np.abs(integers).max())
    if largest > LARGEST_WEIGHT:
        refuse(
            node,
            f"a weight is {integers.flat[np.abs(integers).argmax()]} steps, but weights have at most 8 bits, "
            f"-{LARGEST_WEIGHT} to {LARGEST_WEIGHT}; set weight_bit_width=8 or less, with narrow range",
        )
    scales = np.broadcast_to(quantizer.scale, weights.shape)
    if permutation is not None and sorted(permutation) != list(range(len(order))):
        refuse(consumer, f"its weights are transposed by perm {permutation}, but have {len(order)} axes")
    axes = order if permutation is None else tuple(permutation[axis] for axis in order)
    integers, scales = integers.transpose(axes), scales.transpose(axes)
    each_output = scales.reshape(-1, scales.shape[-1])
    if np.any(each_output != each_output[:1]):
        refuse(
            node, f"the scale must be one for each output channel or one for all, not {quantizer.scale.shape}"
        )
    narrow = quantizer.low == -quantizer.high and not quantizer.bipolar
    declared = narrow and FEWEST_BITS <= quantizer.high.bit_length() + 1 <= 8 and quantizer.mode == "ROUND"
    bits = quantizer.high.bit_length() + 1 if declared else bits_of(largest)
    return QuantizedWeights(integers, rationals(each_output[0]), bits, declared)


def bits_of(largest: int) -> int:
    """Return the bits of the narrow range that reaches from `-largest` to `largest`."""
    return max(FEWEST_BITS, 1 + largest.bit_length())


def _quantizer(
    view: GraphView, constants: Constants, consumer: NodeProto
) -> tuple[NodeProto, tuple[int, ...] | None]:
    """Return the quantizer of the weights and the permutation of a `Transpose` after it."""
    tensor = consumer.input[1] if len(consumer.input) > 1 else ""
    node = view.producer(tensor)
    while node is not None and node.op_type == "Identity":
        node = view.producer(node.input[0])
    permutation = None
    if node is not None and node.op_type == "Transpose" and is_quantizer(view.producer(node.input[0])):
        permutation = tuple(attribute(node, "perm", (1, 0)))
        node = view.producer(node.input[0])
    if node is None or not is_quantizer(node):
        kind = "not constant" if constants.value(tensor) is None else "plain floating-point numbers"
        refuse(
            consumer,
            f"its weights must come from a Quant node, but are {kind}; export the network as QONNX, with "
            "brevitas.nn layers whose weight_quant is set",
        )
    return node, permutation


def shape_of_weights(view: GraphView, constants: Constants, consumer: NodeProto) -> tuple[int, ...]:
    """Return the shape of the weights that `consumer` reads, quantized or not; () where it is unknown."""
    tensor = consumer.input[1] if len(consumer.input) > 1 else ""
    permutation: tuple[int, ...] | None = None
    node = view.producer(tensor)
    for _ in range(len(view.graph.node)):
        if node is None or not (is_quantizer(node) or node.op_type in ("Identity", "Transpose")):
            break
        if node.op_type == "Transpose" and permutation is None:
            permutation = tuple(attribute(node, "perm", ()))
        tensor = node.input[0]
        node = view.producer(tensor)
    try:
        value = constants.value(tensor)
    except ConfigurationError:
        return ()
    if value is None:
        return ()
    if permutation is None:
        return value.shape
    known = sorted(permutation) == list(range(value.ndim))
    return tuple(value.shape[axis] for axis in permutation) if known else ()
