"""The report of a board: every check by itself, in one file, with nothing personal in it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

from board import report
from board.manifest import Manifest
from board.simulated.hardware import Fault
from dt_scnn.files import sha256
from tests.board.instant import instant_board, overlay


def test_a_board_that_is_well_has_figures_and_no_error(tmp_path: Path) -> None:
    bitstream = overlay(tmp_path)
    seen: list[str] = []
    found = report.collect(bitstream, seen.append, instant_board(bitstream))
    assert report.failures(found) == [] and seen[0] == "versions" and seen[-1] == "counters"
    assert found["golden"]["exact"] == 20 and found["first_difference"]["differing"] == 0
    assert found["clock"]["measured"] == pytest.approx(100.0, rel=1e-3)
    assert found["speed"]["images_per_second"] > 0 and found["counters"]["magic"] == 0x4E535444
    assert found["files"]["manifest"]["build_id"] == "0123456789abcdef"
    assert found["files"]["manifest"]["model"] == Manifest.load(tmp_path / "net.json").model
    assert found["pynq"]["fclk0_mhz"] is not None and found["system"]["python"]
    json.dumps(found)


def test_a_difference_is_told_with_both_scores(tmp_path: Path) -> None:
    bitstream = overlay(tmp_path)
    golden = Manifest.load(tmp_path / "net.json").golden_vectors()
    changed = golden.scores.copy()
    changed[3, 4] += 1
    np.savez(tmp_path / "net.golden.npz", images=golden.images, labels=golden.labels, scores=changed)
    content = json.loads((tmp_path / "net.json").read_text())
    content["golden"]["sha256"] = sha256(tmp_path / "net.golden.npz")
    (tmp_path / "net.json").write_text(json.dumps(content))
    found = report.collect(bitstream, device=instant_board(bitstream))
    assert [name for name, _ in report.failures(found)] == ["golden"]
    difference = found["first_difference"]
    assert (difference["image"], difference["differing"]) == (3, 1)
    assert difference["expected"][4] == difference["in_a_batch"][4] + 1
    assert difference["alone"] == 3 * [difference["in_a_batch"]]


def test_a_failed_check_does_not_hide_the_others(tmp_path: Path) -> None:
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)
    board.inject(Fault.WRONG_BUILD_ID)
    found = report.collect(bitstream, device=board)
    assert "BuildMismatchError" in found["load"]["error"] and "golden" not in found
    assert found["files"]["manifest"]["name"] == "net" and found["system"]["python"]
    board = instant_board(bitstream)
    board._dma.fault = Fault.DECODE_ERROR
    found = report.collect(bitstream, device=board)
    assert [name for name, _ in report.failures(found)] == ["golden"]  # the fault comes once
    assert "DMA decode error" in found["golden"]["error"]


def test_no_path_of_a_person_is_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "net.json").write_text("{")
    monkeypatch.chdir(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(report, "PATHS", re.compile(f"({tmp_path}/)[^\\s'\",:;)]*"))
        assert report.main([str(home / "net.bit"), "--output", "out.json"]) == 1
    text = (tmp_path / "out.json").read_text()
    assert str(tmp_path) not in text and "<path>/net.json" in text
    assert not (tmp_path / "out.json.partial").exists()
    assert report._anonymous("'/home/anna/jupyter_notebooks/net.bit' is missing; /root/x.npz") == (
        "'<path>/net.bit' is missing; <path>/x.npz"
    )
