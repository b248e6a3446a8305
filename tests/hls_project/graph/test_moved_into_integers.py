"""Files with what people's networks have beside weights and thresholds: scores equal to those of the file itself.

The reference is qonnx, which runs the file node by node in onnxruntime, at its own opset. Numbers are chosen such that float32
is exact there, ties included, so every score is compared with `==`.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from onnx import ModelProto, TensorProto, helper, numpy_helper
from qonnx.core.modelwrapper import ModelWrapper
from qonnx.core.onnx_exec import execute_onnx
from qonnx.custom_op.general.quant import resolve_rounding_mode
from qonnx.transformation.infer_shapes import InferShapes

from dt_scnn.errors import ConfigurationError
from hls_project.graph import validate
from hls_project.graph.quantizer import Quantizer
from hls_project.graph.scores import integer_scores
from hls_project.graph.signals import Potential
from hls_project.graph.source import SourceLayer
from hls_project.parity import golden
from tests import models
from tests.hls_project.graph.edits import (
    bias,
    change,
    computed,
    drop_attribute,
    multiply_twice,
    network,
    node_of,
    put,
    set_attribute,
)

onnxruntime.set_default_logger_severity(4)  # qonnx makes a session for each node, and each one warns
SHAPE = (8, 10, 3)


def constant(model: ModelProto, name: str, value: object) -> str:
    model.graph.initializer.append(numpy_helper.from_array(np.array(value, np.float32), name))
    return name


def before(
    model: ModelProto, op: str, kind: str, *others: object, index: int = 0, **attributes: object
) -> None:
    """Put a node before the first input of a node; its other inputs are constants."""
    node = node_of(model, op, index)
    name = f"{kind}{len(model.graph.node)}"
    inputs = [node.input[0]] + [constant(model, f"{name}_{at}", value) for at, value in enumerate(others)]
    at = list(model.graph.node).index(node)
    domain = str(attributes.pop("domain", ""))
    model.graph.node.insert(at, helper.make_node(kind, inputs, [name], name, domain=domain, **attributes))
    node.input[0] = name


def channels(*values: float) -> np.ndarray:
    return np.array(values, np.float32).reshape(1, -1, 1, 1)


def batch_norm(model: ModelProto, gamma: tuple[float, ...] = (1, -2, 0.5, -0.25)) -> None:
    """Variance and epsilon add up to 1 and 4, whose roots are exact; the third kernel's threshold becomes a tie."""
    before(
        model, "DualThresholdFire", "BatchNormalization",
        gamma, (0.5, -1, 0, 3), (0.25, -8, 0, 2), (0.75, 3.75, 0.75, 0), epsilon=0.25,
    )  # fmt: skip
    change(model, "DualThresholdFire", 1, put(0, 2))


def replace_firing(model: ModelProto, kind: str, inputs: list[object], **attributes: object) -> None:
    """Let the hidden dense layer fire by another node; the layer after it reads half as many inputs."""
    change(model, "Quant", 0, lambda w: w[:, :5], index=2)
    fire = node_of(model, "DualThresholdFire", 1)
    names = [fire.input[0]] + [constant(model, f"level{at}", value) for at, value in enumerate(inputs)]
    new = helper.make_node(kind, names, list(fire.output), kind, domain=models.QUANT_DOMAIN, **attributes)
    model.graph.node.insert(list(model.graph.node).index(fire), new)
    model.graph.node.remove(fire)


def pool_before_firing(model: ModelProto) -> None:
    fire, pool = node_of(model, "DualThresholdFire"), node_of(model, "MaxPool")
    pool.input[0], fire.input[0] = fire.input[0], "pooled"
    fire.output[0], pool.output[0] = pool.output[0], "pooled"
    model.graph.node.remove(pool)
    model.graph.node.insert(list(model.graph.node).index(fire), pool)


def computed_thresholds(model: ModelProto) -> None:
    """Thresholds as an export in eval mode leaves them: Concat(Unsqueeze(first), Unsqueeze(first + Abs(gap)))."""
    fire = node_of(model, "DualThresholdFire")
    tensor = next(t for t in model.graph.initializer if t.name == fire.input[1])
    first, second = numpy_helper.to_array(tensor)
    for name, value in {"first": first, "gap": first - second}.items():
        constant(model, name, value)
    model.graph.initializer.append(numpy_helper.from_array(np.array([0]), "axes"))
    nodes = [
        ("Abs", ["gap"], "size", {}),
        ("Add", ["first", "size"], "second", {}),
        ("Unsqueeze", ["first", "axes"], "row0", {}),
        ("Unsqueeze", ["second", "axes"], "row1", {}),
        ("Concat", ["row0", "row1"], "both", {"axis": 0}),
    ]
    for op, inputs, output, attributes in reversed(nodes):
        model.graph.node.insert(0, helper.make_node(op, inputs, [output], output, **attributes))
    fire.input[1] = "both"


