"""What a file says that its own operators mean, held against what this project computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import FunctionProto, ModelProto, NodeProto

from dt_scnn.errors import ConfigurationError, first_line
from dt_scnn.onnx_functions import known_functions
from dt_scnn.qonnx_format import DOMAIN
from hls_project.graph.constants import OPERATORS
from hls_project.graph.evaluate import Evaluator
from hls_project.graph.firing import COMPARISONS
from hls_project.graph.normal import IR_VERSION
from hls_project.graph.view import label, refuse

Array = NDArray[np.float32]
_OPERATORS = frozenset([*OPERATORS, *COMPARISONS, "And", "Not", "Or", "Xor"])
_MOST = 2**20
"""Elements that a definition computes of a probe."""


def check_definitions(model: ModelProto) -> None:
    """Compare the functions in `model` that define firing and quantizers with this project's.

    A definition that is written differently is run on values that tell, ties among them: golden scores are computed by it,
    and hardware by ours.

    Raises:
        ConfigurationError: one computes something else, or cannot be run.
    """
    ours = {(function.domain, function.name): function for function in known_functions()}
    for function in model.functions:
        own = ours.get((function.domain, function.name))
        if own is None or _body(own) == _body(function):
            continue
        seen: list[str] = []
        for node in model.graph.node:
            attributes = str(sorted(str(attribute) for attribute in node.attribute))
            if (node.domain, node.op_type) != (function.domain, function.name) or attributes in seen:
                continue
            seen.append(attributes)
            for inputs in _probes(node):
                _compare(node, function, own, inputs)


def _body(function: FunctionProto) -> tuple[Any, ...]:
    """Return what a function computes, without what is only written beside it."""
    nodes = [
        (node.domain, node.op_type, tuple(node.input), tuple(node.output), tuple(map(str, node.attribute)))
        for node in function.node
    ]
    return tuple(function.input), tuple(function.output), tuple(nodes)


def _probes(node: NodeProto) -> list[list[Array]]:
    """Return inputs of a node that tell one definition from another: ties, their neighbours, extremes."""
    if node.op_type == "DualThresholdFire":
        return [_firing_probe(levels, rank) for levels in (1, 2) for rank in (2, 4)]
    if node.op_type == "Quant":
        steps = np.arange(-40, 41, dtype=np.float32) / 4  # of the scale: halves are ties
        return [
            [steps * np.float32(scale), _vector(scale), _vector(0), _vector(bits)]
            for scale in (1.0, 0.25)
            for bits in (2, 4)
        ]
    return [[_vector(-2, -1e-6, -0.0, 0.0, 1e-6, 2), _vector(0.5)]]


def _firing_probe(levels: int, rank: int) -> list[Array]:
    """Return membrane potentials around thresholds of three kernels, (1, 3) or (1, 3, 5, 3), and the thresholds."""
    thresholds = np.array([[-3, 0.5, 7], [2, 0.5, 1000]], np.float32)[:levels]
    if rank == 2:
        return [thresholds[-1:].copy(), thresholds]
    first, last = thresholds[0], thresholds[-1]
    neighbours = [np.nextafter(first, np.float32(sign) * np.float32(np.inf)) for sign in (-1, 1)]
    rows = np.stack([first, *neighbours, last, np.full(3, -(2.0**20))])  # (5, 3 kernels)
    maps = np.stack([rows, -rows, np.roll(rows, 1, axis=0)], axis=2)  # (5, 3 kernels, 3)
    return [np.ascontiguousarray(maps.transpose(1, 0, 2)[None], np.float32), thresholds]


def _vector(*values: float) -> Array:
    return np.array(values, np.float32)


def _compare(node: NodeProto, function: FunctionProto, own: FunctionProto, inputs: Sequence[Array]) -> None:
    try:
        expected = _run(node, own, inputs)
    except ConfigurationError:
        return  # a node that the reader refuses, and names
    try:
        found = _run(node, function, inputs)
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{label(node)}: the file's own definition of {function.name} cannot be run: "
            f"{first_line(error)}; export the file again"
        ) from error
    if expected.shape == found.shape and np.array_equal(expected, found):
        return
    detail = f"it gives shape {found.shape}, not {expected.shape}"
    if expected.shape == found.shape:
        at = tuple(int(index) for index in np.argwhere(expected != found)[0])
        detail = f"on a test it gives {found[at]:g} where {expected[at]:g} is right"
    rule = "Vm >= Vth, a tie fires, all spikes of Vth1 first" if node.domain == DOMAIN else "QONNX' own"
    raise ConfigurationError(
        f"{label(node)}: the file's own definition of {function.name} is another function than what is built here "
        f"({rule}): {detail}; export the file again, or remove the definition"
    )


def _run(node: NodeProto, definition: FunctionProto, inputs: Sequence[Array]) -> Array:
    """Compute the definition of `node` on `inputs`, operator by operator, none of them beyond what constants may be made of."""
    evaluator = Evaluator(definition.opset_import, IR_VERSION, _MOST)
    given = {attribute.name: attribute for attribute in (*definition.attribute_proto, *node.attribute)}
    values: dict[str, NDArray[Any]] = dict(zip(definition.input, inputs, strict=False))
    for inner in definition.node:
        if inner.domain not in ("", "ai.onnx") or inner.op_type not in _OPERATORS:
            refuse(inner, f"domain {inner.domain or 'ai.onnx'!r} has no such operator for a definition")
        if absent := [name for name in inner.input if name and name not in values]:
            refuse(inner, f"reads {absent[0]!r}, which nothing before it computes")
        one = NodeProto()
        one.CopyFrom(inner)
        del one.attribute[:]
        for attribute in inner.attribute:
            source = given.get(attribute.ref_attr_name) if attribute.ref_attr_name else attribute
            if source is not None:
                one.attribute.add().CopyFrom(source)
                one.attribute[-1].name = attribute.name
        values |= evaluator.run(one, {name: values[name] for name in inner.input if name})
    if not definition.output or definition.output[0] not in values:
        raise ConfigurationError(f"nothing computes its output {next(iter(definition.output), '')!r}")
    return np.asarray(values[definition.output[0]])
