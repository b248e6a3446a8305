from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import given, settings
from onnx import ModelProto, TensorProto

from dt_scnn.qonnx_format import QUANT_DOMAIN
from hls_project.graph.integer import integerize
from quant_train.evaluate import onnx_scores
from quant_train.packing import pack_weights
from tests import models


def scores(model: ModelProto, path: Path, images: np.ndarray) -> np.ndarray:
    path.write_bytes(model.SerializeToString())
    return onnx_scores(path, images)


@settings(max_examples=40, deadline=None)
@given(models.networks())
def test_a_packed_file_has_the_same_integer_graph(example: models.Example) -> None:
    plain, packed = example.build(), example.build()
    pack_weights(packed)
    assert packed != plain
    assert integerize(packed).model.model == integerize(plain).model.model


def test_a_packed_file_computes_the_same_scores(tmp_path: Path) -> None:
    example = models.Example(
        (models.Conv(4), models.Pool(2), models.Dense(5), models.Dense(3)),
        (8, 10, 3),
        (4, 4, 2, 8),
        1,
        True,
        "mixed",
        "transposed",
    )
    plain, packed = example.build(), example.build()
    pack_weights(packed)
    images = example.images(20)
    expected = scores(plain, tmp_path / "plain.onnx", images)
    assert len(np.unique(expected)) > 5
    assert np.array_equal(scores(packed, tmp_path / "packed.onnx", images), expected)


def test_every_weight_is_a_byte_and_packing_again_changes_nothing() -> None:
    model = models.build("4C3-P2-FC5-FC3", (8, 10, 3))
    quantized = [node.input[0] for node in model.graph.node if node.domain == QUANT_DOMAIN]
    sizes = {tensor.name: tuple(tensor.dims) for tensor in model.graph.initializer}
    pack_weights(model)
    kept = {tensor.name: tensor for tensor in model.graph.initializer}
    assert len(quantized) == 3 and not kept.keys() & set(quantized)
    for name in quantized:
        integers = kept[f"{name}_integers"]
        assert integers.data_type == TensorProto.INT8 and tuple(integers.dims) == sizes[name]
    again = ModelProto.FromString(model.SerializeToString())
    pack_weights(again)
    assert again == model
