"""Digits as people bring them: dark on paper, of any size and place; the rule that makes frames of them, and the warning."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from board.errors import BoardError
from board.images import as_frame
from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from board.preparation import (
    DARK_ON_LIGHT,
    LIGHT_ON_DARK,
    Drawing,
    PolarityWarning,
    measure,
    opposite,
    prepare_drawing,
)
from dt_scnn import zoo
from hls_project.parity import golden
from hls_project.workspace.images import read_sample
from tests.board.instant import instant_board, overlay

SHAPE = (28, 28, 1)
MNIST = Drawing(LIGHT_ON_DARK, 20)


def sample() -> tuple[np.ndarray, np.ndarray]:
    images, labels = read_sample(zoo.find("mnist").sample)
    assert labels is not None
    return images[:100], labels[:100]


def on_paper(image: np.ndarray, seed: int) -> np.ndarray:
    """Return a digit as a photograph: ten times as large, dark on a light page with grain, somewhere on it."""
    random = np.random.default_rng(seed)
    ink = 255 - np.asarray(
        Image.fromarray(image[:, :, 0]).resize((280, 280), Image.Resampling.BICUBIC)
    ).astype(int)
    page = np.full((500, 640), 235)
    row, column = random.integers(5, 215), random.integers(5, 355)
    page[row : row + 280, column : column + 280] = 20 + ink * 215 // 255
    return np.clip(page + random.normal(0, 3, page.shape), 0, 255).astype(np.uint8)


def right(frames: list[np.ndarray], labels: np.ndarray) -> int:
    scores = golden.scores(zoo.find("mnist").model, np.stack(frames))
    return int((scores.argmax(axis=1) == labels).sum())


def test_digits_on_paper_are_told_prepared_and_only_prepared() -> None:
    images, labels = sample()
    pages = [on_paper(image, seed) for seed, image in enumerate(images)]
    assert right([prepare_drawing(page, MNIST, SHAPE) for page in pages], labels) == 97
    with pytest.warns(PolarityWarning):
        scaled = [as_frame(page, SHAPE, resize=True, drawing=MNIST) for page in pages]
    assert right(scaled, labels) == 2


def test_what_is_prepared_already_stays_right() -> None:
    images, labels = sample()
    for pictures in (images, 255 - images):
        assert right([prepare_drawing(picture[:, :, 0], MNIST, SHAPE) for picture in pictures], labels) >= 98


def test_the_rule_by_its_numbers() -> None:
    page = np.full((50, 90), 230, np.uint8)
    page[10:20, 60:65] = 30  # 10 x 5 pixels of ink
    page[40, 10] = 225  # grain
    frame = prepare_drawing(page, MNIST, SHAPE)
    ink = np.argwhere(frame[:, :, 0] >= 64)
    assert frame.shape == SHAPE and frame.max() == 255 and frame[0, 0, 0] == 0
    assert (ink.min(axis=0), ink.max(axis=0) + 1) == (pytest.approx([4, 9]), pytest.approx([24, 19]))
    dark = prepare_drawing(page, Drawing(DARK_ON_LIGHT, 20), SHAPE)
    assert (dark == 255 - frame).all()


def test_the_data_set_tells_what_its_drawings_look_like() -> None:
    images, _ = sample()
    assert measure(images) == MNIST
    assert measure(255 - images) == Drawing(DARK_ON_LIGHT, 20)
    assert measure(np.repeat(images, 3, axis=3)) is None
    assert measure(np.random.default_rng(1).integers(0, 256, (20, 8, 8, 1), np.uint8)) is None
    assert measure(images[:0]) is None
    assert measure(np.zeros((5, 4, 4, 1), np.uint8)) is None


def described(folder: Path, drawing: object = MNIST._asdict()) -> Path:
    bitstream = overlay(folder, SHAPE)
    manifest = bitstream.with_suffix(".json")
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"drawing": drawing}))
    return bitstream


def test_the_driver_warns_once_of_the_opposite_and_prepares(tmp_path: Path) -> None:
    images, _ = sample()
    bitstream = described(tmp_path)
    path = tmp_path / "digit.png"
    Image.fromarray(on_paper(images[0], 1)).save(path)
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        assert loaded.info["drawing"] == MNIST._asdict()
        with pytest.warns(PolarityWarning, match="dark on light.*trained on light on dark.*prepare='digit'"):
            loaded.classify(path, resize=True)
        with pytest.warns(PolarityWarning):
            loaded.classify(255 - images[0])
        with pytest.warns(PolarityWarning):
            loaded.predict(255 - images)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for picture in (path, str(path), Image.open(path), np.asarray(Image.open(path).convert("RGB"))):
                found = loaded.classify(picture, prepare="digit")
                assert (
                    found.scores
                    == loaded.classify(prepare_drawing(on_paper(images[0], 1), MNIST, SHAPE)).scores
                ).all()
            loaded.classify(images[0]), loaded.predict(images)


def test_a_network_that_knows_no_drawings_says_so(tmp_path: Path) -> None:
    bitstream = described(tmp_path, None)
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        with pytest.raises(BoardError, match="by its manifest this one was not"):
            loaded.classify(np.zeros(SHAPE, np.uint8), prepare="digit")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            loaded.classify(np.full(SHAPE, 255, np.uint8))


@pytest.mark.parametrize(
    "drawing", [{"polarity": "grey", "box": 20}, {"polarity": LIGHT_ON_DARK}, "light", {"box": 3}]
)
def test_a_manifest_with_another_drawing_is_refused(tmp_path: Path, drawing: object) -> None:
    with pytest.raises(BoardError, match="not a manifest"):
        Manifest.load(described(tmp_path, drawing).with_suffix(".json"))


@pytest.mark.parametrize(
    ("image", "prepare", "message"),
    [
        (np.full((40, 40), 200, np.uint8), "digit", "there is nothing to see"),
        (np.zeros((40, 40), np.uint8), "face", "prepare is 'digit', not 'face'"),
        (np.zeros((0, 40), np.uint8), "digit", "has no pixels"),
        (np.zeros((40, 40), np.float32), "digit", "a picture is uint8"),
        (np.zeros((4, 4, 2), np.uint8), "digit", "a picture is uint8"),
        ([[1]], "digit", "not list"),
        ("nowhere.png", "digit", "no picture that can be read"),
    ],
)
def test_what_cannot_be_prepared_is_refused(image: object, prepare: str, message: str) -> None:
    with pytest.raises(BoardError, match=message):
        as_frame(image, SHAPE, prepare=prepare, drawing=MNIST)


def test_a_damaged_picture_is_no_traceback_of_pillow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tmp_path / "whole.png"
    Image.fromarray(np.arange(256, dtype=np.uint8).reshape(16, 16)).save(whole)
    content = bytearray(whole.read_bytes())
    for cut in (b"", content[:20], content[: len(content) // 2], content[:40] + b"\xff" * 9 + content[49:]):
        (tmp_path / "cut.png").write_bytes(cut)
        with pytest.raises(BoardError, match="no picture that can be read"):
            as_frame(tmp_path / "cut.png", (16, 16, 1))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    with pytest.raises(BoardError, match="no picture that can be read.*decompression bomb"):
        as_frame(whole, (16, 16, 1))


def test_polarity_of_ordinary_images_is_left_alone() -> None:
    images, _ = sample()
    assert not any(opposite(image, MNIST) for image in images)
    assert all(opposite(255 - image, MNIST) for image in images)
    assert not opposite(np.full(SHAPE, 255, np.uint8), None)


def test_a_photograph_is_turned_its_transparency_white_and_sixteen_bits_eight(tmp_path: Path) -> None:
    page = np.full((60, 90), 230, np.uint8)
    page[10:50, 20:26], page[10:16, 20:50] = 20, 20  # upright, a corner
    wanted = prepare_drawing(page, MNIST, SHAPE)

    def prepared(picture: Image.Image, name: str, **options: object) -> np.ndarray:
        picture.save(tmp_path / name, **options)
        return as_frame(tmp_path / name, SHAPE, prepare="digit", drawing=MNIST)

    exif = Image.Exif()
    exif[0x112] = 6  # to be turned by 90 degrees clockwise
    turned = Image.fromarray(np.rot90(page).copy())
    assert (prepared(turned, "turned.png", exif=exif) == wanted).all()
    assert (prepared(Image.fromarray(page.astype(np.uint16) * 256), "deep.png") == wanted).all()
    clear = np.zeros((60, 90, 4), np.uint8)  # black, and nothing of it to be seen where there is no ink
    clear[page == 20, 3] = 255
    assert (
        prepared(Image.fromarray(clear), "clear.png")
        == prepare_drawing(np.where(page == 20, 0, 255).astype(np.uint8), MNIST, SHAPE)
    ).all()
