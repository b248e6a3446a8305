"""The integer graph equals onnxruntime and qonnx on the QONNX file, to the last bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from hypothesis import HealthCheck, given, settings
from onnx import ModelProto
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.infer_shapes import InferShapes

from dt_scnn.errors import ConfigurationError
from hls_project.graph.bounds import Inputs, extremal_input
from hls_project.graph.integer import IntegerGraph, integerize
from hls_project.parity import golden
from tests import models

onnxruntime.set_default_logger_severity(4)  # qonnx makes a session for each node, and each one warns


def qonnx_scores(model: ModelProto, images: np.ndarray, scale: float) -> np.ndarray:
    """Return the integer scores that qonnx computes on the QONNX model itself."""
    wrapped = ModelWrapper(model).transform(InferShapes())
    pixels = images.transpose(0, 3, 1, 2).astype(np.float32) / 256
    return np.concatenate([execute_onnx(wrapped, {"image": row[None]})["scores"] for row in pixels]) / scale


def integer_scores(graph: IntegerGraph, images: np.ndarray) -> np.ndarray:
    """Return the scores that qonnx computes on the integer graph."""
    rows = [
        execute_onnx(graph.model, {"image": image[None].astype(np.float32)})["scores"] for image in images
    ]
    return np.concatenate(rows)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models.networks())
def test_onnxruntime_qonnx_and_integer_graph_agree(example: models.Example) -> None:
    model, images = example.build(), example.images(3)
    graph = integerize(model)
    expected = golden.scores(model, images)
    assert np.array_equal(integer_scores(graph, images), expected)
    assert np.array_equal(qonnx_scores(model, images, graph.score_scale), expected)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(models.networks())
def test_golden_membrane_potentials_stay_in_the_bounds_and_fire_at_the_integer_thresholds(
    example: models.Example,
) -> None:
    model, images = example.build(), example.images(4)
    graph = integerize(model)
    for layer, trace in zip(graph.layers, golden.trace(model, images), strict=True):
        assert (layer.name, layer.vm_shape) == (trace.name, trace.vm.shape[1:])
        assert (trace.vm >= layer.vm_min).all() and (trace.vm <= layer.vm_max).all()
        if layer.thresholds is None:
            assert trace.spikes is None
            continue
        assert (layer.thresholds >= layer.vm_min).all() and (layer.thresholds <= layer.vm_max + 1).all()
        fired = np.concatenate([trace.vm >= threshold for threshold in layer.thresholds], axis=-1)
        assert np.array_equal(trace.spikes, fired)
        assert trace.pooled.shape[1:] == layer.spikes_shape
        height, width, maps = layer.spikes_shape
        cut = fired[:, : height * layer.pool, : width * layer.pool]
        assert np.array_equal(
            trace.pooled,
            cut.reshape(len(images), height, layer.pool, width, layer.pool, maps).max(axis=(2, 4)),
        )


@settings(max_examples=25, deadline=None)
@given(models.networks())
def test_first_layer_reaches_its_bounds(example: models.Example) -> None:
    model = example.build()
    layer = integerize(model).layers[0]
    for extreme, bound in (("min", layer.vm_min), ("max", layer.vm_max)):
        for kernel in {0, len(bound) - 1}:
            image, position = extremal_input(layer.taps, layer.window, layer.inputs, kernel, extreme)
            vm = golden.trace(model, image[None])[0].vm
            assert vm[(0, *position, kernel)] == bound[kernel]


@pytest.mark.parametrize("dual", [True, False])
def test_layers_say_what_they_are(dual: bool) -> None:
    graph = integerize(models.build("4C3-P2-6C3x5s2v-FC5-FC10", (12, 20, 3), bits=[4, 2, 3, 5, 8], dual=dual))
    maps = 1 + dual
    first, second, hidden, last = graph.layers
    assert [layer.name for layer in graph.layers] == ["conv0", "conv1", "dense0", "dense1"]
    assert [layer.weight_bits for layer in graph.layers] == [4, 3, 5, 8]
    assert (first.input_shape, first.vm_shape, first.spikes_shape) == (
        (12, 20, 3),
        (12, 20, 4),
        (6, 10, 4 * maps),
    )
    assert (first.inputs, first.pool, first.pads, first.kernel) == (Inputs.PIXELS, 2, (1, 1, 1, 1), (3, 3))
    assert second.inputs is (Inputs.PAIRED_SPIKES if dual else Inputs.SPIKES)
    assert (second.kernel, second.stride, second.vm_shape) == ((3, 5), (2, 2), (2, 3, 6))
    assert second.weights.shape == (3, 5, 4 * maps, 6)
    assert hidden.input_shape == (2, 3, 6 * maps) and hidden.weights.shape == (36 * maps, 5)
    assert hidden.thresholds.shape == (maps, 5)
    assert last.thresholds is None and last.vm_shape == (1, 1, 10)
    assert graph.classes[3] == "class 3" and graph.input_shape == (12, 20, 3)
    assert np.log2(graph.score_scale) == np.floor(np.log2(graph.score_scale))


def test_pooling_twice_is_pooling_once_by_the_product() -> None:
    model, images = models.build("2C3-P2-P3-FC3", (14, 13, 1)), models.images((14, 13, 1), 4)
    graph = integerize(model)
    assert (graph.layers[0].pool, graph.layers[0].spikes_shape) == (6, (2, 2, 4))
    assert np.array_equal(integer_scores(graph, images), golden.scores(model, images))


def test_every_tensor_has_its_integer_datatype_and_every_node_its_name() -> None:
    graph = integerize(models.build("2C3-P2-FC3", (6, 8, 1)))
    model = graph.model
    names = [node.name for node in model.graph.node]
    assert names == ["conv0_quant", "conv0", "fire0", "pool0", "dense0_flatten", "dense0_quant", "dense0"]
    assert model.get_tensor_datatype("image") == DataType["UINT8"]
    assert model.get_tensor_datatype("conv0_vm") == DataType[f"INT{graph.layers[0].vm_width}"]
    assert model.get_tensor_datatype("pool0_spikes") == DataType["BINARY"]
    assert model.get_tensor_datatype("scores") == DataType[f"INT{graph.layers[1].vm_width}"]
    for node in model.graph.node:
        for tensor in (*node.input, *node.output):
            assert model.get_tensor_shape(tensor) is not None
    for node in model.graph.node:
        if node.op_type == "Quant":
            assert model.get_initializer(node.input[1]) == 1
            weights = model.get_initializer(node.input[0])
            assert np.array_equal(weights, np.rint(weights))


def test_saved_graph_loads_the_same(tmp_path: Path) -> None:
    graph = integerize(models.build("3C3x2s2-P2-FC4-FC3", (9, 13, 3), thresholds="extreme"))
    path = tmp_path / "integer.onnx"
    graph.save(path)
    loaded = IntegerGraph.load(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["integer.onnx"]
    assert loaded.model.model.SerializeToString(deterministic=True) == path.read_bytes()
    assert (loaded.score_scale, loaded.classes) == (graph.score_scale, graph.classes)
    for ours, theirs in zip(graph.layers, loaded.layers, strict=True):
        assert (ours.name, ours.inputs, ours.window, ours.vm_range) == (
            theirs.name,
            theirs.inputs,
            theirs.window,
            theirs.vm_range,
        )
        assert np.array_equal(ours.weights, theirs.weights)
        assert ours.thresholds is None or np.array_equal(ours.thresholds, theirs.thresholds)


def test_qonnx_file_is_no_integer_graph(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(models.build("2C3-FC3", (6, 8, 1)).SerializeToString())
    with pytest.raises(ConfigurationError, match="not an integer graph"):
        IntegerGraph.load(path)


def test_sums_beyond_float32_are_refused() -> None:
    model = models.build([models.Dense(1)], (30, 40, 3), bits=8)
    weight = next(tensor for tensor in model.graph.initializer if tensor.name.endswith("_float"))
    values = np.full((1, 3600), 1e9, np.float32)
    weight.raw_data = values.tobytes()
    with pytest.raises(ConfigurationError, match=r"2\^24"):
        integerize(model)
