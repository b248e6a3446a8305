"""QONNX quantizers: which integers a `Quant`, `IntQuant` or `BipolarQuant` has, and where it steps from one to the next."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import NodeProto

from dt_scnn.qonnx_format import QUANT_DOMAIN
from hls_project.graph.constants import Constants
from hls_project.graph.view import attribute, refuse

DOMAINS = (QUANT_DOMAIN, "onnx.brevitas", "finn.custom_op.general")
"""Where quantizers and `MultiThreshold` live: today's domain first, then those of older exporters."""

_MODES: dict[str, Callable[[NDArray[Any]], NDArray[Any]]] = {
    "ROUND": np.round,
    "HALF_EVEN": np.round,
    "CEIL": np.ceil,
    "FLOOR": np.floor,
    "UP": lambda values: np.sign(values) * np.ceil(np.abs(values)),
    "DOWN": np.trunc,
    "HALF_UP": lambda values: np.sign(values) * np.floor(np.abs(values) + 0.5),
    "HALF_DOWN": lambda values: np.sign(values) * np.ceil(np.abs(values) - 0.5),
}
_MOST_BITS = 32


@dataclass(frozen=True, eq=False)
class Quantizer:
    """`scale * (clip(round(x / scale + zero_point), low, high) - zero_point)`; bipolar: `scale`, or `-scale` below 0.

    scale, zero_point: float32, shapes that broadcast to x. mode: of rounding, a key of `_MODES`.
    """

    node: NodeProto
    scale: NDArray[np.float32]
    zero_point: NDArray[np.float32]
    low: int
    high: int
    mode: str
    bipolar: bool = False

    def integers(self, values: NDArray[np.float32]) -> NDArray[np.int64]:
        """Return `clip(round(x / scale + zero_point))` in the float32 arithmetic that every runtime has."""
        try:
            steps = np.broadcast_to(values / self.scale + self.zero_point, values.shape)
        except ValueError:
            refuse(
                self.node, f"values of shape {values.shape} cannot have scales of shape {self.scale.shape}"
            )
        if self.bipolar:
            return np.where(steps >= 0, 1, -1)
        return np.clip(_MODES[self.mode](steps), self.low, self.high).astype(np.int64)

    def step_to(self, level: int) -> tuple[Fraction, bool]:
        """Return the number that `x / scale + zero_point` must reach for `level`, and whether it must exceed it."""
        if self.bipolar:
            return Fraction(0), False
        half = level - Fraction(1, 2)
        return {
            "ROUND": (half, level % 2 == 1),
            "HALF_EVEN": (half, level % 2 == 1),
            "HALF_UP": (half, level <= 0),
            "HALF_DOWN": (half, level > 0),
            "FLOOR": (Fraction(level), False),
            "CEIL": (Fraction(level - 1), True),
            "UP": (Fraction(level - 1), True) if level > 0 else (Fraction(level), False),
            "DOWN": (Fraction(level), False) if level > 0 else (Fraction(level - 1), True),
        }[self.mode]


def is_quantizer(node: NodeProto | None) -> bool:
    """Say whether `node` is a quantizer of QONNX."""
    return (
        node is not None and node.domain in DOMAINS and node.op_type in ("Quant", "IntQuant", "BipolarQuant")
    )


def read_quantizer(constants: Constants, node: NodeProto) -> Quantizer:
    """Return what a quantizer does.

    Raises:
        ConfigurationError: a parameter is computed from the image, missing, or makes no sense.
    """
    scale = float_constant(constants, node, 1, "scale")
    if not (np.isfinite(scale) & (scale > 0)).all():
        bad = scale[~(np.isfinite(scale) & (scale > 0))].flat[0]
        refuse(node, f"the scale must be a positive number, not {bad:g}")
    nothing = np.zeros((), np.float32)
    if node.op_type == "BipolarQuant":
        return Quantizer(node, scale, nothing, -1, 1, "ROUND", bipolar=True)
    zero_point = float_constant(constants, node, 2, "zero point")
    if not np.isfinite(zero_point).all():
        refuse(node, "the zero point must be a number")
    width = float_constant(constants, node, 3, "bit width")
    if width.size != 1 or width.item() not in range(1, _MOST_BITS + 1):
        refuse(node, f"the bit width must be one number from 1 to {_MOST_BITS}, not {width.tolist()}")
    bits = int(width.item())
    signed, narrow = (bool(attribute(node, name, value)) for name, value in (("signed", 1), ("narrow", 0)))
    mode = str(attribute(node, "rounding_mode", "ROUND")).upper()
    if mode not in _MODES:
        refuse(node, f"rounding_mode must be one of {', '.join(_MODES)}, not {mode}")
    if signed and bits == 1:
        refuse(
            node,
            "is signed and of one bit, which runtimes compute in different ways; use BipolarQuant for -1 and +1, or signed=0",
        )
    half = 2 ** (bits - 1)
    low, high = (narrow - half, half - 1) if signed else (0, 2 * half - 1 - narrow)
    return Quantizer(node, scale, zero_point, low, high, mode)


def float_constant(constants: Constants, node: NodeProto, index: int, what: str) -> NDArray[np.float32]:
    """Return a constant float32 input of `node`.

    Raises:
        ConfigurationError: it is computed from the image, missing, or of another type.
    """
    given = index < len(node.input) and node.input[index]
    value = constants.value(node.input[index]) if given else None
    if value is None:
        refuse(node, f"its {what} must be constant")
    if value.dtype != np.float32:
        refuse(node, f"its {what} must be float32, not {value.dtype}")
    return value
