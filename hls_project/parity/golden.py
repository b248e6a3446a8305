"""Golden vectors: what plain onnxruntime computes on the QONNX file, as integers.

Sums below 2^24 times a power of two are exact in float32, so every value divided by its scale is an integer;
that is checked, not assumed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, TensorProto, helper

from dt_scnn import onnx_functions
from dt_scnn.errors import ConfigurationError, FlowError, first_line
from dt_scnn.files import write_npz
from dt_scnn.qonnx_format import PIXEL_SCALE
from hls_project.graph.integer import integerize
from hls_project.graph.normal import normal_form
from hls_project.graph.reader import Network, read
from hls_project.graph.validate import check
from hls_project.graph.validate import load as load_model
from hls_project.parity.vectors import Golden, LayerTrace, content_key

if TYPE_CHECKING:
    import onnxruntime

Progress = Callable[[int], None]


def scores(
    model: Path | ModelProto, images: NDArray[np.uint8], progress: Progress | None = None
) -> NDArray[np.int32]:
    """Return the integer scores (N, classes) of images (N, H, W, C); `progress` gets the images done.

    Raises:
        ConfigurationError: the model is refused, or the images do not fit it.
        FlowError: onnxruntime failed or its scores are not integers.
    """
    proto, network = _network(model)
    _check_images(images, network)
    last = network.layers[-1]
    session = _session(proto, [last.vm])
    done = np.empty((len(images), len(network.classes)), np.float32)
    for index, (values,) in enumerate(_run(session, images)):
        done[index] = values[0]
        if progress is not None and (index % 64 == 63 or index == len(images) - 1):
            progress(index + 1)
    return _integers("scores", done, _vm_scales(network)[-1])


def trace(model: Path | ModelProto, images: NDArray[np.uint8]) -> tuple[LayerTrace, ...]:
    """Return every layer's membrane potentials and spikes for a few images (N, H, W, C), all in memory.

    Raises:
        ConfigurationError, FlowError: as `scores`.
    """
    proto, network = _network(model)
    _check_images(images, network)
    names = [layer.name for layer in integerize(proto).layers]
    tensors = dict.fromkeys(
        tensor for layer in network.layers for tensor in (layer.vm, layer.spikes, layer.pooled) if tensor
    )
    rows = list(_run(_session(proto, list(tensors)), images))
    values = {tensor: _channels_last([row[index] for row in rows]) for index, tensor in enumerate(tensors)}
    traces = []
    for name, layer, scale in zip(names, network.layers, _vm_scales(network), strict=True):
        fired = layer.thresholds is not None
        traces.append(
            LayerTrace(
                name,
                _integers(f"layer {name}", values[layer.vm], scale),
                values[layer.spikes].astype(np.uint8) if fired else None,
                values[layer.pooled].astype(np.uint8) if fired else None,
            )
        )
    return tuple(traces)


def write(
    path: Path,
    model: Path,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None = None,
    traced: int = 16,
    progress: Progress | None = None,
) -> Golden:
    """Compute golden vectors and write them to `path` (.npz), whole or not at all.

    Arrays: images, scores, labels where given, and for the first `traced` images `<layer>/vm`, and
    `<layer>/spikes` and `<layer>/pooled` of the layers that fire; `key` tells whether the file is current
    (`vectors.is_current`).

    Raises:
        ConfigurationError, FlowError: as `scores`.
    """
    golden = Golden(images, labels, scores(model, images, progress), trace(model, images[:traced]))
    arrays: dict[str, Any] = {"key": np.array(content_key(model, images, labels, traced)), "images": images}
    arrays["scores"] = golden.scores
    arrays["layers"] = np.array([layer.name for layer in golden.traces])
    if labels is not None:
        arrays["labels"] = labels
    for layer in golden.traces:
        parts = {"vm": layer.vm, "spikes": layer.spikes, "pooled": layer.pooled}
        arrays |= {f"{layer.name}/{what}": value for what, value in parts.items() if value is not None}
    write_npz(path, arrays, compressed=False)
    return golden


def _network(model: Path | ModelProto) -> tuple[ModelProto, Network]:
    proto = ModelProto()
    proto.CopyFrom(normal_form(check(model), model) if isinstance(model, ModelProto) else load_model(model))
    onnx_functions.embed(proto)
    return proto, read(proto)


def _check_images(images: NDArray[np.uint8], network: Network) -> None:
    if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != network.input_shape:
        wanted = ", ".join(map(str, network.input_shape))
        raise ConfigurationError(f"images must be uint8 (N, {wanted}), not {images.dtype} {images.shape}")


def _vm_scales(network: Network) -> list[NDArray[np.float64]]:
    return [np.array([float(scale) for scale in layer.scale]) for layer in network.layers]


def _session(proto: ModelProto, tensors: Sequence[str]) -> onnxruntime.InferenceSession:
    """Return a session of the model with `tensors` as its outputs; one thread, for layers are small."""
    import onnxruntime

    del proto.graph.output[:]
    proto.graph.output.extend(
        helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in tensors
    )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            proto.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's exceptions have no common base of their own
        raise FlowError(f"onnxruntime cannot load the model: {first_line(error)}") from error


def _run(
    session: onnxruntime.InferenceSession, images: NDArray[np.uint8]
) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the session's outputs for one image after the other."""
    name = session.get_inputs()[0].name
    for image in images:
        pixels = np.ascontiguousarray(image.transpose(2, 0, 1)[None], np.float32) * np.float32(PIXEL_SCALE)
        try:
            yield session.run(None, {name: pixels})
        except Exception as error:
            raise FlowError(f"onnxruntime cannot run the model: {first_line(error)}") from error


def _channels_last(rows: list[NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return (N, C, H, W) or (N, C) values of single images as (N, H, W, C), H = W = 1 for the latter."""
    values = np.concatenate(rows)
    return values.transpose(0, 2, 3, 1) if values.ndim == 4 else values[:, None, None, :]


def _integers(what: str, values: NDArray[np.float32], scale: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return `values / scale`, scale along the last axis: powers of two, so the division is exact."""
    exact = values / scale
    if not np.array_equal(exact, np.rint(exact)) or np.abs(exact).max(initial=0) >= 2**24:
        raise FlowError(
            f"{what}: onnxruntime's values are not integers below 2^24 times the scale; the file's embedded "
            "functions differ from this project's definition of Quant or DualThresholdFire"
        )
    return exact.astype(np.int32)
