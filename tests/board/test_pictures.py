"""Pictures as cameras, phones and drawing programs save them, into the frame that the network takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from board.errors import BoardError
from board.images import as_frame
from board.pictures import fitted, header, read

GREY = np.arange(6 * 5, dtype=np.uint8).reshape(6, 5) * 8
SHAPE = (6, 5, 1)


def frame(picture: Any, folder: Path, name: str, shape: tuple[int, int, int] = SHAPE, **options: Any) -> Any:
    """Return the frame of a picture after it was saved as the file `name`."""
    picture.save(folder / name, **options)
    return as_frame(folder / name, shape)[:, :, 0] if shape[2] == 1 else as_frame(folder / name, shape)


@pytest.mark.parametrize("name", ["grey.png", "grey.tif"])
def test_sixteen_bits_keep_the_high_byte(name: str, tmp_path: Path) -> None:
    picture = Image.fromarray(GREY.astype(np.uint16) * 256 + 255)
    assert np.array_equal(frame(picture, tmp_path, name), GREY)


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    ink = Image.merge("RGBA", [Image.new("L", (5, 6), 0)] * 3 + [Image.fromarray(GREY)])
    assert np.array_equal(frame(ink, tmp_path, "ink.png"), 255 - GREY)
    assert np.array_equal(frame(ink, tmp_path, "ink3.png", (6, 5, 3)), np.repeat(255 - GREY[..., None], 3, 2))
    both = Image.merge("LA", [Image.new("L", (5, 6), 0), Image.fromarray(GREY)])
    assert np.array_equal(frame(both, tmp_path, "both.png"), 255 - GREY)


def test_a_transparent_palette_entry_is_white(tmp_path: Path) -> None:
    picture = Image.fromarray((GREY > 100).astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 40, 40, 40])
    found = frame(picture, tmp_path, "palette.png", transparency=0)
    assert np.array_equal(found, np.where(GREY > 100, 40, 255))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_of_a_photograph_is_applied(orientation: int, tmp_path: Path) -> None:
    # How each orientation is stored, after the table of the EXIF standard.
    stored = {
        1: GREY,
        2: GREY[:, ::-1],
        3: GREY[::-1, ::-1],
        4: GREY[::-1],
        5: GREY.T,
        6: GREY.T[::-1],
        7: GREY.T[::-1, ::-1],
        8: GREY.T[:, ::-1],
    }[orientation]
    exif = Image.Exif()
    exif[0x112] = orientation
    picture = Image.fromarray(np.ascontiguousarray(stored))
    assert np.array_equal(frame(picture, tmp_path, "photo.png", exif=exif), GREY)
    assert header(tmp_path / "photo.png") == (GREY.shape, 1)


def test_damaged_exif_data_is_told(tmp_path: Path) -> None:
    Image.fromarray(GREY).save(tmp_path / "photo.png", exif=b"Exif\0\0neither order of bytes")
    with pytest.raises(
        BoardError, match="which way up the picture is cannot be read from its EXIF data: .* save it without"
    ):
        as_frame(tmp_path / "photo.png", SHAPE)


def test_floats_and_integers_beyond_sixteen_bits_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BoardError, match=r"floats.*\(255 \* array\)"):
        frame(Image.fromarray(GREY.astype(np.float32) / 255), tmp_path, "float.tif")
    with pytest.raises(BoardError, match="from 70000 to 70000, beyond 16 bits"):
        frame(Image.fromarray(np.full((6, 5), 70000, np.int32)), tmp_path, "wide.tif")


def test_an_image_bomb_is_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(GREY).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(BoardError, match="bomb.png is no picture that can be read"):
        as_frame(tmp_path / "bomb.png", SHAPE)


@pytest.mark.parametrize(
    ("size", "frame", "rows", "columns"),
    [
        ((6, 5), (3, 3), slice(0, 5), slice(0, 5)),  # the odd row goes below
        ((5, 8), (5, 5), slice(0, 5), slice(1, 6)),
        ((4, 8), (2, 3), slice(0, 4), slice(1, 7)),
        ((9, 4), (2, 2), slice(2, 6), slice(0, 4)),
        ((3, 3), (6, 6), slice(0, 3), slice(0, 3)),
        ((1, 9), (4, 1), slice(0, 1), slice(4, 5)),
    ],
)
def test_the_middle_is_cut_in_the_frame_s_proportions_and_scaled(
    size: tuple[int, int], frame: tuple[int, int], rows: slice, columns: slice
) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*size, 3), np.uint8)
    cut = Image.fromarray(np.ascontiguousarray(image[rows, columns]))
    expected = np.asarray(cut.resize(frame[::-1], Image.Resampling.BILINEAR))
    assert np.array_equal(fitted(image, frame), expected)
    assert np.array_equal(as_frame(image, (*frame, 3), resize=True), expected)


def test_what_fits_is_left_as_it_is_and_what_is_empty_is_refused() -> None:
    image = np.arange(30, dtype=np.uint8).reshape(6, 5, 1)
    assert fitted(image, (6, 5)) is image
    for strange in (np.zeros((0, 5, 1), np.uint8), np.zeros((6, 5, 2), np.uint8)):
        with pytest.raises(BoardError, match="not empty"):
            fitted(strange, (3, 3))


def test_a_header_says_size_and_channels_without_the_pixels(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x112] = 6
    Image.fromarray(GREY).save(tmp_path / "turned.jpg", exif=exif)
    assert header(tmp_path / "turned.jpg") == ((5, 6), 1)
    assert read(tmp_path / "turned.jpg", 3).shape == (5, 6, 3)
    Image.new("RGBA", (7, 2)).save(tmp_path / "ink.png")
    assert header(tmp_path / "ink.png") == ((2, 7), 3)
    for colours, channels in (([0, 0, 0, 9, 9, 9], 1), ([0, 0, 0, 9, 9, 8], 3)):
        palette = Image.fromarray((GREY > 100).astype(np.uint8), "P")
        palette.putpalette(colours)
        palette.save(tmp_path / "palette.png")
        assert header(tmp_path / "palette.png") == ((6, 5), channels)