def channels_last(model: ModelProto) -> None:
    del model.graph.input[:]
    model.graph.input.append(helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, *SHAPE]))
    before(model, "Conv", "Transpose", perm=[0, 3, 1, 2])


def symbolic_batch(model: ModelProto) -> None:
    """The batch has a name, and the flattening computes its shape from it."""
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "N"
    flatten = node_of(model, "Flatten")
    source = flatten.input[0]
    model.graph.initializer.extend(
        [numpy_helper.from_array(np.array(0), "zero"), numpy_helper.from_array(np.array([-1]), "rest")]
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([0]), "axis0"))
    at = list(model.graph.node).index(flatten)
    new = [
        helper.make_node("Shape", [source], ["shape"], "shape"),
        helper.make_node("Gather", ["shape", "zero"], ["batch"], "batch", axis=0),
        helper.make_node("Unsqueeze", ["batch", "axis0"], ["batch1"], "batch1"),
        helper.make_node("Concat", ["batch1", "rest"], ["target"], "target", axis=0),
        helper.make_node("Reshape", [source, "target"], list(flatten.output), "reshape"),
    ]
    model.graph.node.remove(flatten)
    for offset, node in enumerate(new):
        model.graph.node.insert(at + offset, node)


def comparisons(model: ModelProto) -> None:
    """Firing as PyTorch's newer exporter writes it."""
    fire = node_of(model, "DualThresholdFire")
    first, second = numpy_helper.to_array(next(t for t in model.graph.initializer if t.name == fire.input[1]))
    names = [
        constant(model, f"bound{at}", row.reshape(1, -1, 1, 1)) for at, row in enumerate((first, second))
    ]
    at = list(model.graph.node).index(fire)
    new = [
        helper.make_node("GreaterOrEqual", [fire.input[0], names[0]], ["s0"], "s0"),
        helper.make_node("GreaterOrEqual", [fire.input[0], names[1]], ["s1"], "s1"),
        helper.make_node("Concat", ["s0", "s1"], ["s"], "s", axis=1),
        helper.make_node("Cast", ["s"], list(fire.output), "cast", to=TensorProto.FLOAT),
    ]
    model.graph.node.remove(fire)
    for offset, node in enumerate(new):
        model.graph.node.insert(at + offset, node)


def normalisation(model: ModelProto) -> None:
    """(image - 0.5) / 0.25, before a convolution without padding."""
    set_attribute(model, "Conv", "pads", [0, 0, 0, 0])
    change(model, "Quant", 0, lambda w: w[:, : 3 * 4 * 8], index=1)
    before(model, "Conv", "Sub", 0.5)
    before(model, "Conv", "Div", 0.25)


def mean(model: ModelProto, *quantized: float, **attributes: object) -> None:
    """The mean of the first layer's spikes, 4 x 5 after pooling, in place of the map, and, given a scale and bits, a quantizer of it."""
    change(model, "Quant", 0, lambda w: w[:, :8], index=1)
    if attributes:
        before(model, "Flatten", "AveragePool", kernel_shape=[4, 5], **attributes)
    before(model, "Flatten", "GlobalAveragePool")
    if quantized:
        scale, bits = quantized
        before(model, "Flatten", "Quant", scale, 0, bits, domain=models.QUANT_DOMAIN, signed=0, narrow=0)


def domain(model: ModelProto, name: str, op: str) -> None:
    for node in model.graph.node:
        if node.op_type == "Quant":
            node.domain, node.op_type = name, op
    model.opset_import.append(helper.make_opsetid(name, 1))
    del model.functions[:]


