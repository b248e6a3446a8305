"""Looking things up in an ONNX graph: attributes, constants, producers and consumers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, helper, numpy_helper


class GraphView:
    """Read-only look-ups in `graph`, which must be free of external data."""

    def __init__(self, graph: GraphProto) -> None:
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
        """Return the value of `tensor` if it is an initializer or the output of a `Constant` node, else None."""
        if tensor in self._initializers:
            return numpy_helper.to_array(self._initializers[tensor])
        node = self.producer(tensor)
        if node is None or node.op_type != "Constant":
            return None
        value = helper.get_attribute_value(node.attribute[0])
        return numpy_helper.to_array(value) if node.attribute[0].name == "value" else np.asarray(value)


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
