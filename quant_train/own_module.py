"""Export of a module that somebody else wrote: Brevitas layers, batch norm, pooling and firing, as a QONNX file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from math import isfinite
from pathlib import Path

import numpy as np
import torch
from onnx import ModelProto
from torch import Tensor, nn

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path
from dt_scnn.labels import check_class_names
from dt_scnn.models import path_to_write
from dt_scnn.qonnx_format import CLASSES, DATA, DATASET, PIXEL, PIXEL_SCALE
from quant_train.data.config import DataConfig, data_json
from quant_train.qonnx_file import module_to_qonnx

_CHECKED = 8
_TOLERANCE = 1e-3


def export(
    module: nn.Module,
    input_shape: tuple[int, int, int],
    path: str | Path,
    classes: Sequence[str] | None = None,
    dataset: str | None = None,
    pixel: float | Fraction = PIXEL_SCALE,
    data: DataConfig | None = None,
) -> Path:
    """Write `module`, in eval mode, as a QONNX file that every verb takes; return its path.

    input_shape: (H, W, C) of the images. The module takes float32 (N, C, H, W) and gives scores (N, classes). classes: their
    names, in order; without them, "0", "1", ... dataset: its name, if this project knows it, or its path, see docs/own-data.md.
    pixel: what a pixel of 1, of 255, was in training: 1/256 as this project has it, `Fraction(1, 255)` after torchvision's
    `ToTensor`, 1 for bytes. data: how the data set at a path was read.

    The file is the module's own network, nothing folded, so that any ONNX runtime gives the module's scores. What hardware
    cannot compute exactly is refused when the file is read (`csim`), all at once.

    Raises:
        ConfigurationError: the path does not end in .onnx, the module is in training mode or compiled, has infinite or NaN
            parameters, does not take such images, the names of its classes do not fit its scores, or the exported file gives
            other scores.
    """
    path = path_to_write(path)
    if not isinstance(module, nn.Module):
        raise ConfigurationError(f"a module is a torch.nn.Module, not {type(module).__name__}")
    if hasattr(module, "_orig_mod"):
        raise ConfigurationError(
            "the module was compiled by torch.compile, which no export traces; give the one inside: module._orig_mod"
        )
    height, width, channels = input_shape = _checked_shape(input_shape)
    training = [name or type(module).__name__ for name, part in module.named_modules() if part.training]
    if training:
        raise ConfigurationError(
            f"{', '.join(training[:3])}{' and others' if len(training) > 3 else ''}: in training mode, where batch norm and "
            "dropout compute something else; call .eval() on the module first"
        )
    broken = [name for name, value in module.state_dict().items() if _is_broken(value)]
    if broken:
        raise ConfigurationError(
            f"the module has infinite or NaN values in {', '.join(broken)}; train it again"
        )
    scores = scores_of(module, torch.zeros(1, channels, height, width))
    names = [str(index) for index in range(scores)] if classes is None else list(classes)
    if (
        len(names) != scores
        or len(set(names)) != scores
        or not all(isinstance(name, str) and name for name in names)
    ):
        raise ConfigurationError(
            f"classes must be {scores} different names, one for each score of the module, not {names}"
        )
    check_class_names("classes", names)
    ratio = Fraction(pixel).limit_denominator(2**24) if isfinite(pixel) else Fraction(0)
    if ratio <= 0:
        raise ConfigurationError(f"pixel must be a positive number, such as Fraction(1, 255), not {pixel}")
    properties = {CLASSES: json.dumps(names)}
    if ratio != Fraction(PIXEL_SCALE):
        properties[PIXEL] = str(ratio)
    if dataset is not None:
        properties[DATASET] = dataset
    if data is not None and data != DataConfig():
        properties[DATA] = data_json(data)
    model = module_to_qonnx(module, input_shape, properties)
    _check_scores(module, model, input_shape, float(ratio))
    with atomic_path(path) as partial:
        partial.write_bytes(model.SerializeToString(deterministic=True))
    return path


@torch.no_grad()
def _check_scores(
    module: nn.Module, model: ModelProto, input_shape: tuple[int, int, int], pixel: float
) -> None:
    """Compare the file's scores of random images with the module's: exporters have left out what they do not know.

    float32 rounds in both, each its own way, so a neuron at its threshold may fire in one alone; most images tell.

    Raises:
        ConfigurationError: onnxruntime cannot run the file, or scores of half of the images differ.
    """
    import onnxruntime

    height, width, channels = input_shape
    generator = torch.Generator().manual_seed(0)
    pixels = torch.randint(0, 256, (_CHECKED, channels, height, width), generator=generator)
    images = pixels.float() * pixel
    expected = torch.cat([getattr(scores, "value", scores) for scores in map(module, images[:, None])])
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )
        found = [session.run(["scores"], {"image": image[None].numpy()})[0] for image in images]
    except Exception as error:  # onnxruntime's exceptions have no common base of their own
        raise ConfigurationError(
            f"onnxruntime cannot run what the export made of the module: {str(error).splitlines()[0]}"
        ) from error
    differences = (torch.from_numpy(np.concatenate(found)) - expected).abs().amax(1)
    different = int((differences > _TOLERANCE * expected.abs().max().clamp_min(1e-30)).sum())
    if 2 * different >= _CHECKED:
        raise ConfigurationError(
            f"the exported file gives other scores than the module on {different} of {_CHECKED} random images: the export left "
            "something out. Activations of one unsigned bit (QuantReLU(bit_width=1)) become -1 and +1 there; use "
            "ThresholdFire(channels, n_thresholds=1), or two bits with narrow_range=True"
        )


def _checked_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    values = tuple(shape)
    if len(values) != 3 or not all(isinstance(value, int) and value > 0 for value in values):
        raise ConfigurationError(f"input_shape must be (H, W, C), three numbers from 1 up, not {shape}")
    return values[0], values[1], values[2]


def _is_broken(value: object) -> bool:
    return isinstance(value, Tensor) and value.is_floating_point() and not bool(value.isfinite().all())


@torch.no_grad()
def scores_of(module: nn.Module, image: Tensor) -> int:
    """Return how many scores the module gives for an image (1, C, H, W)."""
    _, channels, height, width = image.shape
    try:
        result = module(image)
    except Exception as error:  # whatever the layers of somebody else raise
        hint = _other_order(module, (height, width, channels))
        raise ConfigurationError(
            f"the module does not take float32 images of shape {tuple(image.shape)}, for input_shape (H, W, C) = "
            f"{(height, width, channels)}{hint}: {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        ) from error
    result = getattr(result, "value", result)  # Brevitas' QuantTensor
    if not isinstance(result, Tensor) or result.dim() != 2 or len(result) != 1:
        what = (
            f"of shape {tuple(result.shape)}" if isinstance(result, Tensor) else f"a {type(result).__name__}"
        )
        raise ConfigurationError(
            f"the module must give scores (N, classes), not {what}; end it with a linear layer"
        )
    return int(result.shape[1])


def _other_order(module: nn.Module, shape: tuple[int, int, int]) -> str:
    """Return a hint where the shape seems to be meant as (C, H, W)."""
    try:
        module(torch.zeros(1, *shape))
    except Exception:
        return ""
    return f"; it does take (C, H, W) = {shape}, so give input_shape={(*shape[1:], shape[0])}"
