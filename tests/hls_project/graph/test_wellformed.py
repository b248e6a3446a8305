"""A node that is none, a graph out of order, and constants without end are refused by name before anything is computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from onnx import AttributeProto, ModelProto, helper, numpy_helper, parser

from dt_scnn import onnx_functions
from dt_scnn.errors import ConfigurationError
from hls_project.graph import evaluate
from hls_project.graph.validate import load
from tests import models
from tests.hls_project.graph.edits import node_of, set_attribute


def refusal(net: ModelProto, tmp_path: Path) -> str:
    (tmp_path / "net.onnx").write_bytes(net.SerializeToString())
    with pytest.raises(ConfigurationError, match=r"net\.onnx") as caught:
        load(tmp_path / "net.onnx")
    return str(caught.value)


def circle(net: ModelProto) -> None:
    for first, second in (("a", "b"), ("b", "a")):
        net.graph.node.insert(0, helper.make_node("Identity", [first], [second]))
    node_of(net, "Conv").input[1] = "a"


def typeless(net: ModelProto) -> None:
    set_attribute(net, "Conv", "pads", [0, 0, 0, 0])
    node_of(net, "Conv").attribute[-1].type = AttributeProto.TYPE_PROTO


def permuted(*perm: int) -> Callable[[ModelProto], None]:
    def change(net: ModelProto) -> None:
        gemm = node_of(net, "Gemm")
        at = list(net.graph.node).index(gemm)
        net.graph.node.insert(
            at, helper.make_node("Transpose", [gemm.input[1]], ["turned"], "turned", perm=perm)
        )
        gemm.input[1] = "turned"

    return change


def large_image(net: ModelProto) -> None:
    net.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 1 << 40


def endless(op: str, *values: object) -> Callable[[ModelProto], None]:
    """Return a change that lets a node compute the first layer's scale from small constants."""

    def change(net: ModelProto) -> None:
        names = []
        for index, value in enumerate(values):
            names.append(f"small{index}")
            net.graph.initializer.append(numpy_helper.from_array(np.array(value), names[-1]))
        net.graph.node.insert(0, helper.make_node(op, names, ["large"], "large"))
        node_of(net, "Quant").input[1] = "large"

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (circle, "Identity.*: reads '[ab]', which nothing before it computes"),
        (lambda net: net.graph.node.add().CopyFrom(net.graph.node[0]), "must have a name, which nothing else has"),
        (lambda net: node_of(net, "Conv").output.pop(), "what it computes must have a name"),
        (lambda net: node_of(net, "Gemm").input.pop(), r"\(Gemm\): has 1 inputs, not 2 to 3"),
        (lambda net: node_of(net, "Quant").input.pop(), r"\(Quant\): has 3 inputs, not 4"),
        (lambda net: node_of(net, "DualThresholdFire").input.append("image"), "has 3 inputs, not 2"),
        (lambda net: set_attribute(net, "Conv", "strides", 2.0), "'strides' must be ints, not float"),
        (lambda net: set_attribute(net, "Quant", "signed", "yes"), "'signed' must be int, not string"),
        (lambda net: set_attribute(net, "Conv", "strider", 2), "has no attribute 'strider'; it has auto_pad, "),
        (lambda net: node_of(net, "Quant").attribute.append(node_of(net, "Quant").attribute[0]), "must be there once"),
        (lambda net: set_attribute(net, "Gemm", "alpha", float("nan")), "'alpha' must be finite, not NaN or infinite"),
        (lambda net: set_attribute(net, "Gemm", "beta", float("inf")), "'beta' must be finite, not NaN or infinite"),
        (typeless, "'pads' must be ints, not type_proto"),
        (lambda net: setattr(net.opset_import[0], "version", 2**40), "opset 1099511627776 is not between"),
        (permuted(0, 127), r"transposed by perm \(0, 127\), but have 2 axes"),
        (permuted(1, 1), r"transposed by perm \(1, 1\), but have 2 axes"),
        (large_image, "has .* values, more than the 16,777,216 of the largest image"),
        (endless("Expand", np.float32(1), [1 << 20, 1 << 20]), "computes 1,099,511,627,776 constants; at most"),
        (endless("ConstantOfShape", [1 << 40]), "constants; at most 67,108,864 are in all of a file"),
        (endless("Range", 0.0, 1e12, 1.0), "constants; at most"),
        (endless("Range", 0.0, 1e12, 0.0), "do not fit"),
        (endless("Mul", np.ones((8, 1, 3, 3), np.float32), np.ones((0, 1, 1, 1), np.float32)), r"shapes \(8, 1, 3, 3\) and \(0, 1, 1, 1\) do not fit"),
        (endless("Gather", np.zeros((2, 1 << 13), np.float32), np.zeros(1 << 14, np.int64)), "constants; at most"),
    ],
)  # fmt: skip
def test_what_is_no_node_is_refused(
    change: Callable[[ModelProto], object], message: str, tmp_path: Path
) -> None:
    net = models.build("2C3-P2-FC3-FC3", (6, 6, 1))
    change(net)
    text = refusal(net, tmp_path)
    assert re.search(message, text), text


