"""Export of a trained network as QONNX, with everything that a file needs to stand alone."""

from __future__ import annotations

import json
import warnings
from collections.abc import Mapping
from pathlib import Path

import onnx
import torch
from onnx import ModelProto, helper
from torch import nn

from dt_scnn import onnx_functions
from dt_scnn.files import atomic_path
from dt_scnn.qonnx_format import CLASSES, DATA, DATASET, DOMAIN, OPSET_VERSION, PIXEL_SCALE
from quant_train.batch_norm_folding import fold, weight_scale
from quant_train.config import Recipe
from quant_train.data.config import DataConfig, data_json
from quant_train.network import SpikingNetwork
from quant_train.packing import pack_weights

OPSET = 20


def to_qonnx(network: SpikingNetwork, recipe: Recipe, classes: tuple[str, ...]) -> ModelProto:
    """Return the QONNX model of `network`: input `image` float32 (1, C, H, W) = pixel / 256, output `scores` (1, classes).

    Weights are int8 integers times their scales. `DualThresholdFire` stays one node; the ONNX functions that define
    it and `Quant` are embedded, so any ONNX runtime runs the file.
    """
    properties = {
        "dt_scnn.spec": recipe.network.spec,
        DATASET: recipe.dataset,
        CLASSES: json.dumps(classes),
        "dt_scnn.weight_bits": str(recipe.network.weight_bits),
    }
    if recipe.data != DataConfig():
        properties[DATA] = data_json(recipe.data)
    return module_to_qonnx(fold(network), network.input_shape, properties)


def module_to_qonnx(
    module: nn.Module, input_shape: tuple[int, int, int], properties: Mapping[str, str]
) -> ModelProto:
    """Return the QONNX model of a module in eval mode, for images of `input_shape` (H, W, C), with these properties.

    Its input is `image` float32 (1, C, H, W), its output `scores`. Weights are int8 integers times their scales.
    """
    from brevitas.export import export_qonnx

    height, width, channels = input_shape
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model: ModelProto = export_qonnx(
            module,
            args=torch.zeros(1, channels, height, width),
            opset_version=OPSET,
            dynamo=False,
            input_names=["image"],
            output_names=["scores"],
            custom_opsets={DOMAIN: OPSET_VERSION},
        )
    _only_images_are_inputs(model)
    pack_weights(model)
    onnx_functions.embed(model)
    helper.set_model_props(model, dict(properties))
    onnx.checker.check_model(model)
    return model


def _only_images_are_inputs(model: ModelProto) -> None:
    """Drop the initializers, which Brevitas lists among the inputs, where they could not be folded as constants."""
    constants = {tensor.name for tensor in model.graph.initializer}
    kept = [value for value in model.graph.input if value.name not in constants]
    del model.graph.input[:]
    model.graph.input.extend(kept)


def write_qonnx(network: SpikingNetwork, recipe: Recipe, classes: tuple[str, ...], path: Path) -> None:
    """Write the QONNX file, whole or not at all."""
    model = to_qonnx(network, recipe, classes)
    with atomic_path(path) as partial:
        partial.write_bytes(model.SerializeToString(deterministic=True))


def score_scale(folded: nn.Sequential) -> float:
    """Return what one unit of an integer score is in the network's scores."""
    weighted = [layer for layer in folded.children() if hasattr(layer, "weight")]
    return float(weight_scale(weighted[-1])[0]) * (PIXEL_SCALE if len(weighted) == 1 else 1.0)
