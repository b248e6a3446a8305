"""Looking things up in an ONNX graph: attributes, producers and consumers; refusing a node by name."""

from __future__ import annotations

from typing import Any, NoReturn

from onnx import GraphProto, NodeProto, helper

from dt_scnn.errors import ConfigurationError


class GraphView:
    """Read-only look-ups in a graph, which must be free of external data."""

    def __init__(self, graph: GraphProto) -> None:
        """Index `graph`."""
        self.graph = graph
        self._producers = {output: node for node in graph.node for output in node.output}
        self._consumers: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self._consumers.setdefault(name, []).append(node)

    def producer(self, tensor: str) -> NodeProto | None:
        """Return the node that computes `tensor`, or None for inputs and initializers."""
        return self._producers.get(tensor)

    def consumers(self, tensor: str) -> list[NodeProto]:
        """Return the nodes that read `tensor`, one entry for each time it is read."""
        return self._consumers.get(tensor, [])


def attribute(node: NodeProto, name: str, default: Any) -> Any:
    """Return an attribute of `node`, strings decoded, or `default` where it is absent."""
    for candidate in node.attribute:
        if candidate.name == name:
            value = helper.get_attribute_value(candidate)
            if not isinstance(value, bytes):
                return value
            try:
                return value.decode()
            except UnicodeDecodeError:
                refuse(node, f"its attribute {name!r} is no text")
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
