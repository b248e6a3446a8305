"""The firing operator survives qonnx' cleanup and channels-last conversion."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.transformation.channels_last import ConvertToChannelsLastAndClean
from qonnx.transformation.general import GiveUniqueNodeNames
from qonnx.util.cleanup import cleanup_model

from hls_project.graph.integer import integerize
from hls_project.parity import golden
from hls_project.qonnx import FireToChannelsLast
from tests import models

onnxruntime.set_default_logger_severity(4)  # qonnx makes a session for each node, and each one warns


@pytest.mark.parametrize("dual", [True, False])
def test_channels_last_network_keeps_its_scores_and_its_firing_nodes(dual: bool) -> None:
    shape = (9, 14, 3)
    source = models.build("3C3-P2-4C3x5s2-FC5-FC4", shape, seed=3, dual=dual, dense="transposed")
    images = models.images(shape, 5)
    expected = golden.scores(source, images)
    assert len({tuple(row) for row in expected}) > 2, "the example's images all score the same"

    model = cleanup_model(ModelWrapper(source))
    model = model.transform(FireToChannelsLast())
    model = model.transform(ConvertToChannelsLastAndClean(make_input_channels_last=True))
    model = cleanup_model(model).transform(GiveUniqueNodeNames())

    operators = [node.op_type for node in model.graph.node]
    assert operators.count("DualThresholdFire") == 3
    assert "Transpose" not in operators
    assert "DualThresholdFire" not in [function.name for function in model.model.functions]
    name, scores = model.graph.input[0].name, model.graph.output[0].name
    assert model.get_tensor_shape(name) == [1, *shape]
    scale = integerize(source).score_scale
    for image, row in zip(images, expected, strict=True):
        pixels = image[None].astype(np.float32) / 256
        assert np.array_equal(execute_onnx(model, {name: pixels})[scores][0] / scale, row)


def test_channels_last_twice_changes_nothing_more() -> None:
    source = models.build("2C3-FC3", (6, 5, 1))
    once = cleanup_model(ModelWrapper(source)).transform(FireToChannelsLast())
    twice = once.transform(FireToChannelsLast())
    assert once.model.SerializeToString(deterministic=True) == twice.model.SerializeToString(
        deterministic=True
    )
