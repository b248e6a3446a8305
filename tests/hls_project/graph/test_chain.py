"""What the reader refuses and what it accepts, node by node."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from onnx import ModelProto, TensorProto, helper, numpy_helper

from dt_scnn.errors import ConfigurationError
from hls_project.graph import validate
from hls_project.graph.integer import integerize
from tests import models
from tests.hls_project.graph.edits import (
    add_after_first_fire,
    bias,
    branch,
    change,
    dim,
    drop_attribute,
    fire_scores,
    fire_twice,
    large_kernel,
    network,
    node_of,
    pack,
    pool_image,
    put,
    quantize_spikes,
    remove,
    second_output,
    set_attribute,
    tensor_of,
)

REFUSALS: dict[str, tuple[Callable[[ModelProto], object], str]] = {
    "unknown operator": (
        lambda m: add_after_first_fire(m, "Sigmoid"),
        r"'extra' \(Sigmoid\).*supported.*Conv, Flatten",
    ),
    "unknown domain": (
        lambda m: add_after_first_fire(m, "Quant", domain="somewhere.else"),
        r"domain 'somewhere.else' has no such operator here.*hls_project.qonnx:DualThresholdFire",
    ),
    "not QONNX": (lambda m: [remove(m, "Quant") for _ in range(3)], "not a QONNX model"),
    "invalid ONNX": (
        lambda m: node_of(m, "Conv").input.__setitem__(0, "nowhere"),
        "reads .nowhere., which nothing before it computes",
    ),
    "float weights": (
        lambda m: remove(m, "Quant"),
        "weights must come from a Quant node, but are plain floating",
    ),
    "quantized spikes": (quantize_spikes, "one number or one for each of 8 channels"),
    "thresholds out of order": (
        lambda m: change(m, "DualThresholdFire", 1, lambda t: np.stack([t[1] + 1, t[0]])),
        "Vth1 <= Vth2, but kernel 0",
    ),
    "NaN threshold": (
        lambda m: change(m, "DualThresholdFire", 1, put(np.nan)),
        "thresholds must be finite, but one is NaN",
    ),
    "infinite threshold": (
        lambda m: change(m, "DualThresholdFire", 1, put(np.inf, -1)),
        "thresholds must be finite, but one is inf",
    ),
    "threshold of the wrong shape": (
        lambda m: change(m, "DualThresholdFire", 1, lambda t: t[:, :3]),
        r"thresholds must be \(1, 4\) or \(2, 4\), not \(2, 3\)",
    ),
    "three thresholds": (
        lambda m: change(m, "DualThresholdFire", 1, lambda t: t[[0, 0, 1]]),
        r"not \(3, 4\)",
    ),
    "thresholds of one axis": (lambda m: change(m, "DualThresholdFire", 1, lambda t: t[0]), r"not \(4,\)"),
    "double thresholds": (
        lambda m: change(m, "DualThresholdFire", 1, lambda t: t.astype(np.float64)),
        "must be float32, not float64",
    ),
    "packed weights cast to doubles": (
        lambda m: pack(m, TensorProto.DOUBLE),
        r"\(Mul\): cannot be computed from its constants: .*float64",
    ),
    "packed weights without all scales": (
        lambda m: pack(m, drop=1),
        r"\(Mul\): shapes \(4, 3, 3, 3\) and \(3, 1, 1, 1\) do not fit",
    ),
    "negative scale": (lambda m: change(m, "Quant", 1, put(-0.5)), "positive number, not -0.5"),
    "scale zero": (lambda m: change(m, "Quant", 1, put(0)), "positive number, not 0"),
    "NaN scale": (lambda m: change(m, "Quant", 1, put(np.nan)), "positive number, not nan"),
    "scale of the wrong shape": (
        lambda m: change(m, "Quant", 1, lambda s: s[:3]),
        r"cannot have scales of shape \(3, 1, 1, 1\)",
    ),
    "scale along the wrong axis": (
        lambda m: change(m, "Quant", 1, lambda s: np.array([1, 2, 1], np.float32).reshape(1, 3, 1, 1)),
        "one for each output channel",
    ),
    "zero point": (lambda m: change(m, "Quant", 2, put(1)), "zero point of weights must be 0, not 1"),
    "bit width 2.5": (lambda m: change(m, "Quant", 3, put(2.5)), "from 1 to 32, not 2.5"),
    "several bit widths": (
        lambda m: change(m, "Quant", 3, lambda b: np.array([4, 4, 4, 5], np.float32).reshape(4, 1, 1, 1)),
        "one number from 1 to 32",
    ),
    "NaN weight": (lambda m: change(m, "Quant", 0, put(np.nan)), "1 weights are NaN or infinite"),
    "groups": (
        lambda m: set_attribute(m, "Conv", "group", 2),
        "group must divide 3 input channels and 4 kernels, not be 2",
    ),
    "dilation": (
        lambda m: set_attribute(m, "Conv", "dilations", [2, 1]),
        r"dilations must be \[1, 1\], not \[2, 1\]",
    ),
    "padding as large as the kernel": (
        lambda m: set_attribute(m, "Conv", "pads", [2, 1, 1, 1]),
        "less than the kernel's 3, not 3",
    ),
    "negative padding": (lambda m: set_attribute(m, "Conv", "pads", [-1, 0, 0, 0]), "four numbers from 0 up"),
    "kernel above 7 x 7": (large_kernel, "at most 7 x 7, not 8 x 1"),
    "wrong kernel shape": (
        lambda m: set_attribute(m, "Conv", "kernel_shape", [3, 5]),
        r"kernel_shape must be \[3, 3\]",
    ),
    "kernel larger than the map": (
        lambda m: [dim(m, 2, 2), set_attribute(m, "Conv", "pads", [0, 1, 0, 1])],
        "a kernel of 3 does not fit the 2 pixels",
    ),
    "wrong number of channels": (lambda m: dim(m, 1, 1), "number of input channels must be 1, not 3"),
    "padded pooling": (
        lambda m: set_attribute(m, "MaxPool", "pads", [0, 0, 1, 1]),
        r"pads must be \[0, 0, 0, 0\]",
    ),
    "overlapping pooling": (
        lambda m: set_attribute(m, "MaxPool", "strides", [1, 1]),
        r"strides must be \[2, 2\], not \[1, 1\]",
    ),
    "pooling without strides": (
        lambda m: drop_attribute(m, "MaxPool", "strides"),
        r"strides must be \[2, 2\], not \[1, 1\]",
    ),
    "oblong pooling": (lambda m: set_attribute(m, "MaxPool", "kernel_shape", [2, 1]), "must be square"),
    "pooling of the image": (pool_image, "on spikes, not on the image"),
    "pooling larger than the map": (
        lambda m: [set_attribute(m, "MaxPool", name, [9, 9]) for name in ("kernel_shape", "strides")],
        "a 9 x 9 window does not fit a 8 x 10 map",
    ),
    "dynamic height": (lambda m: dim(m, 2, "height"), r"not FLOAT \(1, 3, height, 10\)"),
    "batch of two": (lambda m: dim(m, 0, 2), r"not FLOAT \(2, 3, 8, 10\)"),
    "image of rank 3": (
        lambda m: m.graph.input[0].type.tensor_type.shape.dim.pop(),
        r"not FLOAT \(1, 3, 8\)",
    ),
    "bytes as input": (
        lambda m: setattr(m.graph.input[0].type.tensor_type, "elem_type", TensorProto.UINT8),
        "put a Cast to float before it",
    ),
    "two inputs": (
        lambda m: m.graph.input.append(helper.make_tensor_value_info("other", TensorProto.FLOAT, [1])),
        r"one input, the image, not \['image', 'other'\]",
    ),
    "two outputs": (second_output, "one output, the scores, not .*comes before them"),
    "branch": (branch, "a chain without branches, not by .*MaxPool.*second"),
    "last layer without one scale": (
        lambda m: change(m, "Quant", 1, lambda s: np.array([[1], [0.3], [1]], np.float32), index=2),
        "one weight scale for all classes",
    ),
    "last layer that fires": (fire_scores, "last layer must be dense and without firing"),
    "convolution that does not fire": (
        lambda m: remove(m, "DualThresholdFire"),
        r"\(Flatten\): .*every convolution .* must be followed by",
    ),
    "dense layer that does not fire": (
        lambda m: remove(m, "DualThresholdFire", 1),
        r"\(Gemm\): every convolution and dense layer",
    ),
    "firing twice": (fire_twice, "must directly follow a convolution or dense layer"),
    "channels-last firing": (
        lambda m: set_attribute(m, "DualThresholdFire", "data_layout", "NHWC"),
        "data_layout must be NCHW, not NHWC",
    ),
    "dense layer on a map": (lambda m: remove(m, "Flatten"), r"\(Gemm\): must read a flattened tensor"),
    "flattening from another axis": (
        lambda m: set_attribute(m, "Flatten", "axis", 2),
        "axis must be 1, not 2",
    ),
    "transposed Gemm": (lambda m: set_attribute(m, "Gemm", "transA", 1), "transA must be 0, not 1"),
    "wrong number of inputs": (lambda m: dim(m, 3, 20), "number of inputs must be 320, not 160"),
    "class names": (
        lambda m: helper.set_model_props(m, {"dt_scnn.classes": '["only one"]'}),
        "JSON list of 3 names",
    ),
    "class names that are no JSON": (
        lambda m: helper.set_model_props(m, {"dt_scnn.classes": "zero, one"}),
        "JSON list of 3 names",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_refuses(name: str, tmp_path: Path) -> None:
    spoil, message = REFUSALS[name]
    model = network()
    spoil(model)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ConfigurationError, match=message) as error:
        validate.load(path)
    assert str(error.value).startswith(str(path))


@settings(max_examples=30, deadline=None)
@given(models.networks())
def test_accepts_every_generated_network(example: models.Example) -> None:
    assert len(validate.check(example.build()).layers) == sum(
        not isinstance(layer, models.Pool) for layer in example.layers
    )


@pytest.mark.parametrize("op", ["Conv", "Gemm"])
def test_bias_of_zeros_is_no_bias(op: str) -> None:
    model = network()
    bias(model, op, 0.0)
    assert len(integerize(model).layers) == 3


def test_reshape_and_constant_nodes_are_read_like_flatten_and_initializers() -> None:
    model = network()
    plain = integerize(model)
    flatten = node_of(model, "Flatten")
    flatten.op_type = "Reshape"
    del flatten.attribute[:]
    flatten.input.append("target")
    target = numpy_helper.from_array(np.array([1, -1]))
    model.graph.node.insert(0, helper.make_node("Constant", [], ["target"], value=target))
    bits = tensor_of(model, "Quant", 3)
    model.graph.node.insert(0, helper.make_node("Constant", [], [bits.name], value_float=4.0))
    model.graph.initializer.remove(bits)
    assert integerize(model).model.model == plain.model.model
