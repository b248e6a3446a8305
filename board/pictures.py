"""Pictures as cameras, phones and drawing programs save them, into pixels: one rule, for the driver and for training.

1. The picture is turned as its EXIF orientation says.
2. Of 16 bits it keeps the high byte.
3. Transparency is laid on white.
4. It becomes grey (ITU-R 601 luma) or RGB.
5. Where another size is asked for, the largest rectangle of that size's proportions is cut from the middle, in whole pixels, and
   scaled bilinearly, each new pixel from all the old ones that it covers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .errors import BoardError

_ORIENTATION = 0x112
_FLOATS = (
    "the picture's pixels are floats, whose range is not known; save it with 8 bits, from 0 to 1 by "
    "(255 * array).round().astype('uint8')"
)
_BILINEAR = 2
"""Pillow's name for it differs between releases."""


def read(path: Any, channels: int) -> np.ndarray:
    """Return the pixels of a picture file, uint8 (H, W, `channels`), by steps 1 to 4.

    Raises:
        BoardError: it cannot be read, or its pixels are neither of 8 nor of 16 bits.
    """
    picture = opened(path)
    try:
        return pixels(picture, channels)
    except BoardError as error:
        raise BoardError(f"{path}: {error}") from error


def opened(path: Any, name: str = "") -> Any:
    """Return the PIL image in a file, decoded. path: of the file, or the open file itself; name: what it is called then.

    Raises:
        BoardError: it cannot be read.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            picture.load()
            return picture
    except (
        Exception
    ) as error:  # a damaged picture can raise nearly anything, one of billions of pixels its own error
        reason = (
            str(error).replace(repr(path), "").strip()
        )  # of an open file, which has an address for a name
        raise BoardError(f"{name or path} is no picture that can be read: {reason}") from error


def pixels(picture: Any, channels: int) -> np.ndarray:
    """Return the pixels of a PIL image, uint8 (H, W, `channels`), by steps 1 to 4.

    Raises:
        BoardError: its pixels are floats, or integers beyond 16 bits, its EXIF data is damaged, or it is to have neither 1 nor 3
            channels.
    """
    from PIL import Image, ImageOps

    if channels not in (1, 3):
        raise BoardError(
            f"a picture is grey or RGB, and the network takes {channels} channels; give an array"
        )
    try:
        # Older releases return None where there is nothing to turn.
        picture = ImageOps.exif_transpose(picture) or picture
    except Exception as error:  # damaged data can raise nearly anything
        raise BoardError(
            f"which way up the picture is cannot be read from its EXIF data: {error}; save it without"
        ) from error
    if picture.mode == "F":
        raise BoardError(_FLOATS)
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
    array = np.asarray(picture.convert("L" if channels == 1 else "RGB"))
    return array.reshape(*array.shape[:2], channels)


def header(path: Any) -> tuple[tuple[int, int], int]:
    """Return what a picture file is, without its pixels: (H, W) as step 1 leaves it, and 1 for grey or 3 for RGB.

    A palette counts as grey where all its colours are.

    Raises:
        BoardError: it cannot be read.
    """
    from PIL import Image

    try:
        with Image.open(path) as picture:
            width, height = picture.size
            if width != height and picture.getexif().get(_ORIENTATION, 1) in (5, 6, 7, 8):
                width, height = height, width
            mode, grey = picture.mode, _is_grey(picture)
    except Exception as error:
        raise BoardError(f"{path} is no picture that can be read: {error}") from error
    if mode == "F":
        raise BoardError(f"{path}: {_FLOATS}")
    return (height, width), 1 if grey else 3


def fitted(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return an image, uint8 (H, W, C) with C of 1 or 3, of `size` (H, W), by step 5.

    Raises:
        BoardError: it has no pixels, or other channels.
    """
    from PIL import Image

    height, width = image.shape[:2]
    if (height, width) == tuple(size):
        return image
    if not image.size or image.shape[2] not in (1, 3):
        raise BoardError(f"an image to be scaled is (H, W, 1) or (H, W, 3), and not empty, not {image.shape}")
    rows = min(height, max(1, (2 * width * size[0] + size[1]) // (2 * size[1])))
    columns = min(width, max(1, (2 * height * size[1] + size[0]) // (2 * size[0])))
    top, left = (height - rows) // 2, (width - columns) // 2
    cut = np.ascontiguousarray(image[top : top + rows, left : left + columns])
    picture = Image.fromarray(cut[:, :, 0] if cut.shape[2] == 1 else cut)
    return np.asarray(picture.resize((size[1], size[0]), _BILINEAR)).reshape(*size, cut.shape[2])


def _is_grey(picture: Any) -> bool:
    if picture.mode in ("P", "PA"):
        colours = np.array(picture.getpalette() or [0]).reshape(-1, 3)
        return bool((colours == colours[:, :1]).all())
    return picture.mode in ("1", "L", "LA", "La", "I") or picture.mode.startswith("I;16")
