"""Damaged and misleading QONNX files: one message each, no traceback, and never another function than the file's."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import onnx
import pytest
from onnx import ModelProto, helper, parser

from dt_scnn import onnx_functions
from dt_scnn.errors import ConfigurationError
from hls_project.graph.validate import load
from tests import models


def small() -> ModelProto:
    return models.build("4C3-P2-FC4", (8, 8, 1))


def largest(net: ModelProto) -> onnx.TensorProto:
    return max(net.graph.initializer, key=lambda tensor: len(tensor.raw_data))


def cut(net: ModelProto) -> None:
    largest(net).raw_data = largest(net).raw_data[:-4]


def rows(net: ModelProto) -> None:
    largest(net).dims[0] += 1


def kind(net: ModelProto) -> None:
    largest(net).data_type = 65


def element(net: ModelProto) -> None:
    net.graph.input[0].type.tensor_type.elem_type = 99


def deep(net: ModelProto) -> None:
    helper.set_model_props(net, {"dt_scnn.classes": "[" * 200_000})


def words(net: ModelProto) -> None:
    quant = next(node for node in net.graph.node if node.op_type == "Quant")
    for old in [attribute for attribute in quant.attribute if attribute.name == "rounding_mode"]:
        quant.attribute.remove(old)
    quant.attribute.append(helper.make_attribute("rounding_mode", b"R\xc4UND"))


def empty(net: ModelProto) -> None:
    tensor = next(tensor for tensor in net.graph.initializer if len(tensor.dims) == 4)
    tensor.dims[0] = 0
    tensor.ClearField("raw_data")


@pytest.mark.parametrize("change", [cut, rows, kind, element, deep, words, empty])
def test_a_damaged_file_is_refused(change: Callable[[ModelProto], None], tmp_path: Path) -> None:
    net = small()
    change(net)
    (tmp_path / "net.onnx").write_bytes(net.SerializeToString())
    with pytest.raises(ConfigurationError, match=r"net\.onnx") as caught:
        load(tmp_path / "net.onnx")
    assert len(str(caught.value)) < 1_500


def replaced(name: str, *changes: tuple[str, str]) -> ModelProto:
    """Return a small network whose definition of `name` has `changes`."""
    net = small()
    text = {"DualThresholdFire": onnx_functions._DUAL_THRESHOLD_FIRE, "Quant": onnx_functions._QUANT}[name]
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    others = [function for function in net.functions if function.name != name]
    del net.functions[:]
    net.functions.extend([*others, parser.parse_function(text)])
    return net


@pytest.mark.parametrize(
    ("name", "changes", "message"),
    [
        ("DualThresholdFire", (("GreaterOrEqual", "Greater"),), "gives 0 where 1 is right"),
        ("DualThresholdFire", (("GreaterOrEqual", "LessOrEqual"),), "is right"),
        (
            "DualThresholdFire",
            (("(flat, one)", "(flat, two)"), ("(thresholds, two)", "(thresholds, one)")),
            "Fire",
        ),
        ("Quant", (("Round (shifted)", "Floor (shifted)"),), "another function .*QONNX' own"),
        ("Quant", (("low = Mul (bottom, is_signed)", "low = Sub (bottom, is_signed)"),), "is right"),
    ],
)
def test_a_definition_of_another_function_is_refused(
    name: str, changes: tuple[tuple[str, str], ...], message: str, tmp_path: Path
) -> None:
    (tmp_path / "net.onnx").write_bytes(replaced(name, *changes).SerializeToString())
    with pytest.raises(ConfigurationError, match=message):
        load(tmp_path / "net.onnx")


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        (
            "DualThresholdFire",
            (("fired = GreaterOrEqual (each, levels)", "under = Less (each, levels)\n fired = Not (under)"),),
        ),
        ("DualThresholdFire", (("spikes = CastLike (blocks, vm)", "spikes = Cast <to: int = 1> (blocks)"),)),
        ("Quant", (("within = Min (above, high)", "within = Min (high, above)"),)),
    ],
)
def test_the_same_function_in_other_words_is_taken(
    name: str, changes: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    (tmp_path / "net.onnx").write_bytes(replaced(name, *changes).SerializeToString())
    load(tmp_path / "net.onnx")


def test_a_definition_that_is_no_function_is_refused(tmp_path: Path) -> None:
    net = replaced("DualThresholdFire", ("GreaterOrEqual (each, levels)", "NoSuchOperator (each, levels)"))
    (tmp_path / "net.onnx").write_bytes(net.SerializeToString())
    with pytest.raises(ConfigurationError, match="definition of DualThresholdFire cannot be run"):
        load(tmp_path / "net.onnx")
