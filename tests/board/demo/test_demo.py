"""Pictures in, answers out: what the hardware is given, and what is said of its scores."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import numpy as np
import pytest
from PIL import Image

from board import notebooks
from board.demo import Demo
from board.errors import BoardError
from board.images import as_frame
from board.overlay import DTSCNNOverlay
from board.reference import Reference
from tests.board.demo.conftest import MNIST, SHAPE

NOTEBOOK = Path(notebooks.__file__).parent / "4_demo.ipynb"
Load = Callable[..., DTSCNNOverlay]
CORNER = [[(0.1, 0.1), (0.1, 0.4)], [(0.3, 0.4), (0.1, 0.4)]]


def test_what_is_drawn_is_prepared_and_what_is_shown_is_what_the_hardware_got(load: Load) -> None:
    overlay = load()
    demo = Demo(overlay)
    answer = demo.draw(CORNER)
    wanted = as_frame(demo.pen.page, SHAPE, prepare="digit", drawing=MNIST)
    assert np.array_equal(answer.frame, wanted) and answer is demo.answer
    assert (answer.result.scores == overlay.classify(demo.pen.page, prepare="digit").scores).all()
    assert (answer.result.scores == Reference(demo.manifest.network_file).scores(wanted)).all()
    assert answer.is_exact and [layer.name for layer in answer.layers] == ["conv0", "dense0"]
    assert (answer.cycles, answer.mhz, answer.simulated, answer.truth) == (1000, 100.0, True, None)
    assert np.array_equal(demo.draw(CORNER).frame, wanted)  # the page is wiped before


def test_an_empty_page_is_no_drawing(load: Load) -> None:
    with pytest.raises(BoardError, match="there is nothing to see"):
        Demo(load()).draw([])


def test_without_the_network_s_file_there_are_scores_alone(load: Load) -> None:
    answer = Demo(load(network=False)).draw(CORNER)
    assert (answer.layers, answer.expected, answer.is_exact) == ((), None, None)
    assert (
        "no maps" in repr(answer)
        and "gives scores alone, and this overlay came without" in answer._repr_html_()
    )


def test_hardware_that_differs_is_told(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    overlay = load()
    demo = Demo(overlay)
    right = demo.draw(CORNER)
    honest = overlay.classifier.classify
    wrong = right.result.scores + np.eye(10, dtype=np.int32)[4]
    monkeypatch.setattr(overlay.classifier, "classify", lambda frame: honest(frame)._replace(scores=wrong))
    answer = demo.draw(CORNER)
    assert answer.is_exact is False and "SCORES DIFFER" in repr(answer)
    told = f"e has {wrong[4]}, not {right.result.scores[4]}"
    assert told in answer._repr_html_() and "are equal" not in answer._repr_html_()


@pytest.mark.parametrize(
    ("changes", "canvas", "can_draw"),
    [
        ({}, None, True),
        ({"classes": [*"012345678", "ten"]}, None, False),
        ({"drawing": None}, None, False),
        ({"drawing": None}, True, True),
        ({}, False, False),
    ],
)
def test_one_draws_where_the_data_set_has_drawings_of_signs(
    load: Load, changes: dict[str, object], canvas: bool | None, can_draw: bool
) -> None:
    assert Demo(load(**changes), canvas).can_draw is can_draw


def test_sample_images_are_shown_as_they_are_with_their_class(load: Load) -> None:
    demo = Demo(load())
    golden = demo.manifest.golden_vectors()
    for index in (0, 19):
        answer = demo.show(index)
        assert np.array_equal(answer.frame, golden.images[index])
        assert answer.truth == demo.manifest.classes[golden.labels[index]] == answer.result.class_name
    for index in (-1, 20):
        with pytest.raises(BoardError, match=f"sample images 0 to 19, not {index}"):
            demo.show(index)


def test_a_picture_file_is_prepared_as_a_drawing_or_cut_and_scaled(load: Load, tmp_path: Path) -> None:
    page = np.full((90, 60), 230, np.uint8)
    page[20:60, 10:14] = 20
    path = tmp_path / "drawn.png"
    Image.fromarray(page).save(path)
    drawn = Demo(load()).show(path)
    assert np.array_equal(drawn.frame, as_frame(page, SHAPE, prepare="digit", drawing=MNIST))
    photograph = np.random.default_rng(1).integers(0, 256, (40, 56, 3), np.uint8)
    Image.fromarray(photograph).save(path)
    colour = Demo(load(channels=3)).show(str(path))
    assert np.array_equal(colour.frame, as_frame(photograph, (28, 28, 3), resize=True))
    with pytest.raises(BoardError, match="nowhere.png is no picture"):
        Demo(load()).show("nowhere.png")


def test_a_stroke_under_way_is_asked_about_a_third_of_the_time(load: Load) -> None:
    times = iter([10.0, 10.4, 10.4, 11.1, 11.21, 20.0, 21.0])
    demo = Demo(load(), clock=lambda: next(times))
    assert demo.is_slow  # nobody knows yet
    demo.draw(CORNER)  # from 10.0 to 10.4: the next one from 11.2
    assert not demo.is_slow
    assert [demo.is_due, demo.is_due, demo.is_due] == [False, False, True]
    demo.draw(CORNER)
    assert demo.is_slow


@pytest.mark.parametrize(
    ("channels", "said"), [(1, "drawn: a seven\ntold: "), (3, "sample image 0, labelled g\ntold: g\n")]
)
def test_the_notebook_s_cells_draw_or_choose(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], channels: int, said: str
) -> None:
    monkeypatch.setattr("board.overlay.DTSCNNOverlay", lambda bitstream: load(channels=channels))
    names: dict[str, object] = {}
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        if cell.cell_type == "code":
            exec(cell.source, names)
    assert said in capsys.readouterr().out
    demo = names["demo"]
    assert isinstance(demo, Demo) and demo.answer is not None and demo.answer.truth == demo.samples[1].name


def test_it_says_where_it_runs_and_what_it_tells_apart(load: Load) -> None:
    assert Demo(load()).about == (
        "net on the simulated board at 100 MHz: images of 28 x 28 x 1, classes a, b, c, d, e, f, g, h, i, j"
    )
