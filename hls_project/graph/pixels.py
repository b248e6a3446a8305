"""What a file's input is: channels first or last, and what a pixel of 1 is there."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import PIXEL, PIXEL_SCALE
from hls_project.graph.constants import Constants
from hls_project.graph.flattening import TO_FIRST
from hls_project.graph.quantizer import is_quantizer, read_quantizer
from hls_project.graph.signals import Layout
from hls_project.graph.view import GraphView, attribute

_PASSING = ("Cast", "Dropout", "Identity", "Transpose")
_GREY_LEVELS = (255, 256)
_RATIO = re.compile(r"[^eE]{1,100}([eE][+-]?[0-9]{1,2})?")
"""What may be a ratio of a size that can be computed with."""


def input_layout(view: GraphView, image: str, operators: Layout) -> Layout:
    """Return the layout of the image: the operators', or channels last where a `Transpose` comes before them."""
    for node in _first_nodes(view, image):
        if (
            node.op_type == "Transpose"
            and list(attribute(node, "perm", [])) == TO_FIRST
            and operators == "NCHW"
        ):
            return "NHWC"
        if node.op_type in ("Conv", "MaxPool", "Flatten", "Reshape", "Gemm", "MatMul"):
            break
    return operators


def pixel_scale(model: ModelProto, view: GraphView, constants: Constants, image: str) -> Fraction:
    """Return what a pixel of 1, of 255, is at the input.

    The file's property `PIXEL` says it. Without that: 1 where the input is uint8, or where the first node divides by 255 or
    256; the scale of a first `Quant` of 8 unsigned bits; else `PIXEL_SCALE`.

    Raises:
        ConfigurationError: the property is no positive ratio.
    """
    text = {prop.key: prop.value for prop in model.metadata_props}.get(PIXEL)
    if text is not None:
        try:
            value = Fraction(text) if _RATIO.fullmatch(text) else Fraction(0)
        except (ValueError, ZeroDivisionError):
            value = Fraction(0)
        if value <= 0:
            raise ConfigurationError(
                f"metadata {PIXEL} must be a positive ratio such as 1/255, not {text[:80]!r}"
            )
        return value
    value_info = next(value for value in view.graph.input if value.name == image)
    if value_info.type.tensor_type.elem_type == TensorProto.UINT8:
        return Fraction(1)
    node = next((node for node in _first_nodes(view, image) if node.op_type not in _PASSING), None)
    if node is None:
        return Fraction(PIXEL_SCALE)
    if is_quantizer(node):
        quantizer = read_quantizer(constants, node)
        if (quantizer.low, quantizer.high) == (0, 255) and quantizer.scale.size == 1:
            return Fraction(float(quantizer.scale.item()))
    if node.op_type in ("Mul", "Div") and _is_grey_level(constants, node):
        return Fraction(1)
    return Fraction(PIXEL_SCALE)


def _is_grey_level(constants: Constants, node: NodeProto) -> bool:
    """Say whether a node divides by 255 or 256, as what takes pixels from 0 to 255 does."""
    values = [value for value in map(constants.value, node.input) if value is not None and value.size == 1]
    if len(values) != 1:
        return False
    value = np.float32(values[0].item())
    return any(value == np.float32(level if node.op_type == "Div" else 1 / level) for level in _GREY_LEVELS)


def _first_nodes(view: GraphView, image: str) -> list[NodeProto]:
    """Return the nodes of the chain that begins at the image, as long as it does not branch."""
    nodes: list[NodeProto] = []
    tensor = image
    while len(nodes) < len(view.graph.node):
        readers = [node for node in view.consumers(tensor) if node.op_type != "Shape"]
        if len(readers) != 1 or not readers[0].output:
            break
        nodes.append(readers[0])
        tensor = readers[0].output[0]
    return nodes
