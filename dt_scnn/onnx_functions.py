"""ONNX functions that define this project's firing operator and QONNX' `Quant`, so that any ONNX runtime runs the file."""

from __future__ import annotations

from onnx import FunctionProto, ModelProto, helper, parser

from dt_scnn.qonnx_format import DOMAIN, OPSET_VERSION, QUANT_DOMAIN

_DUAL_THRESHOLD_FIRE = """
<domain: "hls_project.qonnx", opset_import: ["" : 20]>
DualThresholdFire (vm, thresholds) => (spikes) {
    pixels = Constant <value_ints: ints = [0, 0, -1]> ()
    flat = Reshape (vm, pixels)
    one = Constant <value_ints: ints = [1]> ()
    two = Constant <value_ints: ints = [2]> ()
    each = Unsqueeze (flat, one)
    levels = Unsqueeze (thresholds, two)
    fired = GreaterOrEqual (each, levels)
    batch = Shape <start: int = 0, end: int = 1> (vm)
    all = Constant <value_ints: ints = [-1]> ()
    size = Shape <start: int = 2> (vm)
    shape = Concat <axis: int = 0> (batch, all, size)
    blocks = Reshape (fired, shape)
    spikes = CastLike (blocks, vm)
}
"""

# Narrow-range signed integers, rounded half to even: what the export uses of `Quant`, and its general definition.
_QUANT = """
<domain: "qonnx.custom_op.general", opset_import: ["" : 20]>
Quant <signed: int = 1, narrow: int = 0, rounding_mode: string = "ROUND"> (x, scale, zero_point, bits) => (y) {
    one = Constant <value_float: float = 1.0> ()
    two = Constant <value_float: float = 2.0> ()
    signed_int = Constant <value_int: int = @signed> ()
    narrow_int = Constant <value_int: int = @narrow> ()
    is_signed = CastLike (signed_int, x)
    is_narrow = CastLike (narrow_int, x)
    magnitude_bits = Sub (bits, is_signed)
    range = Pow (two, magnitude_bits)
    is_unsigned = Sub (one, is_signed)
    unsigned_narrow = Mul (is_unsigned, is_narrow)
    top = Sub (range, one)
    high = Sub (top, unsigned_narrow)
    bottom = Sub (is_narrow, range)
    low = Mul (bottom, is_signed)
    scaled = Div (x, scale)
    shifted = Add (scaled, zero_point)
    rounded = Round (shifted)
    above = Max (rounded, low)
    within = Min (above, high)
    integer = Sub (within, zero_point)
    y = Mul (integer, scale)
}
"""

_BIPOLAR_QUANT = """
<domain: "qonnx.custom_op.general", opset_import: ["" : 20]>
BipolarQuant (x, scale) => (y) {
    zero = Constant <value_float: float = 0.0> ()
    reached = GreaterOrEqual (x, zero)
    negative = Neg (scale)
    y = Where (reached, scale, negative)
}
"""


def model_functions() -> list[FunctionProto]:
    """Return the functions of every file: `DualThresholdFire` for channels on axis 1 (rank 2 or 4) and any K, and `Quant`."""
    return [parser.parse_function(text) for text in (_DUAL_THRESHOLD_FIRE, _QUANT)]


def known_functions() -> list[FunctionProto]:
    """Return all functions that a file may hold: `model_functions`, and those of quantizers that the export does not use."""
    return [*model_functions(), parser.parse_function(_BIPOLAR_QUANT)]


def embed(model: ModelProto) -> None:
    """Add to `model` the functions that it lacks, and the operator sets that they need."""
    functions = model_functions()
    if any(node.op_type == "BipolarQuant" for node in model.graph.node):
        functions.append(parser.parse_function(_BIPOLAR_QUANT))
    present = {(function.domain, function.name) for function in model.functions}
    model.functions.extend(f for f in functions if (f.domain, f.name) not in present)
    imported = {opset.domain for opset in model.opset_import}
    versions = {DOMAIN: OPSET_VERSION, QUANT_DOMAIN: 1}
    model.opset_import.extend(
        helper.make_opsetid(domain, version) for domain, version in versions.items() if domain not in imported
    )
