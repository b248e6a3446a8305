"""Writing integer layers as a channels-last QONNX model, which qonnx executes and hls4ml reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from onnx import NodeProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper

from hls_project.graph.layer import Layer
from hls_project.qonnx import DOMAIN
from quant_train.onnx_functions import QUANT_DOMAIN

CHANNELS_LAST_DOMAIN = "qonnx.custom_op.channels_last"
_OPSETS = {"": 20, QUANT_DOMAIN: 1, CHANNELS_LAST_DOMAIN: 1, DOMAIN: 1}
_IR_VERSION = 10


def emit(layers: Sequence[Layer]) -> ModelWrapper:
    """Return a model from `image` (1, H, W, C), 0 .. 255, to `scores` (1, classes): float32 integers.

    Nodes bear the layers' names; the tensors are `<layer>_vm`, `<fire>_spikes`, `<pool>_spikes`. Weights are
    integers behind Quant nodes of scale 1; every tensor has its shape and its integer datatype.
    """
    graph = helper.make_graph([], "integer", [_tensor("image", (1, *layers[0].input_shape))], [])
    model = ModelWrapper(
        helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid(*opset) for opset in _OPSETS.items()],
            ir_version=_IR_VERSION,
            producer_name="hls_project",
        )
    )
    model.set_tensor_datatype("image", DataType["UINT8"])
    tensor = "image"
    for layer in layers:
        tensor = _emit_layer(model, layer, tensor, "scores" if layer is layers[-1] else f"{layer.name}_vm")
    model.graph.output.append(_tensor("scores", (1, layers[-1].vm_shape[2])))
    model.graph.value_info.remove(next(value for value in model.graph.value_info if value.name == "scores"))
    return model


def _emit_layer(model: ModelWrapper, layer: Layer, source: str, vm: str) -> str:
    """Append a layer that reads tensor `source`; return the tensor that it leaves."""
    spikes = DataType["BINARY"]
    dense = layer.kind == "dense"
    if dense:
        if len(model.get_tensor_shape(source)) != 2:
            flat = f"{layer.name}_flat"
            _annotate(model, flat, (1, layer.weights.shape[0]), model.get_tensor_datatype(source))
            _append(
                model, helper.make_node("Flatten", [source], [flat], name=f"{layer.name}_flatten", axis=1)
            )
            source = flat
        weights = _emit_weights(model, layer, layer.weights)
        _append(model, helper.make_node("MatMul", [source, weights], [vm], name=layer.name))
    else:
        weights = _emit_weights(model, layer, layer.weights.transpose(3, 0, 1, 2))
        _append(
            model,
            helper.make_node(
                "Conv",
                [source, weights],
                [vm],
                name=layer.name,
                domain=CHANNELS_LAST_DOMAIN,
                kernel_shape=layer.kernel,
                strides=layer.stride,
                pads=layer.pads,
                dilations=(1, 1),
                group=1,
            ),
        )
    _annotate(model, vm, _shape(layer.vm_shape, dense), DataType[f"INT{layer.vm_width}"])
    if layer.thresholds is None:
        return vm
    thresholds, fired = f"{layer.fire}_thresholds", f"{layer.fire}_spikes"
    model.set_initializer(thresholds, layer.thresholds.astype(np.float32))
    _append(
        model,
        helper.make_node(
            "DualThresholdFire", [vm, thresholds], [fired], name=layer.fire, domain=DOMAIN, data_layout="NHWC"
        ),
    )
    height, width, kernels = layer.vm_shape
    _annotate(model, fired, _shape((height, width, len(layer.thresholds) * kernels), dense), spikes)
    if layer.pool == 1:
        return fired
    pooled, factor = f"{layer.pool_name}_spikes", (layer.pool, layer.pool)
    _append(
        model,
        helper.make_node(
            "MaxPool",
            [fired],
            [pooled],
            name=layer.pool_name,
            domain=CHANNELS_LAST_DOMAIN,
            kernel_shape=factor,
            strides=factor,
            pads=(0, 0, 0, 0),
        ),
    )
    _annotate(model, pooled, (1, *layer.spikes_shape), spikes)
    return pooled


def _emit_weights(model: ModelWrapper, layer: Layer, weights: np.ndarray) -> str:
    """Append the weights' Quant node; each has constants of its own, for hls4ml consumes them."""
    name = f"{layer.name}_weight"
    constants = {"integers": weights, "scale": 1.0, "zero_point": 0.0, "bits": layer.weight_bits}
    for what, value in constants.items():
        model.set_initializer(f"{name}_{what}", np.array(value, np.float32))
    _append(
        model,
        helper.make_node(
            "Quant",
            [f"{name}_{what}" for what in constants],
            [name],
            name=f"{layer.name}_quant",
            domain=QUANT_DOMAIN,
            signed=1,
            narrow=1,
            rounding_mode="ROUND",
        ),
    )
    _annotate(model, name, weights.shape, DataType[f"INT{layer.weight_bits}"])
    return name


def _append(model: ModelWrapper, node: NodeProto) -> None:
    model.graph.node.append(node)


def _annotate(model: ModelWrapper, tensor: str, shape: Sequence[int], datatype: DataType) -> None:
    model.set_tensor_shape(tensor, list(shape))
    model.set_tensor_datatype(tensor, datatype)


def _tensor(name: str, shape: Sequence[int]) -> object:
    return helper.make_tensor_value_info(name, 1, list(shape))


def _shape(shape: Sequence[int], dense: bool) -> list[int]:
    return [1, shape[2]] if dense else [1, *shape]
