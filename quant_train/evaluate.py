"""Accuracy of a trained network, and the sample of images that is shipped with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError, first_line
from dt_scnn.files import write_npz
from quant_train import data

SAMPLE_IMAGES = 200
_AT_ONCE = 500
Scores = NDArray[np.float32]
Progress = Callable[[int, int], None]


def onnx_scores(
    path: Path, images: NDArray[np.uint8], progress: Progress = lambda done, total: None
) -> Scores:
    """Return the scores (N, classes) that plain onnxruntime computes for images (N, H, W, C).

    Raises:
        ConfigurationError: the file does not load, or takes other images.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no common base of their own
        raise ConfigurationError(f"{path}: onnxruntime cannot load the file: {first_line(error)}") from error
    inputs = session.get_inputs()
    if len(inputs) != 1 or inputs[0].type != "tensor(float)":
        kinds = ", ".join(f"{entry.name!r} {entry.type}" for entry in inputs) or "none"
        raise ConfigurationError(f"{path}: must take one input, the image, of float32, not {kinds}")
    image = inputs[0]
    height, width, channels = images.shape[1:]
    if list(image.shape) != [1, channels, height, width]:
        raise ConfigurationError(f"{path} takes images {image.shape}, not {[1, channels, height, width]}")

    def rows() -> Iterator[Scores]:
        for index, pixels in enumerate(images.transpose(0, 3, 1, 2)):
            given = np.ascontiguousarray(pixels[None], np.float32) / np.float32(256)
            try:
                row = np.asarray(session.run(None, {image.name: given})[0])
            except Exception as error:
                raise ConfigurationError(
                    f"{path}: onnxruntime cannot run the file: {first_line(error)}"
                ) from error
            if row.ndim != 2 or len(row) != 1 or row.dtype != np.float32:
                raise ConfigurationError(
                    f"{path}: must give scores (1, classes) of float32, not {row.dtype} {row.shape}"
                )
            yield row
            progress(index + 1, len(images))

    return np.concatenate(list(rows()))


def count_right(network: Any, dataset: data.Dataset) -> int:
    """Return how many images of `dataset` a torch module in eval mode, on the CPU, gives its highest score to the right class."""
    import torch

    images = torch.from_numpy(np.ascontiguousarray(dataset.images.transpose(0, 3, 1, 2)))
    with torch.inference_mode():
        labels = [network(part.float() / 256).argmax(1) for part in images.split(_AT_ONCE)]
    return int((torch.cat(labels).numpy() == dataset.labels).sum())


def write_sample(path: Path, model: Path, dataset: data.Dataset, score_scale: float) -> None:
    """Write `sample.npz`: the first images (N, H, W, C) uint8, labels (N,) and integer scores (N, classes) int32."""
    images, labels = dataset.images[:SAMPLE_IMAGES], dataset.labels[:SAMPLE_IMAGES]
    scores = onnx_scores(model, images).astype(np.float64) / score_scale
    write_npz(path, {"images": images, "labels": labels, "scores": scores.astype(np.int32)})
