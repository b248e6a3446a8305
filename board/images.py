"""Images as users have them, into the frames that the hardware takes."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .errors import BoardError


def as_frame(image: Any, shape: tuple[int, int, int], resize: bool = False) -> np.ndarray:
    """Return `image` as a uint8 array of `shape` (H, W, C).

    image: path of a picture file, PIL image, or uint8 array (H, W) or (H, W, C). A picture is turned as its EXIF orientation
    says, of 16 bits it keeps the high byte, transparency is laid on white, and then it is converted to grey or RGB as the
    network has 1 or 3 channels. Only with `resize` is a picture of another size scaled.

    Raises:
        BoardError: the image does not fit.
    """
    if isinstance(image, (str, os.PathLike)):
        image = _open(image)
    if hasattr(image, "convert") and hasattr(image, "resize"):
        image = np.asarray(_opaque(image, _mode(shape)))
    if not isinstance(image, np.ndarray):
        raise BoardError(f"an image is a path, a PIL image or a uint8 array, not {type(image).__name__}")
    if image.dtype != np.uint8:
        raise BoardError(
            f"pixels are uint8, 0 to 255, not {image.dtype}; floats from 0 to 1: (255 * image).round().astype('uint8')"
        )
    if image.ndim == 2:
        image = image[:, :, None]
    if image.ndim == 3 and image.shape != shape and resize and image.shape[2] == shape[2]:
        image = _scaled(image, shape)
    if image.shape != shape:
        hint = "; resize=True scales it" if image.ndim == 3 and image.shape[2] == shape[2] else ""
        raise BoardError(f"the network takes images of (H, W, C) = {shape}, not {image.shape}{hint}")
    return image


def as_frames(images: Any, shape: tuple[int, int, int]) -> np.ndarray:
    """Return `images`, a uint8 array (N, H, W, C), or (N, H, W) if C is 1, as one of (N, *shape).

    Raises:
        BoardError: they do not fit.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise BoardError(f"pixels are uint8, 0 to 255, not {images.dtype}")
    if images.ndim == 3 and shape[2] == 1:
        images = images[..., None]
    if images.ndim != 4 or images.shape[1:] != shape:
        raise BoardError(f"images are (N, H, W, C) = (N, {', '.join(map(str, shape))}), not {images.shape}")
    return images


def _mode(shape: tuple[int, int, int]) -> str:
    if shape[2] not in (1, 3):
        raise BoardError(f"the network takes {shape[2]} channels; give a uint8 array of {shape}")
    return "L" if shape[2] == 1 else "RGB"


def _open(path: Any) -> Any:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.load()
            return picture
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BoardError(f"{path} is no picture that can be read: {error}") from error


def _opaque(picture: Any, mode: str) -> Any:
    """Return a picture of 8 bits in `mode`, L or RGB.

    Raises:
        BoardError: its pixels are floats, or integers beyond 16 bits.
    """
    from PIL import Image, ImageOps

    picture = (
        ImageOps.exif_transpose(picture) or picture
    )  # older releases return None where there is nothing to turn
    if picture.mode == "F":
        raise BoardError(
            "the picture's pixels are floats, whose range is not known; save it with 8 bits, from 0 to 1 by "
            "(255 * array).round().astype('uint8')"
        )
    if picture.mode == "I" or picture.mode.startswith("I;16"):
        values = np.asarray(picture)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise BoardError(
                f"the picture's pixels go from {values.min()} to {values.max()}, beyond 16 bits; save it with 8 bits"
            )
        picture = Image.fromarray((values >> 8).astype(np.uint8))
    if picture.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in picture.info:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, (255, 255, 255, 255))
        picture = Image.alpha_composite(white, picture)
    return picture.convert(mode)


def _scaled(image: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    from PIL import Image

    picture = Image.fromarray(image[:, :, 0] if shape[2] == 1 else image)
    bilinear = 2  # its name differs between releases of Pillow
    return np.asarray(picture.resize((shape[1], shape[0]), bilinear)).reshape(shape)
