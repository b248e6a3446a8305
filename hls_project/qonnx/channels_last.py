"""Channels-last conversion of the firing operator, to be run before that of qonnx."""

from __future__ import annotations

from onnx import helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.base import Transformation

from hls_project.qonnx import DOMAIN

TO_LAST = (0, 2, 3, 1)
TO_FIRST = (0, 3, 1, 2)


class FireToChannelsLast(Transformation):  # type: ignore[misc]  # qonnx has no types
    """Turn every rank-4 `DualThresholdFire` to data_layout "NHWC" between two transpositions.

    qonnx' own channels-last pass cancels the transpositions against those of the neighbouring nodes. Every
    tensor needs its shape (`InferShapes`). A model-local function of the operator is dropped, for its body
    holds for NCHW only.
    """

    def apply(self, model: ModelWrapper) -> tuple[ModelWrapper, bool]:
        """Convert all firing nodes at once."""
        graph = model.graph
        converted = False
        for node in list(graph.node):
            shape = model.get_tensor_shape(node.input[0])
            if (
                (node.domain, node.op_type) != (DOMAIN, "DualThresholdFire")
                or shape is None
                or len(shape) != 4
            ):
                continue
            fire = getCustomOp(node)
            if fire.get_nodeattr("data_layout") == "NHWC":
                continue
            index = list(graph.node).index(node)
            for tensors, permutation, at in (
                (node.input, TO_LAST, index),
                (node.output, TO_FIRST, index + 2),
            ):
                outside, shape = tensors[0], model.get_tensor_shape(tensors[0])
                inside = model.make_new_valueinfo_name()
                model.set_tensor_shape(inside, [shape[axis] for axis in TO_LAST])
                ends = [outside, inside] if permutation is TO_LAST else [inside, outside]
                graph.node.insert(at, helper.make_node("Transpose", ends[:1], ends[1:], perm=permutation))
                tensors[0] = inside
            fire.set_nodeattr("data_layout", "NHWC")
            converted = True
        if converted:
            kept = [function for function in model.model.functions if function.domain != DOMAIN]
            del model.model.functions[:]
            model.model.functions.extend(kept)
        return model, False
