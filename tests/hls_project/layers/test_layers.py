"""The hls4ml graph: what is fused, exact types, what is refused, and stock layers beside spiking ones."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path
from typing import Any

import hls4ml
import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from dt_scnn.errors import ConfigurationError
from hls_project.graph.integer import IntegerGraph, integerize
from hls_project.parity import golden
from hls_project.targets.hls.convert import register, to_model_graph
from hls_project.targets.hls.options import HlsOptions
from tests import models
from tests.benchmarks.csim import build_stock

SPEC, SHAPE = "4C3-P2-6C3-P2-FC5", (10, 12, 2)


def kinds(model: Any) -> list[str]:
    return [layer.class_name for layer in model.get_layers()]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (SPEC, ["SpikingConv2D", "SpikingConv2D", "SpikingDense", "ScoresArgmax"]),
        ("4C3-FC6-FC5", ["SpikingConv2D", "SpikingDense", "SpikingDense", "ScoresArgmax"]),
        ("FC6-FC5", ["SpikingDense", "SpikingDense", "ScoresArgmax"]),
    ],
)
def test_no_stock_layer_is_left(tmp_path: Path, spec: str, expected: list[str]) -> None:
    model = to_model_graph(integerize(models.build(spec, SHAPE)), tmp_path, HlsOptions())
    assert kinds(model) == ["Input", *expected]


@pytest.mark.parametrize("dual", [True, False])
@pytest.mark.parametrize("spec", [SPEC, "3C5x3s2v-P2-FC7-FC4", "5C1-4C7-FC3"])
def test_types_are_exactly_as_wide_as_the_bounds(tmp_path: Path, spec: str, dual: bool) -> None:
    graph = integerize(models.build(spec, SHAPE, dual=dual, bits=3))
    nodes = {node.name: node for node in to_model_graph(graph, tmp_path, HlsOptions()).get_layers()}
    for layer in graph.layers:
        node = nodes[layer.name]
        assert node.get_attr("vm_t").precision.width == layer.vm_width
        low, high = layer.vm_range
        assert -(2 ** (layer.vm_width - 1)) <= low and high < 2 ** (layer.vm_width - 1)
        narrower = layer.vm_width - 1
        assert low < -(2 ** (narrower - 1)) or high >= 2 ** (narrower - 1)
        if layer.thresholds is not None:
            width = node.get_weights("threshold").type.precision.width
            assert -(2 ** (width - 1)) <= layer.thresholds.min() and layer.thresholds.max() < 2 ** (width - 1)
        assert np.array_equal(
            np.sort(node.get_weights("weight").data.reshape(-1)), np.sort(layer.weights.reshape(-1))
        )


def test_stock_layers_compute_the_same_beside_ours(tmp_path: Path) -> None:
    """hls4ml's own convolution, pooling and dense kernels take part with standalone firing, and read its packed spikes."""
    source = models.build(SPEC, SHAPE, seed=2)
    pictures = models.images(SHAPE, 6)
    stock = build_stock(integerize(source), tmp_path / "stock")
    assert kinds(stock).count("DualThresholdFire") == 2
    assert {"Conv2D", "MaxPooling2D", "Pooling2D"} & set(kinds(stock))
    assert np.array_equal(stock.predict(pictures.astype(np.float32)), golden.scores(source, pictures))


@pytest.mark.slow
def test_graphs_without_spikes_are_left_alone(tmp_path: Path) -> None:
    register()
    weights = np.random.default_rng(0).integers(-3, 4, (2, 4, 4)).astype(np.float32)
    nodes = [
        helper.make_node("MatMul", ["x", "w0"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "relu"),
        helper.make_node("MatMul", ["b", "w1"], ["y"], "second"),
    ]
    tensors = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 4]) for name in ("x", "a", "b", "y")
    ]
    constants = [numpy_helper.from_array(matrix, f"w{index}") for index, matrix in enumerate(weights)]
    shapes = tensors[1:3] + [
        helper.make_tensor_value_info(f"w{i}", TensorProto.FLOAT, [4, 4]) for i in (0, 1)
    ]
    graph = helper.make_graph(nodes, "stock", tensors[:1], tensors[3:], constants, value_info=shapes)
    model = helper.make_model(graph)
    with contextlib.redirect_stdout(io.StringIO()):
        config = hls4ml.utils.config_from_onnx_model(model, "name", "Vitis", default_precision="fixed<24,16>")
        config["LayerName"]["x"]["Precision"]["result"] = "uint<8>"
        converted = hls4ml.converters.convert_from_onnx_model(
            model, output_dir=str(tmp_path / "stock"), backend="Vitis", io_type="io_stream", hls_config=config
        )
        assert kinds(converted) == ["Input", "Dense", "Activation", "Dense"]
        converted.compile()
    values = np.arange(20, dtype=np.float32).reshape(5, 4)
    assert np.array_equal(converted.predict(values), np.maximum(values @ weights[0], 0) @ weights[1])


def convert_with(graph: IntegerGraph, folder: Path, io_type: str, precision: str | None) -> Any:
    register()
    with contextlib.redirect_stdout(io.StringIO()):
        config = hls4ml.utils.config_from_onnx_model(
            graph.model.model, "name", "Vitis", default_precision="int<32>"
        )
        if precision:
            config["LayerName"]["image"]["Precision"]["result"] = precision
        return hls4ml.converters.convert_from_onnx_model(
            graph.model.model, output_dir=str(folder), backend="Vitis", io_type=io_type, hls_config=config
        )


@pytest.mark.parametrize(
    ("io_type", "precision", "message"),
    [
        ("io_stream", None, "input must be an unsigned integer"),
        ("io_stream", "fixed<16,6>", "input must be an unsigned integer"),
        ("io_stream", "uint<4>", "must be spikes or uint<8> pixels"),
        ("io_parallel", "uint<8>", "convert with io_type='io_stream'"),
    ],
)
def test_what_would_be_silently_wrong_is_refused(
    tmp_path: Path, io_type: str, precision: str | None, message: str
) -> None:
    graph = integerize(models.build(SPEC, SHAPE))
    with pytest.raises(ConfigurationError, match=message):
        convert_with(graph, tmp_path, io_type, precision)


def test_float_thresholds_are_refused(tmp_path: Path) -> None:
    graph = integerize(models.build(SPEC, SHAPE))
    name = next(
        item.name
        for item in graph.model.graph.initializer
        if graph.model.get_tensor_shape(item.name) == [2, 4]
    )
    graph.model.set_initializer(name, graph.model.get_initializer(name) + np.float32(0.5))
    with pytest.raises(ConfigurationError, match="thresholds must be integers, not values such as"):
        convert_with(graph, tmp_path, "io_stream", "uint<8>")
