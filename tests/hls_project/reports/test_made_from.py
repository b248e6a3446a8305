"""Every report says what it was made from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from dt_scnn.files import sha256
from hls_project.reports import made_from

IMAGES = np.arange(12 * 4, dtype=np.uint8).reshape(12, 2, 2, 1)


def test_a_report_names_its_model_its_plan_and_its_images(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"model")
    folds = {"conv0": {"engine": "tables", "pe": 2, "simd": 9, "mmv": 1}}
    plan = {"part": "xc7z020", "clock_mhz": 50.0, "folds": folds, "goal": None}
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    path = tmp_path / "reports" / "csim.json"
    made_from.write_report(path, {"exact": 3}, IMAGES)
    written = json.loads(path.read_text())
    said = written.pop(made_from.KEY)
    assert written == {"exact": 3} and said == made_from.made_from(tmp_path, IMAGES)
    assert said["model"] == sha256(b"model") and len(said["toolkit"]) == 16
    assert said["plan"] == {"part": "xc7z020", "clock_mhz": 50.0, "folds": folds}
    assert said["images"] == {"count": 12, "first": made_from.images_digest(IMAGES[:10])}


def test_what_is_not_there_is_left_out(tmp_path: Path) -> None:
    assert list(made_from.made_from(tmp_path)) == ["toolkit"]
    (tmp_path / "plan.json").write_text("{")
    assert list(made_from.made_from(tmp_path)) == ["toolkit"]


def test_other_images_have_another_digest() -> None:
    changed = IMAGES.copy()
    changed[9, 0, 0, 0] ^= 1
    assert made_from.images_digest(changed) != made_from.images_digest(IMAGES)
