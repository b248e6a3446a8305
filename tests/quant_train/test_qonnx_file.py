from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.util.cleanup import cleanup_model

from hls_project.parity import golden
from quant_train.batch_norm_folding import fold
from quant_train.evaluate import onnx_scores
from quant_train.network import SpikingNetwork
from quant_train.qonnx_file import score_scale, to_qonnx, write_qonnx
from tests.quant_train.networks import random_images, random_network, recipe_of

CASES = [
    ("4C3-P2-5C3s2-FC6-FC4", (9, 8, 1), 4, 2),
    ("3C5x3v-P2-FC3", (11, 8, 3), 2, 2),
    ("4C1-4C4v-FC5", (6, 6, 3), 8, 1),
    ("FC7-FC3", (4, 5, 1), 3, 2),
    ("FC5", (3, 3, 3), 5, 2),
]
STANDALONE = """
import sys, numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
images = np.load(sys.argv[2])
assert [len(session.get_inputs()), len(session.get_outputs())] == [1, 1]
np.save(sys.argv[3], np.concatenate([session.run(["scores"], {"image": image[None]})[0] for image in images]))
assert not any(name.startswith(("quant_train", "hls_project", "qonnx", "torch")) for name in sys.modules)
"""


def network_of(case: tuple[str, tuple[int, int, int], int, int]) -> SpikingNetwork:
    return random_network(*case)


def classes_of(network: SpikingNetwork) -> tuple[str, ...]:
    return tuple(f"class {index}" for index in range(int(network.config.spec.rsplit("FC", 1)[1])))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_torch_onnxruntime_and_qonnx_agree_on_every_score(
    case: tuple[str, tuple[int, int, int], int, int], tmp_path: Path
) -> None:
    network = network_of(case)
    path, images = tmp_path / "model.onnx", random_images(case[1], 40, seed=3)
    write_qonnx(network, recipe_of(network), classes_of(network), path)
    folded = fold(network)
    with torch.no_grad():
        expected = folded(images).numpy()
    pixels = (images * 256).to(torch.uint8).permute(0, 2, 3, 1).numpy()
    assert np.array_equal(onnx_scores(path, pixels), expected)
    assert len(np.unique(expected)) > 5
    integers = expected.astype(np.float64) / score_scale(folded)
    assert np.array_equal(integers, np.rint(integers))
    assert np.array_equal(golden.scores(path, pixels), integers)
    model = cleanup_model(ModelWrapper(onnx.load(path)))
    graph = model.graph
    for image, row in zip(images[:5], expected, strict=False):
        scores = execute_onnx(model, {graph.input[0].name: image[None].numpy()})[graph.output[0].name]
        assert np.array_equal(scores[0], row)
    fires = [node for node in graph.node if node.op_type == "DualThresholdFire"]
    assert len(fires) == len([name for name in folded._modules if name.startswith("fire")])


def test_the_file_keeps_its_contract() -> None:
    network = random_network("4C3-P2-FC6-FC4", (9, 8, 3))
    model = to_qonnx(network, recipe_of(network, "cifar-10"), ("a", "b", "c", "d"))
    graph = model.graph
    onnx.checker.check_model(model, full_check=False)

    def shape(value: onnx.ValueInfoProto) -> list[int]:
        return [dim.dim_value for dim in value.type.tensor_type.shape.dim]

    assert [(value.name, shape(value)) for value in graph.input] == [("image", [1, 3, 9, 8])]
    assert [(value.name, shape(value)) for value in graph.output] == [("scores", [1, 4])]
    of_weights = ("Cast", "Mul", "Quant", "Transpose")
    path = [(node.domain, node.op_type) for node in graph.node if node.op_type not in of_weights]
    assert path == [
        ("", "Conv"),
        ("hls_project.qonnx", "DualThresholdFire"),
        ("", "MaxPool"),
        ("", "Flatten"),
        ("", "MatMul"),
        ("hls_project.qonnx", "DualThresholdFire"),
        ("", "MatMul"),
    ]
    properties = {item.key: item.value for item in model.metadata_props}
    assert json.loads(properties.pop("dt_scnn.classes")) == ["a", "b", "c", "d"]
    assert properties == {
        "dt_scnn.spec": "4C3-P2-FC6-FC4",
        "dt_scnn.dataset": "cifar-10",
        "dt_scnn.weight_bits": "4",
    }
    assert {function.name for function in model.functions} == {"DualThresholdFire", "Quant"}


def test_plain_onnxruntime_runs_the_file_without_this_project(tmp_path: Path) -> None:
    network = random_network("4C3-P2-FC6-FC4")
    images = random_images((9, 8, 1), 10)
    write_qonnx(network, recipe_of(network), ("a", "b", "c", "d"), tmp_path / "model.onnx")
    np.save(tmp_path / "images.npy", images.numpy())
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    files = [str(tmp_path / name) for name in ("model.onnx", "images.npy", "scores.npy")]
    subprocess.run(
        [sys.executable, "-I", "-c", STANDALONE, *files],
        check=True,
        cwd=tmp_path,
        env=environment,
        timeout=60,
    )
    with torch.no_grad():
        assert np.array_equal(np.load(tmp_path / "scores.npy"), fold(network)(images).numpy())


def test_an_export_that_fails_leaves_the_old_file(tmp_path: Path) -> None:
    network = random_network("4C3-FC4")
    path = tmp_path / "model.onnx"
    path.write_bytes(b"old")
    network.features.norm0.weight.data[0] = float("nan")
    with pytest.raises(Exception, match="norm0.weight"):
        write_qonnx(network, recipe_of(network), ("a", "b", "c", "d"), path)
    assert path.read_bytes() == b"old" and list(tmp_path.iterdir()) == [path]


def test_onnxruntime_folds_the_quantized_weights(tmp_path: Path) -> None:
    """Initializers are no inputs, or onnxruntime would quantize the weights again for each image."""
    network = random_network("4C3-FC4")
    options = onnxruntime.SessionOptions()
    options.optimized_model_filepath = str(tmp_path / "optimized.onnx")
    options.log_severity_level = 3
    model = to_qonnx(network, recipe_of(network), ("a", "b", "c", "d"))
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    operators = {node.op_type for node in onnx.load(tmp_path / "optimized.onnx").graph.node}
    assert not operators & {"Quant", "Round", "Pow"}