CHANGES: dict[str, Callable[[ModelProto], object]] = {
    "bias of a convolution": lambda m: bias(m, "Conv", 0.375),
    "bias of a hidden dense layer": lambda m: bias(m, "Gemm", -0.375),
    "batch norm": batch_norm,
    "batch norm that is constant": lambda m: batch_norm(m, (1, 0, 0, 0.5)),
    "factors and addends": lambda m: [
        before(m, "DualThresholdFire", "Mul", channels(2, 4, -1, 0.5)),
        before(m, "DualThresholdFire", "Add", channels(1, 0, 8, -2)),
    ],
    "scale that is no power of two": lambda m: change(m, "Quant", 1, lambda s: s * np.float32(0.75)),
    "scale of the scores": lambda m: change(m, "Quant", 1, lambda s: s * np.float32(1.25), index=2),
    "scales of the scores by class": lambda m: change(
        m, "Quant", 1, lambda s: np.array([[1], [0.5], [1]], np.float32), index=2
    ),
    "pooling before firing": pool_before_firing,
    "negative batch norm before pooling before firing": lambda m: [batch_norm(m), pool_before_firing(m)],
    "computed thresholds": computed_thresholds,
    "weights that are computed": lambda m: computed(m, "Quant", 0),
    "packed weights multiplied twice": multiply_twice,
    "identity and dropout": lambda m: [before(m, "Flatten", "Identity"), before(m, "Gemm", "Dropout")],
    "positive factor of the scores": lambda m: [
        m.graph.node.append(helper.make_node("Mul", ["scores", constant(m, "two", 2)], ["out"], "out")),
        setattr(m.graph.output[0], "name", "out"),
    ],
    "channels last": channels_last,
    "symbolic batch": symbolic_batch,
    "comparisons": comparisons,
    "normalised image": normalisation,
    "rectified potentials": lambda m: before(m, "DualThresholdFire", "Relu"),
    "not narrow": lambda m: set_attribute(m, "Quant", "narrow", 0),
    "rounded down": lambda m: set_attribute(m, "Quant", "rounding_mode", "FLOOR"),
    "unsigned": lambda m: set_attribute(m, "Quant", "signed", 0),
    "nine bits": lambda m: change(m, "Quant", 3, put(9)),
    "one threshold as one bit": lambda m: replace_firing(m, "Quant", [0.5, 0, 1], signed=0, narrow=0),
    "two thresholds as two narrow bits": lambda m: replace_firing(
        m, "Quant", [0.5, 0, 2], signed=0, narrow=1
    ),
    "three values around 0": lambda m: replace_firing(m, "Quant", [0.5, 0, 2], signed=1, narrow=1),
    "bipolar": lambda m: replace_firing(m, "BipolarQuant", [0.5]),
    "multi-threshold": lambda m: replace_firing(
        m, "MultiThreshold", [np.array([[-1.0, 1.0]])], out_dtype="UINT2", out_scale=2.0, out_bias=0.0
    ),
    "a quantizer that holds a mean": lambda m: [
        set_attribute(m, "MaxPool", "kernel_shape", [4, 4]),
        set_attribute(m, "MaxPool", "strides", [4, 4]),
        mean(m, 0.25, 3),
    ],
    "scaled Gemm": lambda m: set_attribute(m, "Gemm", "alpha", 0.5),
    "automatic padding": lambda m: [
        set_attribute(m, "Conv", "auto_pad", "SAME_UPPER"),
        drop_attribute(m, "Conv", "pads"),
    ],
    "pooling that has nothing to round up": lambda m: set_attribute(m, "MaxPool", "ceil_mode", 1),
    "domain of older Brevitas": lambda m: domain(m, "onnx.brevitas", "Quant"),
    "today's name of Quant": lambda m: domain(m, models.QUANT_DOMAIN, "IntQuant"),
}


def own_scores(model: ModelProto, images: np.ndarray, order: tuple[int, ...] = (0, 3, 1, 2)) -> np.ndarray:
    """Return what the file itself computes, by qonnx and onnxruntime."""
    pixels = images.transpose(order).astype(np.float32) / 256
    if any(
        node.op_type == "Abs" for node in model.graph.node
    ):  # qonnx needs thresholds whose shape is stored
        session = onnxruntime.InferenceSession(model.SerializeToString())
        return np.concatenate([session.run(None, {"image": row[None]})[0] for row in pixels])
    fixed = ModelProto()
    fixed.CopyFrom(model)
    if fixed.graph.input[0].type.tensor_type.shape.dim[0].dim_param:
        fixed.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    for node in fixed.graph.node:
        if node.domain in ("onnx.brevitas", "finn.custom_op.general"):
            node.domain = models.QUANT_DOMAIN
    wrapped = ModelWrapper(fixed).transform(InferShapes())
    return np.concatenate(
        [execute_onnx(wrapped, {"image": row[None]})[fixed.graph.output[0].name] for row in pixels]
    )


@pytest.mark.parametrize("name", CHANGES)
def test_scores_are_those_of_the_file(name: str) -> None:
    model, images = network(), models.images(SHAPE, 4)
    CHANGES[name](model)
    order = (0, 1, 2, 3) if name == "channels last" else (0, 3, 1, 2)
    expected = own_scores(model, images, order)
    step = validate.check(model).score_step
    scores = golden.scores(model, images)
    assert len(np.unique(expected)) > 1
    assert [[Fraction(float(value)) for value in row] for row in expected] == [
        [int(value) * step for value in row] for row in scores
    ]


