"""What a report was made from: a model, a plan, images, a version of this toolkit.

A report lies in `build/<model>/reports/`, beside the model and its plan. Whoever reads it can tell whether it is of those.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn.files import read_json, sha256, write_json
from hls_project.workspace import stage

KEY = "made_from"
_FIRST = 10
"""Images whose digest is noted: a longer run begins with those of a shorter one."""


def write_report(path: Path, content: dict[str, Any], images: NDArray[np.uint8] | None = None) -> None:
    """Write a report, and in it what it was made from. images: (N, H, W, C) that it is about, if any."""
    write_json(path, content | {KEY: made_from(path.parents[1], images)})


def made_from(folder: Path, images: NDArray[np.uint8] | None = None) -> dict[str, Any]:
    """Return what a report on the model in `folder` is made from now.

    toolkit: digest of this package and what it generates with. model: SHA-256 of the QONNX file. plan: part, clock and folds.
    images: see `images_digest`. What is not there is left out.
    """
    found: dict[str, Any] = {"toolkit": stage.generator_key()[:16]}
    if (folder / "model.onnx").is_file():
        found["model"] = sha256(folder / "model.onnx")
    try:
        plan = read_json(folder / "plan.json")
        found["plan"] = {name: plan[name] for name in ("part", "clock_mhz", "folds")}
    except (OSError, ValueError, KeyError, TypeError):
        pass  # what needs a plan has read it before
    if images is not None:
        found["images"] = {"count": len(images), "first": images_digest(images)}
    return found


def other_inputs(made: dict[str, Any], now: dict[str, Any], planned: bool = True) -> str:
    """Return which other inputs a report was made from, "" if they are those of now.

    made: what the report says. now: see `made_from`. planned: the plan counts, too.
    """
    if made.get("model") != now.get("model"):
        return "another model, or of this one as it was before"
    if not planned or made.get("plan") == now.get("plan"):
        return ""
    before, after = made.get("plan"), now.get("plan")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return "another plan"
    changed = [name for name in ("part", "clock_mhz") if before.get(name) != after.get(name)]
    folds, others = before.get("folds"), after.get("folds")
    if isinstance(folds, dict) and isinstance(others, dict):
        changed += [name for name, fold in others.items() if folds.get(name) != fold]
    return f"another plan ({', '.join(changed) or 'other layers'})"


def images_digest(images: NDArray[np.uint8]) -> str:
    """Return a digest of the first images (N, H, W, C), by which a sample is known."""
    return sha256(np.ascontiguousarray(images[:_FIRST]).tobytes())[:16]
