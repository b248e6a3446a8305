"""What plain onnxruntime says of a file that is no network for images ends in a message."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import ModelProto, TensorProto, helper

from dt_scnn.errors import ConfigurationError
from quant_train.evaluate import onnx_scores

IMAGES = np.zeros((2, 3, 3, 1), np.uint8)


def network(*nodes: onnx.NodeProto, inputs: int = 1, kind: int = TensorProto.FLOAT) -> ModelProto:
    images = [helper.make_tensor_value_info(f"image{i}", kind, [1, 1, 3, 3]) for i in range(inputs)]
    scores = helper.make_tensor_value_info("scores", TensorProto.FLOAT, None)
    shape = helper.make_tensor("shape", TensorProto.INT64, [2], [1, 7])
    graph = helper.make_graph(list(nodes), "net", images, [scores], [shape])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=10)


FAR = [
    helper.make_node("Exp", ["image0"], ["one"]),
    helper.make_node("Exp", ["one"], ["e"]),
    helper.make_node("Exp", ["e"], ["fifteen"]),
    helper.make_node("Cast", ["fifteen"], ["far"], to=TensorProto.INT64),
]
"""An index that is too large once there is an image."""


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (network(helper.make_node("Nothing", ["image0"], ["scores"])), "cannot load the file"),
        (network(helper.make_node("Add", ["image0", "image1"], ["scores"]), inputs=2), "must take one input, the image"),
        (network(helper.make_node("Relu", ["image0"], ["scores"])), r"must give scores \(1, classes\) of float32, not float32 \(1, 1, 3, 3\)"),
        (network(helper.make_node("Cast", ["image0"], ["scores"], to=1), kind=TensorProto.UINT8), "of float32, not 'image0' tensor.uint8"),
        (network(helper.make_node("Shape", ["image0"], ["of"]), helper.make_node("Expand", ["shape", "shape"], ["x"]), helper.make_node("Reshape", ["image0", "shape"], ["scores"])), "cannot"),
        (network(*FAR, helper.make_node("Gather", ["shape", "far"], ["at"]), helper.make_node("Cast", ["at"], ["scores"], to=1)), "cannot run the file"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_network_is_refused(model: ModelProto, message: str, tmp_path: Path) -> None:
    onnx.save(model, tmp_path / "net.onnx")
    with pytest.raises(ConfigurationError, match=message):
        onnx_scores(tmp_path / "net.onnx", IMAGES)
