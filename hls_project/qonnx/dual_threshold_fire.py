"""The firing operator for qonnx: membrane potentials to spikes, at one or two thresholds for each kernel."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import GraphProto, NodeProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.custom_op.base import CustomOp


class DualThresholdFire(CustomOp):  # type: ignore[misc]  # qonnx has no types
    """`spike_k = (Vm >= Vth_k)`; a tie fires.

    Inputs: membrane potentials float32, `(N, C, H, W)`, `(N, H, W, C)` with data_layout "NHWC", or `(N, C)`;
    thresholds float32 `(K, C)`, K = 2 (`Vth1 <= Vth2`) or 1. Output: float32 in {0, 1} with K * C channels in
    block order `[Vth1 x C | Vth2 x C]`.
    """

    def get_nodeattr_types(self) -> dict[str, Any]:
        """Return the attributes: data_layout, which axis of a rank-4 input holds the channels."""
        return {"data_layout": ("s", False, "NCHW", {"NCHW", "NHWC"})}

    def make_shape_compatible_op(self, model: ModelWrapper) -> NodeProto:
        """Return a standard operator with the same shape function, which needs no input shape to be known."""
        vm, thresholds = self.onnx_node.input
        shape = model.get_tensor_shape(thresholds)
        if shape is None or len(shape) != 2:
            raise ValueError(f"node {self.onnx_node.name!r}: thresholds must have shape (K, C), not {shape}")
        return helper.make_node(
            "Concat", [vm] * shape[0], list(self.onnx_node.output), axis=self._channel_axis()
        )

    def infer_node_datatype(self, model: ModelWrapper) -> None:
        """Annotate the output as spikes."""
        model.set_tensor_datatype(self.onnx_node.output[0], DataType["BINARY"])

    def execute_node(self, context: dict[str, NDArray[np.float32]], graph: GraphProto) -> None:
        """Fire."""
        vm, thresholds = (context[name] for name in self.onnx_node.input)
        axis = self._channel_axis() if vm.ndim == 4 else 1
        channels = [1] * vm.ndim
        channels[axis] = -1
        spikes = [vm >= threshold.reshape(channels) for threshold in thresholds]
        context[self.onnx_node.output[0]] = np.concatenate(spikes, axis=axis).astype(np.float32)

    def verify_node(self) -> list[str]:
        """Return no remarks: the attributes' types are checked when they are read."""
        return []

    def _channel_axis(self) -> int:
        return -1 if self.get_nodeattr("data_layout") == "NHWC" else 1
