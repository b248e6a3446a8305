"""Whether nodes are what their operators say: inputs and outputs that are there, in order, and attributes of the right types."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import NamedTuple

import onnx
from onnx import AttributeProto, ModelProto, NodeProto

from hls_project.graph.quantizer import DOMAINS
from hls_project.graph.view import label
from hls_project.qonnx import DOMAIN

OLDEST = 13
"""Operator set."""

_QUANT = {"signed": AttributeProto.INT, "narrow": AttributeProto.INT, "rounding_mode": AttributeProto.STRING}
_LAYOUT = {"data_layout": AttributeProto.STRING}
_STEPS = {
    "out_scale": AttributeProto.FLOAT,
    "out_bias": AttributeProto.FLOAT,
    "out_dtype": AttributeProto.STRING,
}


class _Signature(NamedTuple):
    """least, most: inputs. attributes: their types, `AttributeProto.INT` and the like. needed: those that must be there."""

    least: int
    most: int
    attributes: Mapping[str, int]
    needed: frozenset[str] = frozenset()


_OWN = {
    "Quant": _Signature(4, 4, _QUANT),
    "IntQuant": _Signature(4, 4, _QUANT),
    "BipolarQuant": _Signature(2, 2, {}),
    "MultiThreshold": _Signature(2, 2, {**_STEPS, **_LAYOUT}),
}
_FIRE = _Signature(2, 2, _LAYOUT)


def faults(model: ModelProto) -> list[str]:
    """Return what is wrong with the nodes of `model` as nodes, whatever they compute together."""
    versions = {opset.domain or "ai.onnx": opset.version for opset in model.opset_import}
    version = min(max(versions.get("ai.onnx", 0), OLDEST), onnx.defs.onnx_opset_version())
    known = {value.name for value in model.graph.input} | {tensor.name for tensor in model.graph.initializer}
    found: list[str] = []
    for node in model.graph.node:
        if absent := [name for name in node.input if name and name not in known]:
            found.append(f"{label(node)}: reads {absent[0]!r}, which nothing before it computes")
        if not any(node.output) or known.intersection(filter(None, node.output)):
            found.append(f"{label(node)}: what it computes must have a name, which nothing else has")
        known.update(node.output)
        signature = _signature(node, version)
        if signature is not None:
            found += (f"{label(node)}: {fault}" for fault in _beyond(node, signature))
    found += (
        f"nothing computes the output {end.name!r}" for end in model.graph.output if end.name not in known
    )
    return found


def _signature(node: NodeProto, version: int) -> _Signature | None:
    """Return what a node may look like, None for an operator that is not known."""
    if node.domain in DOMAINS:
        return _OWN.get(node.op_type)
    if node.domain == DOMAIN:
        return _FIRE if node.op_type == "DualThresholdFire" else None
    try:
        schema = onnx.defs.get_schema(node.op_type, version, "")
    except onnx.defs.SchemaError:
        return None
    attributes = {name: int(entry.type.value) for name, entry in schema.attributes.items()}
    needed = frozenset(name for name, entry in schema.attributes.items() if entry.required)
    return _Signature(schema.min_input, schema.max_input, attributes, needed)


def _beyond(node: NodeProto, signature: _Signature) -> Iterator[str]:
    """Yield in what a node differs from its operator's signature."""
    count = len(node.input)
    if not signature.least <= count <= signature.most or not all(node.input[: signature.least]):
        most = f" to {signature.most}" if signature.most > signature.least else ""
        yield f"has {sum(map(bool, node.input))} inputs, not {signature.least}{most}"
    names = [attribute.name for attribute in node.attribute]
    for attribute in node.attribute:
        if names.count(attribute.name) > 1 or attribute.ref_attr_name:
            yield f"its attribute {attribute.name!r} must be there once, with a value"
            return
        wanted = signature.attributes.get(attribute.name)
        if wanted is None:
            yield f"has no attribute {attribute.name!r}; it has {', '.join(sorted(signature.attributes)) or 'none'}"
        elif attribute.type != wanted:
            kinds = {number: name.lower() for name, number in AttributeProto.AttributeType.items()}
            yield f"its attribute {attribute.name!r} must be {kinds.get(wanted)}, not {kinds.get(attribute.type, attribute.type)}"
        elif not all(map(isfinite, (attribute.f, *attribute.floats))):
            yield f"its attribute {attribute.name!r} must be finite, not NaN or infinite"
    if absent := signature.needed.difference(names):
        yield f"its attribute {sorted(absent)[0]!r} is missing"