def test_many_small_constants_are_bounded_together() -> None:
    node = helper.make_node("Add", ["x", "x"], ["y"])
    evaluator = evaluate.Evaluator([helper.make_opsetid("", 20)], 10, 100)
    one = {"x": np.arange(40)}
    assert evaluator.run(node, one)["y"][-1] == 78
    evaluator.run(node, one)
    with pytest.raises(ConfigurationError, match="computes 40 constants; at most 100"):
        evaluator.run(node, one)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("GreaterOrEqual (each, levels)", "Loop (each, levels)", "'ai.onnx' has no such operator for a definition"),
        ("Reshape (fired, shape)", "Expand (fired, huge)", "reads 'huge', which nothing before it computes"),
        ("Unsqueeze (flat, one)", "Unsqueeze (flat, flat)", "cannot be computed from its constants"),
        ("spikes = CastLike", "others = CastLike", "nothing computes its output 'spikes'"),
    ],
)  # fmt: skip
def test_a_hostile_definition_is_not_run(old: str, new: str, message: str, tmp_path: Path) -> None:
    net = models.build("2C3-P2-FC3", (6, 6, 1))
    assert old in onnx_functions._DUAL_THRESHOLD_FIRE
    changed = parser.parse_function(onnx_functions._DUAL_THRESHOLD_FIRE.replace(old, new))
    others = [function for function in net.functions if function.name != "DualThresholdFire"]
    del net.functions[:]
    net.functions.extend([changed, *others])
    assert re.search(message, refusal(net, tmp_path))


def test_a_definition_of_endless_size_is_not_run(tmp_path: Path) -> None:
    net = models.build("2C3-P2-FC3", (6, 6, 1))
    large = (
        "huge = Constant <value_ints: ints = [1099511627776]> ()\n    more = Expand (vm, huge)\n    blocks ="
    )
    text = onnx_functions._DUAL_THRESHOLD_FIRE.replace("blocks =", large)
    others = [function for function in net.functions if function.name != "DualThresholdFire"]
    del net.functions[:]
    net.functions.extend([parser.parse_function(text), *others])
    assert "constants; at most 1,048,576" in refusal(net, tmp_path)


def test_text_that_is_none_is_refused(tmp_path: Path) -> None:
    content = models.build("2C3-P2-FC3", (6, 6, 1)).SerializeToString()
    assert b"MaxPool" in content
    (tmp_path / "net.onnx").write_bytes(content.replace(b"MaxPool", b"MaxP\xff\xfel"))
    with pytest.raises(ConfigurationError, match=r"net\.onnx: holds text that is no UTF-8|not an ONNX file"):
        load(tmp_path / "net.onnx")


def test_a_bias_beyond_a_score_is_refused(tmp_path: Path) -> None:
    net = models.build("2C3-P2-FC3", (6, 6, 1))
    net.graph.initializer.append(numpy_helper.from_array(np.array([0, 1e38, 0], np.float32), "bias"))
    node_of(net, "Gemm").input.append("bias")
    assert "a bias of the scores is" in refusal(net, tmp_path)
