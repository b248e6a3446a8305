"""What may stand behind the scores: nodes that turn them into probabilities or labels and leave their order as it is."""

from __future__ import annotations

from onnx import NodeProto

from dt_scnn.errors import ConfigurationError
from hls_project.graph.signals import Map, Potential
from hls_project.graph.view import GraphView, attribute, refuse, require

_KEEPING = ("Cast", "Flatten", "Identity", "LogSoftmax", "Reshape", "Softmax", "Squeeze")
_LABELS = ("ArgMax", "TopK")


def check_answer(view: GraphView, outputs: set[str], scores: str, now: Map | Potential) -> None:
    """Refuse what stands behind the tensor `scores` unless labels of it are those of the scores.

    Raises:
        ConfigurationError: another node, another axis, or an output that comes from elsewhere.
    """
    if len(outputs) > 1 and (isinstance(now, Map) or not now.flat):
        raise ConfigurationError(
            f"the network must have one output, the scores, not {sorted(outputs)}; {scores!r} comes before them"
        )
    if isinstance(now, Map):
        raise ConfigurationError(
            "the last layer must be dense and without firing: its outputs are the scores"
        )
    reached, waiting = {scores}, [scores]
    while waiting:
        for node in view.consumers(waiting.pop()):
            _check(node, now)
            new = [name for name in node.output if name and name not in reached]
            reached.update(new)
            waiting += new
    if strange := sorted(outputs - reached):
        raise ConfigurationError(
            f"the network must have one output, the scores, not {sorted(outputs)}; {strange} is not made of the scores"
        )


def _check(node: NodeProto, now: Potential) -> None:
    axis = now.axes.channel
    rank = now.axes.rank
    if node.op_type not in (*_KEEPING, *_LABELS, "Shape"):
        refuse(
            node, f"cannot stand behind the scores; supported there are {', '.join((*_KEEPING, *_LABELS))}"
        )
    if node.op_type in ("Softmax", "LogSoftmax", "TopK", "ArgMax"):
        default = 0 if node.op_type == "ArgMax" else -1
        given = attribute(node, "axis", default)
        require(node, "axis", given if given >= 0 else given + rank, axis)
    if node.op_type == "ArgMax":
        require(node, "select_last_index", attribute(node, "select_last_index", 0), 0)
    if node.op_type == "TopK":
        require(node, "largest", attribute(node, "largest", 1), 1)
