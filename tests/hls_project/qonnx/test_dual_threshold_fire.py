"""The firing operator in qonnx: values, shapes, datatype, discovery."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from onnx import TensorProto, helper
from qonnx.core.datatype import DataType
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.custom_op.registry import getCustomOp
from qonnx.transformation.infer_datatypes import InferDataTypes
from qonnx.transformation.infer_shapes import InferShapes

from dt_scnn import qonnx_format
from hls_project import qonnx as domain


def model_of(shape: tuple[int, ...], thresholds: np.ndarray, layout: str) -> ModelWrapper:
    """Return a model of one firing node whose output shape is still to be inferred."""
    node = helper.make_node(
        "DualThresholdFire", ["vm", "thresholds"], ["spikes"], domain=domain.DOMAIN, data_layout=layout
    )
    vm = helper.make_tensor_value_info("vm", TensorProto.FLOAT, shape)
    spikes = helper.make_tensor_value_info("spikes", TensorProto.FLOAT, None)
    opsets = [helper.make_opsetid("", 20), helper.make_opsetid(domain.DOMAIN, 1)]
    graph = helper.make_graph([node], "fire", [vm], [spikes])
    model = ModelWrapper(helper.make_model(graph, opset_imports=opsets, ir_version=10))
    model.set_initializer("thresholds", thresholds.astype(np.float32))
    return model.transform(InferShapes()).transform(InferDataTypes())


@pytest.mark.parametrize("maps", [1, 2])
@pytest.mark.parametrize(
    ("layout", "shape", "axis"), [("NCHW", (1, 3, 4, 5), 1), ("NHWC", (1, 4, 5, 3), 3), ("NCHW", (1, 3), 1)]
)
def test_fires_at_each_threshold_in_block_order_ties_included(
    maps: int, layout: str, shape: tuple[int, ...], axis: int
) -> None:
    rng = np.random.default_rng(1)
    vm = rng.integers(-3, 4, shape).astype(np.float32)
    thresholds = np.empty((maps, 3))
    thresholds[0] = np.moveaxis(vm, axis, -1).reshape(-1, 3)[0]  # a tie in every channel
    thresholds[1:] = thresholds[0] + 1
    model = model_of(shape, thresholds, layout)

    spikes = execute_onnx(model, {"vm": vm})["spikes"]

    channels_last = np.moveaxis(vm, axis, -1)
    expected = np.concatenate([channels_last >= threshold for threshold in thresholds], axis=-1)
    assert spikes.dtype == np.float32
    assert np.array_equal(np.moveaxis(spikes, axis, -1), expected)
    assert tuple(model.get_tensor_shape("spikes")) == spikes.shape
    assert model.get_tensor_datatype("spikes") == DataType["BINARY"]


def test_qonnx_finds_the_operator_by_the_name_of_its_domain() -> None:
    assert domain.DOMAIN == "hls_project.qonnx" == qonnx_format.DOMAIN
    node = helper.make_node("DualThresholdFire", ["x", "t"], ["y"], domain=domain.DOMAIN)
    assert type(getCustomOp(node)) is domain.DualThresholdFire


def test_importing_the_domain_loads_no_heavy_library() -> None:
    heavy = "{'qonnx', 'onnx', 'numpy', 'hls4ml', 'torch'}"
    code = f"import sys, hls_project.qonnx; print(sorted({heavy} & set(sys.modules)))"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="TripleThresholdFire"):
        _ = domain.TripleThresholdFire
