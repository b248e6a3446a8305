"""What nodes between layers do to each channel, exactly: `y = factor * x + addend` of `Mul`, `Add`, batch norm and their like."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto

from hls_project.graph.constants import Constants
from hls_project.graph.exact import Rationals, rationals, root
from hls_project.graph.quantizer import float_constant, is_quantizer, read_quantizer
from hls_project.graph.view import GraphView, attribute, refuse

PASSING = ("Identity", "Dropout", "Cast")
OPERATORS = ("Add", "BatchNormalization", "Div", "Mul", "Neg", "Sub", *PASSING)
_EPSILON = float(np.float32(1e-5))


class Axes(NamedTuple):
    """Of a tensor: how many axes, which one holds the channels, and how many there are."""

    rank: int
    channel: int
    channels: int


class Affine(NamedTuple):
    """`y = factor * x + addend`, one of each for every channel."""

    factor: Rationals
    addend: Rationals


def affine(view: GraphView, constants: Constants, node: NodeProto, tensor: str, axes: Axes) -> Affine:
    """Return what `node`, one of `OPERATORS`, does to `tensor`.

    Raises:
        ConfigurationError: it reads something that is not constant, or numbers that differ within a channel.
    """
    ones, zeros = (Fraction(1),) * axes.channels, (Fraction(0),) * axes.channels
    if node.op_type in PASSING:
        _check_passing(constants, node)
        return Affine(ones, zeros)
    if node.op_type == "Neg":
        return Affine(tuple(-one for one in ones), zeros)
    if node.op_type == "BatchNormalization":
        return _batch_norm(constants, node, axes)
    at = list(node.input).index(tensor)
    values = channel_values(node, "constant", numbers(view, constants, node, 1 - at, "other input"), axes)
    if node.op_type == "Mul":
        return Affine(values, zeros)
    if node.op_type == "Add":
        return Affine(ones, values)
    if node.op_type == "Sub":
        if at == 0:
            return Affine(ones, tuple(-value for value in values))
        return Affine(tuple(-one for one in ones), values)
    if at == 1:
        refuse(node, "divides by what is computed from the image")
    if not all(values):
        refuse(node, "divides by 0")
    return Affine(tuple(1 / value for value in values), zeros)


def numbers(
    view: GraphView, constants: Constants, node: NodeProto, index: int, what: str
) -> NDArray[np.object_]:
    """Return a constant input of `node`, which may pass through a quantizer, as rationals.

    Raises:
        ConfigurationError: it depends on the image, or is NaN or infinite.
    """
    producer = view.producer(node.input[index])
    if producer is not None and is_quantizer(producer):
        quantizer = read_quantizer(constants, producer)
        integers = quantizer.integers(_finite(producer, float_constant(constants, producer, 0, what), what))
        steps = np.array(rationals(integers.astype(np.float64)), object).reshape(integers.shape)
        scale = np.array(rationals(quantizer.scale), object).reshape(quantizer.scale.shape)
        zero = np.array(rationals(quantizer.zero_point), object).reshape(quantizer.zero_point.shape)
        return np.asarray((steps - zero) * scale, object)
    value = _finite(node, float_constant(constants, node, index, what), what)
    result = np.empty(value.shape, object)
    result.reshape(-1)[:] = rationals(value)
    return result


def channel_values(node: NodeProto, what: str, values: NDArray[np.object_], axes: Axes) -> Rationals:
    """Return one number for each channel from a constant that broadcasts to a tensor with these `axes`.

    Raises:
        ConfigurationError: it differs within a channel.
    """
    if values.size == 1:
        return (values.reshape(-1)[0],) * axes.channels
    wanted = [1] * axes.rank
    wanted[axes.channel] = axes.channels
    shape = [1] * (axes.rank - values.ndim) + list(values.shape)
    if shape != wanted:
        refuse(
            node,
            f"its {what} must be one number or one for each of {axes.channels} channels, shape {tuple(wanted)}, not {values.shape}",
        )
    return tuple(values.reshape(-1))


def _finite(node: NodeProto, value: NDArray[np.float32], what: str) -> NDArray[np.float32]:
    if not np.isfinite(value).all():
        refuse(
            node, f"its {what} must be finite, but one is {'NaN' if np.isnan(value).any() else 'infinite'}"
        )
    return value


def _batch_norm(constants: Constants, node: NodeProto, axes: Axes) -> Affine:
    """Return `gamma * (x - mean) / sqrt(var + epsilon) + beta`."""
    if attribute(node, "training_mode", 0) or len([name for name in node.output if name]) > 1:
        refuse(node, "was exported in training mode; call .eval() on the module before the export")
    names = ("scale", "bias", "mean", "variance")
    gamma, beta, mean, variance = (
        _finite(node, float_constant(constants, node, index, name), name)
        for index, name in enumerate(names, 1)
    )
    for name, value in zip(names, (gamma, beta, mean, variance), strict=True):
        if value.shape != (axes.channels,):
            refuse(node, f"its {name} must have shape ({axes.channels},), not {value.shape}")
    epsilon = Fraction(attribute(node, "epsilon", _EPSILON))
    squares = [square + epsilon for square in rationals(variance)]
    if min(squares) <= 0:
        refuse(node, f"variance and epsilon must add up to more than 0, not {float(min(squares)):g}")
    factor = tuple(g / root(square) for g, square in zip(rationals(gamma), squares, strict=True))
    addend = tuple(b - m * f for b, m, f in zip(rationals(beta), rationals(mean), factor, strict=True))
    return Affine(factor, addend)


def _check_passing(constants: Constants, node: NodeProto) -> None:
    if node.op_type == "Cast" and attribute(node, "to", None) not in (
        TensorProto.FLOAT,
        TensorProto.DOUBLE,
    ):
        refuse(node, f"to must be {TensorProto.FLOAT} (FLOAT), not {attribute(node, 'to', None)}")
    if node.op_type == "Dropout" and len(node.input) > 2 and node.input[2]:
        training = constants.value(node.input[2])
        if training is None or training.any():
            refuse(node, "was exported in training mode; call .eval() on the module before the export")
