"""Looking things up in an ONNX graph: attributes, constants, producers and consumers."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

from dt_scnn.errors import ConfigurationError


class GraphView:
    """Read-only look-ups in a graph, which must be free of external data."""

    def __init__(self, graph: GraphProto) -> None:
        """Index `graph`."""
        self.graph = graph
        self._initializers = {tensor.name: tensor for tensor in graph.initializer}
        self._producers = {output: node for node in graph.node for output in node.output}

    def producer(self, tensor: str) -> NodeProto | None:
        """Return the node that computes `tensor`, or None for inputs and initializers."""
        return self._producers.get(tensor)

    def consumers(self, tensor: str) -> list[NodeProto]:
        """Return the nodes that read `tensor`, one entry for each time it is read."""
        return [node for node in self.graph.node for name in node.input if name == tensor]

    def constant(self, tensor: str) -> NDArray[Any] | None:
        """Return the value of a constant, or None for other tensors.

        Constants are initializers, outputs of `Constant`, a `Cast` of one of these to float32, and, as packed weights have
        it, a `Mul` of two of all these.
        """
        node = self.producer(tensor)
        if node is None or node.op_type != "Mul":
            return self._cast(tensor)
        factors = [value for value in map(self._cast, node.input) if value is not None]
        if len(factors) != 2:
            return None
        try:
            return np.asarray(factors[0] * factors[1])
        except ValueError:
            refuse(node, f"shapes {factors[0].shape} and {factors[1].shape} do not fit")

    def _cast(self, tensor: str) -> NDArray[Any] | None:
        node = self.producer(tensor)
        if node is None or node.op_type != "Cast":
            return self._stored(tensor)
        require(node, "to", attribute(node, "to", None), TensorProto.FLOAT)
        value = self._stored(node.input[0])
        return None if value is None else value.astype(np.float32)

    def _stored(self, tensor: str) -> NDArray[Any] | None:
        if tensor in self._initializers:
            return numpy_helper.to_array(self._initializers[tensor])
        node = self.producer(tensor)
        if node is None or node.op_type != "Constant" or len(node.attribute) != 1:
            return None
        value = helper.get_attribute_value(node.attribute[0])
        if node.attribute[0].name == "value":
            return numpy_helper.to_array(value)
        return np.asarray(value, np.float32 if node.attribute[0].name.startswith("value_float") else None)

    def float_constant(self, node: NodeProto, index: int, what: str) -> NDArray[np.float32]:
        """Return the value of a constant float32 input of `node`.

        Raises:
            ConfigurationError: it is computed, missing, or of another type.
        """
        value = self.constant(node.input[index]) if index < len(node.input) else None
        if value is None:
            refuse(node, f"its {what} must be constant")
        if value.dtype != np.float32:
            refuse(node, f"its {what} must be float32, not {value.dtype}")
        return value


def attribute(node: NodeProto, name: str, default: Any) -> Any:
    """Return an attribute of `node`, strings decoded, or `default` where it is absent."""
    for candidate in node.attribute:
        if candidate.name == name:
            value = helper.get_attribute_value(candidate)
            return value.decode() if isinstance(value, bytes) else value
    return default


def label(node: NodeProto) -> str:
    """Return how messages name `node`."""
    return f"node {node.name or ', '.join(node.output)!r} ({node.op_type})"


def refuse(node: NodeProto, reason: str) -> NoReturn:
    """Raise a `ConfigurationError` that names `node`."""
    raise ConfigurationError(f"{label(node)}: {reason}")


def require(node: NodeProto, name: str, got: object, *allowed: object) -> None:
    """Refuse `node` unless its property `name` is one of the `allowed` values."""
    if got not in allowed:
        refuse(node, f"{name} must be {' or '.join(str(value) for value in allowed)}, not {got}")
