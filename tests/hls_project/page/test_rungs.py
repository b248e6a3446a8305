"""Every rung of the ladder has its verdict, what it rests on, and its command."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hls_project.page import contents
from hls_project.page.cards import Trained
from hls_project.page.computed import Watched
from hls_project.page.parts import KEPT, Part
from hls_project.page.rungs import Rung, climb
from hls_project.reports.made_from import images_digest
from tests.hls_project.page import reports

WATCHED = Watched(reports.IMAGES, None, np.zeros((12, 10), np.int32), None, 12, 10, 10, ())
NONE = {kept.file: Part(kept, "not run", f"make {kept.verb}") for kept in KEPT}


def ladder(watched: Watched | None = WATCHED, **parts: Part) -> dict[str, Rung]:
    found = climb(Trained("net"), watched, NONE | parts, lambda verb, **words: f"make {verb}", "no images")
    return {rung.who.split(",")[0]: rung for rung in found}


def part(file: str, content: Any, images: Any = None) -> Part:
    return replace(NONE[file], state="there", content=content, images=images)


def csim(**others: Any) -> contents.Csim:
    return contents.Csim.model_validate(reports.CSIM | others)


def test_what_was_not_run_is_said_with_its_command() -> None:
    found = ladder(None)
    assert [rung.verdict for rung in found.values()] == ["not run"] * 9
    assert found["C++ of target hls"].command == "make csim" and found["onnxruntime"].detail == "no images"
    damaged = ladder(csim=replace(NONE["csim"], state="damaged", why="cut off"))["C++ of target hls"]
    assert (damaged.verdict, damaged.detail) == ("damaged", "cut off")


def test_equal_scores_are_exact_and_others_are_not() -> None:
    found = ladder(csim=part("csim", csim()))
    assert found["C++ of target hls"].verdict == "exact"
    assert found["C++ of target hls"].detail == "12 of 12 images, every score"
    wrong = csim(exact_images=reports.CSIM["exact_images"] | {"value": 11})  # type: ignore[operator]
    assert ladder(csim=part("csim", wrong))["C++ of target hls"].verdict == "differs"
    place = csim(first_difference={"image": 7, "layer": "conv0", "got": None})
    rung = ladder(csim=part("csim", place))["C++ of target hls"]
    assert rung.verdict == "differs" and rung.detail.endswith("first: image 7, layer conv0")
    nothing = csim(images=0, exact_images=reports.CSIM["exact_images"] | {"value": 0})  # type: ignore[operator]
    assert ladder(csim=part("csim", nothing))["C++ of target hls"].verdict == "differs"


@pytest.mark.parametrize(
    ("change", "who", "verdict"),
    [
        ({"recorded": 11}, "onnxruntime", "differs"),
        ({"recorded": None}, "onnxruntime", "reference"),
        ({"numpy_exact": 9}, "integer network", "differs"),
    ],
)
def test_what_is_computed_now_is_compared_too(change: dict[str, Any], who: str, verdict: str) -> None:
    assert ladder(replace(WATCHED, **change))[who].verdict == verdict
    assert ladder()[who].verdict == "exact"


def test_images_that_are_others_are_said() -> None:
    first = images_digest(reports.IMAGES[:2])
    assert ladder(csim=part("csim", csim(), (2, first)))["C++ of target hls"].remark == ""
    other = ladder(csim=part("csim", csim(), (3, first)))["C++ of target hls"]
    assert other.remark == "on other images than this page's" and other.verdict == "exact"


def test_a_board_that_fails_is_no_difference() -> None:
    board = contents.Board(files={}, golden=contents.Golden(error="BoardError: no clock"))
    rung = ladder(board=part("board", board))["driver on the board"]
    assert (rung.verdict, rung.detail, rung.kind) == ("failed", "BoardError: no clock", "measured")


def test_the_core_of_target_hls_has_its_name(tmp_path: Path) -> None:
    report = {name: reports.COSIM[name] for name in ("exact_images", "first_result", "cycles_per_image")}
    said = {"target": "hls", "images": {"value": 12, "kind": "simulated"}}
    content = contents.Cosim.model_validate(report | said)
    found = ladder(cosim=part("cosim", content))
    assert found["C++ by Vitis HLS"].verdict == "exact" and "SystemVerilog" not in found


def test_only_the_simulation_of_target_rtl_has_random_gaps() -> None:
    rtl = contents.Cosim.model_validate(reports.COSIM)
    hls = contents.Cosim.model_validate(reports.COSIM | {"target": "hls"})
    found = ladder(cosim=part("cosim", rtl))["SystemVerilog"]
    assert found.detail == "12 of 12 images, every score, random gaps and back-pressure"
    assert ladder(cosim=part("cosim", hls))["C++ by Vitis HLS"].detail == "12 of 12 images, every score"