@pytest.mark.parametrize("version", [*range(13, 24)])
def test_every_opset(version: int) -> None:
    model, images = (
        models.build("3C3-P2-FC5-FC4", SHAPE, dense="matmul", embed=False),
        models.images(SHAPE, 3),
    )
    expected = golden.scores(model, images)
    model.opset_import[0].version = version
    assert np.array_equal(golden.scores(model, images), expected)


@pytest.mark.parametrize("version", [9, 12, 99])
def test_other_opsets_are_refused_by_their_number(version: int) -> None:
    model = network()
    model.opset_import[0].version = version
    with pytest.raises(ConfigurationError, match=f"opset {version} is not between 13 and"):
        validate.check(model)


def last_bias(model: ModelProto, values: list[float]) -> None:
    constant(model, "b", values)
    node_of(model, "Gemm", 1).input.append("b")


def test_bias_of_the_scores_in_whole_steps_is_exact() -> None:
    model, images = network(), models.images(SHAPE, 4)
    step = validate.check(model).score_step
    last_bias(model, [float(step * count) for count in (3, -7, 40)])
    taken = validate.check(model)
    assert (taken.score_step, taken.score_error, taken.added_neurons) == (step, 0, 1)
    expected = own_scores(model, images) / float(step)
    assert np.array_equal(golden.scores(model, images), expected)


def test_bias_in_a_fraction_of_the_step_is_exact_where_the_weights_have_room() -> None:
    model, images = models.build("3C3-P2-FC3", SHAPE, bits=3), models.images(SHAPE, 10)
    step = validate.check(model).score_step
    plain = golden.scores(model, images)
    name = constant(model, "b", [float(step * count) for count in (0.25, 0.5, -0.375)])
    node_of(model, "Gemm").input.append(name)
    taken = validate.check(model)
    assert (taken.score_step, taken.score_error) == (step / 8, 0)
    assert np.array_equal(golden.scores(model, images), 8 * plain + [2, 4, -3])


def test_bias_between_the_steps_never_changes_a_label() -> None:
    """Biases that decide ties: rounded to whole steps, labels differ."""
    model, images = models.build("3C3-P2-FC3", SHAPE, bits=3), models.images(SHAPE, 60)
    step = validate.check(model).score_step
    plain = golden.scores(model, images)
    values = np.float32([float(step) * count for count in (-0.3, 0.4, 12.1)])
    node_of(model, "Gemm").input.append(constant(model, "b", values))
    taken = validate.check(model)
    assert 0 < taken.score_error < step
    real = [
        [int(score) * step + Fraction(float(value)) for score, value in zip(row, values, strict=True)]
        for row in plain
    ]
    scores = golden.scores(model, images)
    assert scores.argmax(1).tolist() == [row.index(max(row)) for row in real]
    off = [
        abs(int(score) * taken.score_step - exact)
        for row, exacts in zip(scores, real, strict=True)
        for score, exact in zip(row, exacts, strict=True)
    ]
    assert max(off) == taken.score_error


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.fractions(-9, 9, max_denominator=40), min_size=2, max_size=6),
    st.integers(1, 40),
    st.data(),
)
def test_labels_of_integer_scores_are_those_of_real_ones(
    biases: list[Fraction], weight: int, data: st.DataObject
) -> None:
    weights = np.zeros((1, 1, 1, len(biases)), np.int64)
    weights[..., 0] = weight
    one = (Fraction(1),) * len(biases)
    layer = SourceLayer(
        "dense", (1, 1, 1), (1, 1, len(biases)), weights, 7, one, (1, 1), (0, 0, 0, 0), "scores"
    )
    try:
        found = integer_scores(layer, Potential(layer.vm_shape, "NCHW", one, tuple(biases), flat=True))
    except ConfigurationError as error:
        assert "leave room for" in str(error)
        return
    finer = int(1 / found.step)
    sums = data.draw(st.lists(st.integers(-12, 12), min_size=len(biases), max_size=len(biases)))
    real = [vm + bias for vm, bias in zip(sums, biases, strict=True)]
    integer = [finer * vm + int(offset) for vm, offset in zip(sums, found.offsets, strict=True)]
    assert integer.index(max(integer)) == real.index(max(real))


