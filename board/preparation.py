"""Drawings, such as a digit on paper, into frames that look like the data set's: one rule, and a warning where it is needed."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

import numpy as np

from .errors import BoardError

LIGHT_ON_DARK, DARK_ON_LIGHT = "light-on-dark", "dark-on-light"
DARK, LIGHT = 96, 160
"""A ground is dark below the first grey level, and light from the second."""

INK = 64
"""Grey levels, of 255 between ground and strongest ink, from which a pixel is ink."""

NOISE = 32
"""Grey levels up to which a pixel is ground."""

MOST = 0.9
"""Share of a data set's images that must look alike for it to be one of drawings."""


class Drawing(NamedTuple):
    """What the images of a data set of drawings look like.

    polarity: "light-on-dark" or "dark-on-light". box: pixels of the longer side of their ink.
    """

    polarity: str
    box: int


class PolarityWarning(UserWarning):
    """An image is dark on light and the network was trained on light on dark, or the other way round."""


def measure(images: np.ndarray) -> Optional[Drawing]:
    """Return what `images`, uint8 (N, H, W, C), look like, None if they are no drawings in grey on one ground."""
    if images.shape[3] != 1 or not len(images):
        return None
    kinds = [polarity(image[:, :, 0]) for image in images]
    for kind in (LIGHT_ON_DARK, DARK_ON_LIGHT):
        if kinds.count(kind) >= MOST * len(images):
            sides = [_ink(_on_dark(image[:, :, 0], kind)) for image in images]
            longest = [
                max(rows.stop - rows.start, columns.stop - columns.start)
                for rows, columns in filter(None, sides)
            ]
            return Drawing(kind, int(np.median(longest))) if longest else None
    return None


def polarity(grey: np.ndarray) -> Optional[str]:
    """Return the polarity of a grey picture (H, W) by its ground, the median of its border; None if that is neither."""
    border = np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])
    ground = float(np.median(border))
    return LIGHT_ON_DARK if ground < DARK else DARK_ON_LIGHT if ground >= LIGHT else None


def prepare_drawing(grey: np.ndarray, drawing: Drawing, shape: tuple[int, int, int]) -> np.ndarray:
    """Return a drawing, uint8 (H, W) of any size, as a frame of `shape` that looks like the data set's.

    1. The ground is the median of the picture's border; a picture on a light ground is inverted.
    2. The ground becomes 0 and the strongest ink 255; what is up to `NOISE` of that is ground.
    3. It is cropped to its ink, the pixels from `INK` up, and scaled so that the longer side has `drawing.box` pixels.
    4. The ink's centre of mass is put in the middle of the frame, or as near as the frame allows.
    5. Where the data set is dark on light, the frame is inverted.

    Raises:
        BoardError: there is no ink in it.
    """
    found = polarity(grey) or (LIGHT_ON_DARK if np.median(grey) < 128 else DARK_ON_LIGHT)
    light = _on_dark(grey, found)
    ink = _ink(light)
    if ink is None:
        raise BoardError(
            f"there is nothing to see in the picture: its grey levels are {grey.min()} to {grey.max()}; prepare='digit' takes a "
            "drawing on an even ground"
        )
    height, width = shape[:2]
    scaled = _scaled(light[ink], min(drawing.box, height, width))
    frame = np.zeros((height, width), np.uint8)
    top, left = (
        int(np.clip(round(size / 2 - centre), 0, size - length))
        for size, centre, length in zip((height, width), _centre(scaled), scaled.shape)
    )
    frame[top : top + scaled.shape[0], left : left + scaled.shape[1]] = scaled
    return (frame if drawing.polarity == LIGHT_ON_DARK else 255 - frame)[:, :, None]


def opposite(image: np.ndarray, drawing: Optional[Drawing]) -> bool:
    """Say whether an image (H, W, C) has the other polarity than the data set's drawings."""
    if drawing is None:
        return False
    corners = (
        image.item(0),
        image.item(-1),
    )  # most images are told by two of their corners, which costs no time
    if min(corners) < LIGHT if drawing.polarity == LIGHT_ON_DARK else max(corners) >= DARK:
        return False
    found = polarity(image[:, :, 0])
    return found is not None and found != drawing.polarity


def _on_dark(grey: np.ndarray, found: str) -> np.ndarray:
    """Return the picture with its ground at 0 and its strongest ink at 255."""
    light = grey.astype(np.float64) if found == LIGHT_ON_DARK else 255.0 - grey
    border = np.concatenate([light[0], light[-1], light[1:-1, 0], light[1:-1, -1]])
    light -= np.median(border)
    strongest = light.max()
    if strongest < NOISE:
        return np.zeros(grey.shape, np.uint8)
    levels = np.clip(light * (255 / strongest), 0, 255)
    levels[levels <= NOISE] = 0
    return np.rint(levels).astype(np.uint8)


def _ink(light: np.ndarray) -> Optional[tuple[slice, slice]]:
    rows, columns = (np.flatnonzero((light >= INK).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _scaled(light: np.ndarray, longest: int) -> np.ndarray:
    from PIL import Image

    height, width = light.shape
    factor = longest / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    bicubic = 3  # its name differs between releases of Pillow
    picture: Any = Image.fromarray(light)
    return np.asarray(picture.resize(size, bicubic))


def _centre(light: np.ndarray) -> tuple[float, float]:
    """Return the centre of mass (row, column), in pixels from the upper left corner."""
    total = float(light.sum()) or 1.0
    rows, columns = light.sum(axis=1), light.sum(axis=0)
    return (
        float((rows * (np.arange(len(rows)) + 0.5)).sum() / total),
        float((columns * (np.arange(len(columns)) + 0.5)).sum() / total),
    )
