"""Loading a QONNX file, refusing with a clear message whatever this project would not compute exactly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import onnx
from google.protobuf.message import DecodeError, Message
from onnx import ModelProto, TensorProto

from dt_scnn.errors import ConfigurationError
from dt_scnn.qonnx_format import QUANT_DOMAIN
from hls_project.graph.reader import Network, read
from hls_project.graph.view import refuse
from hls_project.qonnx import DOMAIN

SUPPORTED = {
    "": ("Cast", "Constant", "Conv", "Flatten", "Gemm", "MatMul", "MaxPool", "Mul", "Reshape", "Transpose"),
    QUANT_DOMAIN: ("Quant",),
    DOMAIN: ("DualThresholdFire",),
}


def load(path: Path) -> ModelProto:
    """Return the QONNX model in `path`, checked from file to thresholds.

    Raises:
        ConfigurationError: it is no file, not ONNX, damaged, refers to other files, or is refused by `check`.
    """
    model = load_proto(path)
    try:
        check(model)
    except ConfigurationError as error:
        raise ConfigurationError(f"{path}: {error}") from error
    return model


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
    for node in model.graph.node:
        domain = "" if node.domain == "ai.onnx" else node.domain
        if node.op_type not in SUPPORTED.get(domain, ()):
            names = [f"{name}:{op}" if name else op for name, ops in SUPPORTED.items() for op in ops]
            refuse(
                node,
                f"domain {domain or 'ai.onnx'!r} has no such operator here; supported are {', '.join(names)}",
            )
    if not any(node.op_type == "Quant" for node in model.graph.node):
        raise ConfigurationError(
            "not a QONNX model: it has no Quant node; export it with Brevitas' QONNX export"
        )
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise ConfigurationError(f"not a valid ONNX model: {str(error).strip().splitlines()[0]}") from error
    return read(model)


def _tensors(message: Message) -> Iterator[TensorProto]:
    """Yield every tensor anywhere inside `message`: initializers, attributes, subgraphs, functions."""
    if isinstance(message, TensorProto):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in [value] if isinstance(value, Message) else value:
                yield from _tensors(inner)
