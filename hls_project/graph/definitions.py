"""What a file says that its own operators mean, held against what this project computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import FunctionProto, ModelProto, NodeProto, TensorProto, helper

from dt_scnn.errors import ConfigurationError
from dt_scnn.onnx_functions import known_functions
from dt_scnn.qonnx_format import DOMAIN
from hls_project.graph.view import label

Array = NDArray[np.float32]


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
                _compare(model, node, function, own, inputs)


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


def _compare(
    model: ModelProto, node: NodeProto, function: FunctionProto, own: FunctionProto, inputs: Sequence[Array]
) -> None:
    try:
        expected = _run(model, node, own, inputs)
    except Exception:  # onnxruntime's exceptions have no common base of their own
        return  # a node that the reader refuses, and names
    try:
        found = _run(model, node, function, inputs)
    except Exception as error:
        raise ConfigurationError(
            f"{label(node)}: the file's own definition of {function.name} cannot be run: "
            f"{str(error).strip().splitlines()[0]}; export the file again"
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


def _run(model: ModelProto, node: NodeProto, definition: FunctionProto, inputs: Sequence[Array]) -> Array:
    import onnxruntime

    names = [f"input{index}" for index in range(len(inputs))]
    one = helper.make_node(node.op_type, names, ["output"], domain=node.domain)
    one.attribute.extend(node.attribute)
    values = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, value.shape)
        for name, value in zip(names, inputs, strict=True)
    ]
    output = helper.make_tensor_value_info("output", TensorProto.FLOAT, None)
    versions = {node.domain: 1} | {opset.domain: opset.version for opset in definition.opset_import}
    probe = helper.make_model(
        helper.make_graph([one], "probe", values, [output]),
        functions=[definition],
        opset_imports=[helper.make_opsetid(*item) for item in versions.items()],
        ir_version=10,
    )
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    providers = ["CPUExecutionProvider"]
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=providers)
    return np.asarray(session.run(None, dict(zip(names, inputs, strict=True)))[0])
