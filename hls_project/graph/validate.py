"""Loading a QONNX file, refusing with a clear message whatever this project would not compute exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, TensorProto

from dt_scnn.errors import ConfigurationError
from hls_project.graph import constants, scaling, wellformed
from hls_project.graph.definitions import check_definitions
from hls_project.graph.firing import COMPARISONS
from hls_project.graph.normal import normal_form
from hls_project.graph.quantizer import DOMAINS, is_quantizer
from hls_project.graph.reader import Network, read, said
from hls_project.graph.view import label
from hls_project.qonnx import DOMAIN

STANDARD = tuple(
    [
        "ArgMax",
        "AveragePool",
        "Conv",
        "Flatten",
        "Gemm",
        "GlobalAveragePool",
        "GlobalMaxPool",
        "LogSoftmax",
        "MatMul",
        "MaxPool",
        "ReduceMean",
        "Relu",
        "Reshape",
        "Softmax",
        "TopK",
    ]
)
_QUANTIZERS = ("Quant", "IntQuant", "BipolarQuant", "MultiThreshold")
SUPPORTED = {
    "": tuple(sorted({*STANDARD, *scaling.OPERATORS, *COMPARISONS, *constants.OPERATORS})),
    **dict.fromkeys(DOMAINS, _QUANTIZERS),
    "qonnx.custom_op.channels_last": ("Conv", "MaxPool"),
    DOMAIN: ("DualThresholdFire",),
}
"""Operators by domain; those of `constants.OPERATORS` that are nowhere else stand only where all that they read is constant."""
OPSETS = (wellformed.OLDEST, onnx.defs.onnx_opset_version())


def load(path: Path) -> ModelProto:
    """Return the QONNX model in `path`, checked from file to thresholds, in normal form (`graph.normal`).

    Raises:
        ConfigurationError: it is no file, not ONNX, damaged, refers to other files, or is refused by `check`.
    """
    model = load_proto(path)
    try:
        return normal_form(check(model), model)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error


def load_proto(path: Path) -> ModelProto:
    """Return the ONNX model in `path`, which may refer to no other file.

    Raises:
        ConfigurationError: it is no file, not ONNX, damaged, or refers to other files.
    """
    path = Path(path)
    if not path.is_file():
        what = "is not a file" if path.exists() else "there is no such file"
        raise ConfigurationError(f"{path}: {what}; a QONNX file is needed")
    try:
        model = onnx.load_model(path, format="protobuf", load_external_data=False)
    except DecodeError as error:
        raise ConfigurationError(f"{path}: not an ONNX file, or truncated") from error
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    if not model.ir_version or not model.opset_import or not model.graph.node:
        raise ConfigurationError(f"{path}: not an ONNX file, or truncated")
    if _has_bytes_for_text(model):
        raise ConfigurationError(f"{path}: holds text that is no UTF-8; it is damaged")
    for tensor in _tensors(model):
        if tensor.data_location == TensorProto.EXTERNAL or tensor.external_data:
            location = next((entry.value for entry in tensor.external_data if entry.key == "location"), "?")
            raise ConfigurationError(
                f"{path}: tensor {tensor.name!r} is stored in another file, {location!r}, which is never "
                "read; save the model with all its data inside"
            )
    return model


def check(model: ModelProto) -> Network:
    """Return the network in `model`.

    Raises:
        ConfigurationError: it has an unsupported operator, is not QONNX or not valid ONNX, or its network is
            one that this project would not compute exactly; the message says where and what was wanted.
    """
    faults = _unsupported(model)
    if not any(is_quantizer(node) for node in model.graph.node):
        faults.append("not a QONNX model: it has no Quant node; export it with Brevitas' QONNX export")
    versions = {opset.domain or "ai.onnx": opset.version for opset in model.opset_import}
    version = versions.get("ai.onnx", 0)
    if not OPSETS[0] <= version <= OPSETS[1]:
        faults.append(
            f"opset {version} is not between {OPSETS[0]} and {OPSETS[1]}, the newest that onnx {onnx.__version__} knows; export "
            "with opset_version=20"
        )
    if malformed := wellformed.faults(model):
        raise ConfigurationError(said([*faults, *malformed]))
    if not faults:
        check_definitions(model)
        try:
            onnx.checker.check_model(_checkable(model))
        except onnx.checker.ValidationError as error:
            reason = str(error).strip().splitlines()[0]
            raise ConfigurationError(f"not a valid ONNX model: {reason}") from error
        return read(model)
    try:
        read(model)
    except ConfigurationError as error:
        more = [line.removeprefix("- ") for line in str(error).splitlines() if not line.endswith(" faults:")]
        named = tuple(fault.split(": ")[0] for fault in faults)
        faults += [fault for fault in more if not fault.startswith(named)]
    raise ConfigurationError(said(faults))


def _unsupported(model: ModelProto) -> list[str]:
    """Return what to say of nodes whose operator is unknown."""
    faults = []
    for node in model.graph.node:
        domain = "" if node.domain == "ai.onnx" else node.domain
        if node.op_type not in SUPPORTED.get(domain, ()):
            names = [f"{name}:{op}" for name, ops in SUPPORTED.items() if name for op in ops]
            faults.append(
                f"{label(node)}: domain {domain or 'ai.onnx'!r} has no such operator here; supported are "
                f"{', '.join((*STANDARD, *scaling.OPERATORS, *names))}"
            )
    return faults


def _checkable(model: ModelProto) -> ModelProto:
    """Return `model` as onnx' checker takes it: without functions, whose opset may be another, of an IR version that it knows."""
    result = ModelProto()
    result.CopyFrom(model)
    result.ir_version = min(model.ir_version, onnx.IR_VERSION)
    del result.functions[:]
    known = {opset.domain for opset in result.opset_import}
    used = {node.domain for node in result.graph.node} - known - {"ai.onnx"}
    result.opset_import.extend(onnx.helper.make_opsetid(domain, 1) for domain in sorted(used) if domain)
    return result


def _has_bytes_for_text(message: Message) -> bool:
    """Say whether a text anywhere inside `message`, tensors apart, is no UTF-8: protobuf gives it as bytes."""
    for field, value in message.ListFields():
        inside = [value] if isinstance(value, Message | str | bytes) else value
        if field.type == field.TYPE_STRING and any(isinstance(text, bytes) for text in inside):
            return True
        inner = field.message_type not in (None, TensorProto.DESCRIPTOR)
        if inner and any(map(_has_bytes_for_text, inside)):
            return True
    return False


def _tensors(message: Message) -> Iterator[TensorProto]:
    """Yield every tensor anywhere inside `message`: initializers, attributes, subgraphs, functions."""
    if isinstance(message, TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in [value] if isinstance(value, Message) else value:
                yield from _tensors(inner)
