"""Files that are refused before their network is looked at."""

from __future__ import annotations

from pathlib import Path

import onnx
import pytest
from onnx import TensorProto, helper

from dt_scnn.errors import ConfigurationError
from hls_project.graph import validate
from hls_project.graph.integer import integerize
from tests.hls_project.graph.edits import network, tensor_of


def test_accepts_what_is_spoilt_above(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    onnx.save(network(), path)
    assert validate.load(path) == network()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no such file"):
        validate.load(tmp_path / "model.onnx")
    with pytest.raises(ConfigurationError, match="is not a file"):
        validate.load(tmp_path)


@pytest.mark.parametrize("content", [b"", b"no ONNX at all, but text of some length", bytes(1000)])
def test_other_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="not an ONNX file"):
        validate.load(path)


def test_truncated_anywhere(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    content = network().SerializeToString()
    for size in [*range(0, len(content), len(content) // 40), len(content) - 1]:
        path.write_bytes(content[:size])
        with pytest.raises(ConfigurationError):
            integerize(path)


@pytest.mark.parametrize("location", ["../secret.bin", "/etc/hostname", "weights.bin"])
def test_external_data_is_never_read(tmp_path: Path, location: str) -> None:
    (tmp_path / "weights.bin").write_bytes(bytes(10_000))
    model = network()
    tensor = tensor_of(model, "Quant", 0)
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=location)
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ConfigurationError, match="stored in another file.*never read"):
        validate.load(path)


def test_external_data_hidden_in_an_attribute(tmp_path: Path) -> None:
    model = network()
    tensor = TensorProto(
        name="hidden", data_type=TensorProto.FLOAT, dims=[1], data_location=TensorProto.EXTERNAL
    )
    tensor.external_data.add(key="location", value="../secret.bin")
    model.functions[0].node.append(helper.make_node("Constant", [], ["secret"], value=tensor))
    path = tmp_path / "model.onnx"
    path.write_bytes(model.SerializeToString())
    with pytest.raises(ConfigurationError, match=r"'\.\./secret\.bin'"):
        validate.load(path)