def test_all_faults_are_told_at_once() -> None:
    model = network()
    change(model, "Quant", 2, put(1))
    change(model, "DualThresholdFire", 1, put(np.nan))
    before(model, "Flatten", "Sigmoid")
    change(model, "Quant", 1, put(-1), index=2)
    with pytest.raises(ConfigurationError) as error:
        validate.check(model)
    lines = str(error.value).splitlines()
    assert lines[0] == "4 faults:" and len(lines) == 5
    for words in ("(Sigmoid)", "zero point of weights", "one is NaN", "positive number, not -1"):
        assert sum(words in line for line in lines) == 1


REFUSALS: dict[str, tuple[Callable[[ModelProto], object], str]] = {
    "mean under padding": (lambda m: before(m, "Conv", "Sub", 0.5), r"\(Conv\): pads with 0.*use padding=0"),
    "a std for each colour": (
        lambda m: before(m, "Conv", "Div", channels(0.229, 0.224, 0.225)),
        "different scales.*one std",
    ),
    "negative batch norm after pooling": (
        lambda m: [pool_before_firing(m), batch_norm(m)],
        "factor for channel 1 is negative, and the maximum before it",
    ),
    "batch norm in training": (
        lambda m: [batch_norm(m), set_attribute(m, "BatchNormalization", "training_mode", 1)],
        r"call .eval\(\)",
    ),
    "four levels": (
        lambda m: replace_firing(m, "Quant", [0.5, 0, 2], signed=0, narrow=0),
        "it has 3 thresholds; a neuron of this project has one or two",
    ),
    "one signed bit": (lambda m: change(m, "Quant", 3, put(1)), "signed and of one bit"),
    "one bit behind a ReLU": (
        lambda m: [replace_firing(m, "BipolarQuant", [0.5]), before(m, "BipolarQuant", "Relu")],
        "whose values are 0 and 1: use ThresholdFire",
    ),
    "spikes below": (
        lambda m: [comparisons(m), setattr(node_of(m, "GreaterOrEqual"), "op_type", "LessOrEqual")],
        "spikes where the potential is below",
    ),
    "a quantizer that rounds a mean": (
        lambda m: mean(m, 0.5, 2),
        r"changes what it reads: a mean of 1/20 is 0.05 there, which its scale of 0.5 does not hold; leave it out",
    ),
    "the maximum of a mean": (
        lambda m: [mean(m), before(m, "Flatten", "GlobalMaxPool")],
        r"\(GlobalMaxPool\): reads the mean of a map; only a dense layer may follow it",
    ),
    "means of windows at the border": (
        lambda m: mean(m, auto_pad="SAME_UPPER"),
        r"\(AveragePool\): a mean of windows is not built",
    ),
    "overlapping pools": (
        lambda m: set_attribute(m, "MaxPool", "strides", [1, 1]),
        "use stride = kernel_size",
    ),
    "too many fractions": (
        lambda m: last_bias(m, [0.1, 0.23, 0.37]),
        "leave room for 1; use fewer weight bits",
    ),
    "softmax over images": (
        lambda m: [
            m.graph.node.append(helper.make_node("Softmax", ["scores"], ["p"], "p", axis=0)),
            setattr(m.graph.output[0], "name", "p"),
        ],
        "axis must be 1, not 0",
    ),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_integers_cannot_be_is_refused_with_what_works(name: str) -> None:
    spoil, message = REFUSALS[name]
    model = models.build("4C3-P2-FC5-FC3", SHAPE, bits=[4, 4, 4, 8])
    spoil(model)
    with pytest.raises(ConfigurationError, match=message):
        validate.check(model)


@pytest.mark.parametrize("mode", ["ROUND", "CEIL", "FLOOR", "UP", "DOWN", "HALF_UP", "HALF_DOWN"])
@pytest.mark.parametrize("level", range(-3, 5))
def test_a_quantizer_steps_where_qonnx_does(mode: str, level: int) -> None:
    """Values in eighths of a step: every half, where modes differ, is among them."""
    node = helper.make_node("Quant", ["x", "s", "z", "b"], ["y"], "q", domain=models.QUANT_DOMAIN)
    zero = np.zeros((), np.float32)
    quantizer = Quantizer(node, np.float32([1]), zero, -8, 8, mode)
    values = np.arange(-48, 49, dtype=np.float32) / 8
    expected = resolve_rounding_mode(mode)(values) >= level
    bound, strict = quantizer.step_to(level)
    found = [
        Fraction(float(value)) > bound if strict else Fraction(float(value)) >= bound for value in values
    ]
    assert found == expected.tolist()
    assert np.array_equal(quantizer.integers(values) >= level, expected)
