"""The normal form of a network: a QONNX file of integers that every runtime computes exactly, in float32.

Reference scores come from a plain runtime, which is exact only where all sums are integers times powers of two. A file with
other scales, biases or batch norm is therefore written anew from its integers: weights of scale 1 behind `Quant`, integer
thresholds, max-pooling after firing, opset 20. A file that is so already stays as it is.
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

from dt_scnn import onnx_functions
from dt_scnn.qonnx_format import CLASSES, DOMAIN, PIXEL, PIXEL_SCALE, QUANT_DOMAIN, SCORE_STEP
from hls_project.graph.reader import Network
from hls_project.graph.source import SourceLayer

OPSET, IR_VERSION = 20, 10
_LARGEST = 2**24


def normal_form(network: Network, model: ModelProto) -> ModelProto:
    """Return `model`, which `network` was read from, in normal form: input `image` (1, C, H, W), output `scores` (1, classes).

    Its property `SCORE_STEP` says what one unit of an integer score is in the model's own scores.
    """
    if network.plain:
        return model
    writer = _Writer()
    tensor, scale = "image", PIXEL_SCALE
    for index, layer in enumerate(network.layers):
        tensor = writer.layer(index, layer, tensor, scale)
        scale = 1.0
    height, width, channels = network.input_shape
    classes = len(network.classes)
    graph = helper.make_graph(
        writer.nodes,
        "normal",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, channels, height, width])],
        [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, classes])],
        writer.constants,
    )
    result = helper.make_model(
        graph,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="hls_project",
    )
    onnx_functions.embed(result)
    properties = {prop.key: prop.value for prop in model.metadata_props if prop.key != PIXEL}
    properties |= {CLASSES: json.dumps(network.classes), SCORE_STEP: float(network.score_step).hex()}
    helper.set_model_props(result, properties)
    return result


class _Writer:
    """Nodes and constants that grow layer by layer."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[TensorProto] = []
        self._flat = False

    def layer(self, index: int, layer: SourceLayer, tensor: str, scale: float) -> str:
        """Append a layer that reads `tensor`, integers times `scale`; return what it puts out."""
        vm = "scores" if layer.thresholds is None else f"vm{index}"
        if layer.kind == "conv":
            weights = self._weights(index, layer, layer.weights.transpose(3, 2, 0, 1))
            geometry: dict[str, Any] = {
                "kernel_shape": layer.weights.shape[:2],
                "strides": layer.stride,
                "pads": layer.pads,
            }
            self._node("Conv", [tensor, weights], vm, **geometry)
        else:
            if not self._flat:
                tensor = self._node("Flatten", [tensor], f"flat{index}", axis=1)
                self._flat = True
            taps = layer.weights.transpose(2, 0, 1, 3)
            weights = self._weights(index, layer, taps.reshape(-1, taps.shape[-1]).T)
            self._node("Gemm", [tensor, weights], vm, transB=1)
        if layer.thresholds is None:
            return vm
        clipped = np.clip(layer.thresholds, -_LARGEST, _LARGEST)
        thresholds = self._constant(f"thresholds{index}", clipped * scale)
        spikes = self._node("DualThresholdFire", [vm, thresholds], f"spikes{index}", DOMAIN)
        if layer.pool > 1:
            factor = (layer.pool, layer.pool)
            spikes = self._node("MaxPool", [spikes], f"pooled{index}", kernel_shape=factor, strides=factor)
        return spikes

    def _weights(self, index: int, layer: SourceLayer, integers: np.ndarray) -> str:
        name = f"weights{index}"
        stored = numpy_helper.from_array(np.ascontiguousarray(integers, np.int8), f"{name}_integers")
        self.constants.append(stored)
        self._node("Cast", [stored.name], f"{name}_float", to=TensorProto.FLOAT)
        inputs = [f"{name}_float"] + [
            self._constant(f"{name}_{what}", value)
            for what, value in (("scale", 1), ("zero_point", 0), ("bits", layer.bits))
        ]
        return self._node("Quant", inputs, name, QUANT_DOMAIN, signed=1, narrow=1, rounding_mode="ROUND")

    def _constant(self, name: str, value: Any) -> str:
        self.constants.append(numpy_helper.from_array(np.array(value, np.float32), name))
        return name

    def _node(self, op: str, inputs: list[str], output: str, domain: str = "", **attributes: Any) -> str:
        self.nodes.append(
            helper.make_node(op, inputs, [output], f"{op}_{output}", domain=domain, **attributes)
        )
        return output
