"""Images as users have them, into the frames that the hardware takes."""

from __future__ import annotations

import os
import warnings
from typing import Any, Optional

import numpy as np

from . import pictures
from .errors import BoardError
from .preparation import LIGHT_ON_DARK, Drawing, PolarityWarning, opposite, prepare_drawing

PREPARATIONS = ("digit",)


def as_frame(
    image: Any,
    shape: tuple[int, int, int],
    resize: bool = False,
    prepare: Optional[str] = None,
    drawing: Optional[Drawing] = None,
) -> np.ndarray:
    """Return `image` as a uint8 array of `shape` (H, W, C).

    image: path of a picture file, PIL image, or uint8 array (H, W) or (H, W, C). The module `pictures` has the rule by which a
    picture becomes pixels. Only with `resize` is one of another size cut and scaled.
    prepare: "digit" for a drawing of any size and polarity, see `preparation.prepare_drawing`. drawing: what the data set's
    images look like; without `prepare` there is a `PolarityWarning` for an image that is the opposite.

    Raises:
        BoardError: the image does not fit.
    """
    if prepare is not None:
        return _prepared(image, shape, prepare, drawing)
    if isinstance(image, (str, os.PathLike)):
        image = pictures.opened(image)
    if hasattr(image, "convert") and hasattr(image, "resize"):
        image = pictures.pixels(image, shape[2])
    if not isinstance(image, np.ndarray):
        raise BoardError(f"an image is a path, a PIL image or a uint8 array, not {type(image).__name__}")
    if image.dtype != np.uint8:
        raise BoardError(
            f"pixels are uint8, 0 to 255, not {image.dtype}; floats from 0 to 1: (255 * image).round().astype('uint8')"
        )
    if image.ndim == 2:
        image = image[:, :, None]
    if image.ndim == 3 and image.shape != shape and resize and image.shape[2] == shape[2]:
        image = pictures.fitted(image, shape[:2])
    if image.shape != shape:
        hint = "; resize=True cuts and scales it" if image.ndim == 3 and image.shape[2] == shape[2] else ""
        raise BoardError(f"the network takes images of (H, W, C) = {shape}, not {image.shape}{hint}")
    if drawing is not None and opposite(image, drawing):
        _warn(drawing)
    return image


def as_frames(images: Any, shape: tuple[int, int, int]) -> np.ndarray:
    """Return `images`, a uint8 array (N, H, W, C), or (N, H, W) if C is 1, or a list of images, as one of (N, *shape).

    An image of a list is what `as_frame` takes, by the same rule.

    Raises:
        BoardError: they do not fit.
    """
    if isinstance(images, (list, tuple)):
        frames = [as_frame(image, shape) for image in images]
        return np.stack(frames) if frames else np.empty((0, *shape), np.uint8)
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise BoardError(f"pixels are uint8, 0 to 255, not {images.dtype}")
    if images.ndim == 3 and shape[2] == 1:
        images = images[..., None]
    if images.ndim != 4 or images.shape[1:] != shape:
        raise BoardError(f"images are (N, H, W, C) = (N, {', '.join(map(str, shape))}), not {images.shape}")
    return images


def warn_of_polarity(frames: np.ndarray, drawing: Optional[Drawing]) -> None:
    """Warn where the first of `frames` (N, H, W, C) are, most of them, of the opposite polarity."""
    first = frames[:16]
    if drawing is not None and 2 * sum(opposite(frame, drawing) for frame in first) > len(first):
        _warn(drawing)


def _warn(drawing: Drawing) -> None:
    light = drawing.polarity == LIGHT_ON_DARK
    warnings.warn(
        f"the image is {'dark on light' if light else 'light on dark'}, and the network was trained on "
        f"{'light on dark' if light else 'dark on light'}: the answer is likely wrong; classify(image, prepare='digit') "
        "inverts, crops and centres it",
        PolarityWarning,
        stacklevel=4,
    )


def _prepared(
    image: Any, shape: tuple[int, int, int], prepare: str, drawing: Optional[Drawing]
) -> np.ndarray:
    from PIL import Image

    if prepare not in PREPARATIONS:
        raise BoardError(f"prepare is {' or '.join(map(repr, PREPARATIONS))}, not {prepare!r}")
    if drawing is None:
        raise BoardError(
            f"prepare={prepare!r} is for networks trained on drawings in grey, and by its manifest this one was not; "
            "resize=True cuts and scales a picture"
        )
    if isinstance(image, (str, os.PathLike)):
        image = pictures.opened(image)
    if isinstance(image, np.ndarray):
        if (
            image.dtype != np.uint8
            or image.ndim not in (2, 3)
            or (image.ndim == 3 and image.shape[2] not in (1, 3))
        ):
            raise BoardError(
                f"a picture is uint8 (H, W), (H, W, 1) or (H, W, 3), not {image.dtype} {image.shape}"
            )
        image = Image.fromarray(image[:, :, 0] if image.ndim == 3 and image.shape[2] == 1 else image)
    if not hasattr(image, "convert"):
        raise BoardError(f"an image is a path, a PIL image or a uint8 array, not {type(image).__name__}")
    if not min(image.size):
        raise BoardError(f"the picture has no pixels: {image.size}")
    return prepare_drawing(pictures.pixels(image, 1)[:, :, 0], drawing, shape)
