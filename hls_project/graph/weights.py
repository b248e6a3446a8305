"""Reading a layer's weights: a constant through a QONNX `Quant` node becomes integers and power-of-two scales."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from hls_project.graph.view import GraphView, attribute, label
from quant_train.errors import ConfigurationError

QUANT_DOMAIN = "qonnx.custom_op.general"
_SCALE_EXPONENTS = range(-64, 65)


class QuantizedWeights(NamedTuple):
    """integers: int64, output channels on the last axis. scale: `(Cout,)` float64 powers of two. bits: 2 .. 8."""

    integers: NDArray[np.int64]
    scale: NDArray[np.float64]
    bits: int


def read_weights(view: GraphView, consumer: NodeProto, order: tuple[int, ...]) -> QuantizedWeights:
    """Return the weights that `consumer` reads as its second input, with the axes permuted to `order`.

    The integer of a weight is `clip(round(w / scale))`, half to even, in the narrow range `+-(2^(bits-1) -
    1)`: the definition of QONNX `Quant` (rounding_mode ROUND), exact for power-of-two scales.

    Raises:
        ConfigurationError: the weights are not constant, not quantized, or quantized in an unsupported way.
    """
    where = label(consumer)
    quant, permutation = _quantizer(view, consumer)
    weights, scale, zero_point, bits = (_constant(view, quant, index) for index in range(4))
    if weights.ndim != len(order):
        raise ConfigurationError(f"{where}: weights must have {len(order)} axes, not shape {weights.shape}")
    width = _bit_width(where, quant, bits)
    if not np.isfinite(weights).all():
        raise ConfigurationError(
            f"{where}: weights must be finite numbers; {np.count_nonzero(~np.isfinite(weights))} are NaN or infinite"
        )
    if np.any(zero_point != 0):
        raise ConfigurationError(f"{where}: the weights' zero point must be 0, not {zero_point.flat[0]:g}")
    _check_scale(where, scale)
    limit = 2 ** (width - 1) - 1
    try:
        scales = np.broadcast_to(scale.astype(np.float64), weights.shape)
    except ValueError:
        raise ConfigurationError(
            f"{where}: weights of shape {weights.shape} cannot have scales of shape {scale.shape}"
        ) from None
    integers = np.clip(np.round(weights / scales), -limit, limit).astype(np.int64)
    axes = order if permutation is None else tuple(permutation[axis] for axis in order)
    integers, scales = integers.transpose(axes), scales.transpose(axes)
    per_channel = scales.reshape(-1, scales.shape[-1])
    if np.any(per_channel != per_channel[:1]):
        raise ConfigurationError(
            f"{where}: weights must have one scale for each output channel or one for all"
        )
    return QuantizedWeights(integers, per_channel[0], width)


def _quantizer(view: GraphView, consumer: NodeProto) -> tuple[NodeProto, tuple[int, ...] | None]:
    """Return the `Quant` node of the weights and the permutation of a `Transpose` after it."""
    tensor = consumer.input[1]
    node = view.producer(tensor)
    permutation: tuple[int, ...] | None = None
    if node is not None and node.op_type == "Transpose":
        permutation = tuple(attribute(node, "perm", (1, 0)))
        node = view.producer(node.input[0])
    if node is None or (node.domain, node.op_type) != (QUANT_DOMAIN, "Quant"):
        kind = "constant floating-point numbers" if view.constant(tensor) is not None else "not constant"
        raise ConfigurationError(
            f"{label(consumer)}: weights must pass through a Quant node of domain {QUANT_DOMAIN}, but are {kind}; "
            "export the network as QONNX"
        )
    if len(node.input) != 4:
        raise ConfigurationError(
            f"{label(node)}: must have 4 inputs (weights, scale, zero point, bit width), not {len(node.input)}"
        )
    return node, permutation


def _constant(view: GraphView, quant: NodeProto, index: int) -> NDArray[Any]:
    value = view.constant(quant.input[index])
    if value is None:
        what = ("weights", "scale", "zero point", "bit width")[index]
        raise ConfigurationError(
            f"{label(quant)}: the {what} must be constant, but {quant.input[index]!r} is computed"
        )
    return value


def _bit_width(where: str, quant: NodeProto, bits: NDArray[Any]) -> int:
    wanted = {"signed": 1, "narrow": 1, "rounding_mode": "ROUND"}
    defaults = {"signed": 1, "narrow": 0, "rounding_mode": "ROUND"}
    for name, value in wanted.items():
        got = attribute(quant, name, defaults[name])
        if got != value:
            raise ConfigurationError(f"{where}: the weights' Quant must have {name} = {value!r}, not {got!r}")
    if bits.size != 1 or bits.item() not in range(2, 9):
        raise ConfigurationError(f"{where}: weights must have one bit width from 2 to 8, not {bits.tolist()}")
    return int(bits.item())


def _check_scale(where: str, scale: NDArray[Any]) -> None:
    with np.errstate(invalid="ignore"):
        mantissa, exponent = np.frexp(scale.astype(np.float64))
    good = (mantissa == 0.5) & (exponent > _SCALE_EXPONENTS.start) & (exponent <= _SCALE_EXPONENTS.stop)
    if not good.all():
        raise ConfigurationError(
            f"{where}: weight scales must be powers of two from 2^-64 to 2^64, not {scale[~good].flat[0]:g}; "
            "train with a fixed-point (power-of-two) weight quantizer"
        )
