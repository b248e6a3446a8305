"""Writing integer layers as a channels-last QONNX model, which qonnx executes and hls4ml reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from onnx import TensorProto, helper
from qonnx.core.datatype import BaseDataType, DataType
from qonnx.core.modelwrapper import ModelWrapper

from dt_scnn.qonnx_format import QUANT_DOMAIN
from hls_project.graph.bounds import IntArray
from hls_project.graph.layer import Layer
from hls_project.qonnx import DOMAIN

CHANNELS_LAST_DOMAIN = "qonnx.custom_op.channels_last"
_OPSETS = {"": 20, QUANT_DOMAIN: 1, CHANNELS_LAST_DOMAIN: 1, DOMAIN: 1}
_IR_VERSION = 10
_SPIKES = DataType["BINARY"]


def emit(layers: Sequence[Layer]) -> ModelWrapper:
    """Return a model from `image` (1, H, W, C), 0 .. 255, to `scores` (1, classes): float32 integers.

    Nodes bear the layers' names; the tensors are `<layer>_vm`, `<fire>_spikes`, `<pool>_spikes`. Weights are
    integers behind Quant nodes of scale 1; every tensor has its shape and its integer datatype.
    """
    writer = _Writer(layers)
    tensor = "image"
    for layer in layers:
        tensor = writer.layer(layer, tensor)
    return writer.model


class _Writer:
    """A model that grows node by node."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        image, scores = (
            helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
            for name, shape in (
                ("image", (1, *layers[0].input_shape)),
                ("scores", (1, layers[-1].vm_shape[2])),
            )
        )
        opsets = [helper.make_opsetid(domain, version) for domain, version in _OPSETS.items()]
        graph = helper.make_graph([], "integer", [image], [scores])
        self.model = ModelWrapper(
            helper.make_model(
                graph, opset_imports=opsets, ir_version=_IR_VERSION, producer_name="hls_project"
            )
        )
        self.model.set_tensor_datatype("image", DataType["UINT8"])

    def layer(self, layer: Layer, source: str) -> str:
        """Append a layer that reads the tensor `source`; return the tensor that it leaves."""
        vm = self._dense(layer, source) if layer.kind == "dense" else self._conv(layer, source)
        return vm if layer.thresholds is None else self._fire(layer, layer.thresholds, vm)

    def _conv(self, layer: Layer, source: str) -> str:
        inputs = [source, self._weights(layer, layer.weights.transpose(3, 0, 1, 2))]
        vm, datatype = f"{layer.name}_vm", DataType[f"INT{layer.vm_width}"]
        geometry: dict[str, Any] = {"kernel_shape": layer.kernel, "strides": layer.stride, "pads": layer.pads}
        geometry |= {"dilations": (1, 1), "group": 1}
        shape = [1, *layer.vm_shape]
        return self._node("Conv", layer.name, inputs, vm, shape, datatype, CHANNELS_LAST_DOMAIN, **geometry)

    def _dense(self, layer: Layer, source: str) -> str:
        features, outputs = layer.weights.shape
        if len(self.model.get_tensor_shape(source)) != 2:
            datatype = self.model.get_tensor_datatype(source)
            name = f"{layer.name}_flatten"
            source = self._node(
                "Flatten", name, [source], f"{layer.name}_flat", [1, features], datatype, axis=1
            )
        inputs = [source, self._weights(layer, layer.weights)]
        vm = "scores" if layer.thresholds is None else f"{layer.name}_vm"
        return self._node("MatMul", layer.name, inputs, vm, [1, outputs], DataType[f"INT{layer.vm_width}"])

    def _fire(self, layer: Layer, thresholds: IntArray, vm: str) -> str:
        inputs = [vm, self._constant(f"{layer.fire}_thresholds", thresholds)]
        *area, kernels = self.model.get_tensor_shape(vm)
        shape = [*area, len(thresholds) * kernels]
        spikes = f"{layer.fire}_spikes"
        self._node(
            "DualThresholdFire", layer.fire, inputs, spikes, shape, _SPIKES, DOMAIN, data_layout="NHWC"
        )
        if layer.pool == 1:
            return spikes
        factor = (layer.pool, layer.pool)
        geometry = {"kernel_shape": factor, "strides": factor, "pads": (0, 0, 0, 0)}
        pooled, shape = f"{layer.pool_name}_spikes", [1, *layer.spikes_shape]
        return self._node(
            "MaxPool", layer.pool_name, [spikes], pooled, shape, _SPIKES, CHANNELS_LAST_DOMAIN, **geometry
        )

    def _weights(self, layer: Layer, weights: IntArray) -> str:
        """Append the weights' Quant node; each has constants of its own, for hls4ml consumes them."""
        name = f"{layer.name}_weight"
        constants: dict[str, IntArray | int] = {
            "integers": weights,
            "scale": 1,
            "zero_point": 0,
            "bits": layer.weight_bits,
        }
        inputs = [self._constant(f"{name}_{what}", value) for what, value in constants.items()]
        attributes = {"signed": 1, "narrow": 1, "rounding_mode": "ROUND"}
        quant, datatype = f"{layer.name}_quant", DataType[f"INT{layer.weight_bits}"]
        return self._node("Quant", quant, inputs, name, weights.shape, datatype, QUANT_DOMAIN, **attributes)

    def _constant(self, name: str, value: IntArray | int) -> str:
        self.model.set_initializer(name, np.array(value, np.float32))
        return name

    def _node(
        self,
        op: str,
        name: str,
        inputs: Sequence[str],
        output: str,
        shape: Sequence[int],
        datatype: BaseDataType,
        domain: str = "",
        **attributes: Any,
    ) -> str:
        """Append a node with one output; return the output."""
        self.model.graph.node.append(
            helper.make_node(op, inputs, [output], name, domain=domain, **attributes)
        )
        self.model.set_tensor_shape(output, list(shape))
        self.model.set_tensor_datatype(output, datatype)
        return output
