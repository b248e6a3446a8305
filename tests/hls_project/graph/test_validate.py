"""Files that are refused before their network is looked at."""

from __future__ import annotations

from fractions import Fraction
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


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("dt_scnn.pixel", "1e9999999", "dt_scnn.pixel must be a positive ratio such as 1/255, not '1e9999999'"),
        ("dt_scnn.pixel", "1e-9999999", "dt_scnn.pixel must be a positive ratio"),
        ("dt_scnn.score_step", "0x0p+0", "dt_scnn.score_step must be a positive hexadecimal float, not '0x0p"),
        ("dt_scnn.score_step", "-0x1p-3", "dt_scnn.score_step must be a positive"),
        ("dt_scnn.classes", '["a", "b", "a"]', "dt_scnn.classes: the class 'a' is there twice"),
        ("dt_scnn.classes", r'["a", "b", "\ud800"]', "dt_scnn.classes: the class name .* cannot be written"),
    ],
)  # fmt: skip
def test_metadata_that_means_nothing(key: str, value: str, message: str) -> None:
    model = network()
    helper.set_model_props(model, {key: value})
    with pytest.raises(ConfigurationError, match=message):
        validate.check(model)


@pytest.mark.parametrize("value", ["1/255", "0.00390625", "1e-2", " 1/256"])
def test_a_ratio_of_a_pixel(value: str) -> None:
    model = network()
    helper.set_model_props(model, {"dt_scnn.pixel": value})
    assert validate.check(model).pixel == Fraction(value)
