"""A model's reports, and whether each may be shown as this model's: it may if it was made from what is there now."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter, ValidationError

from dt_scnn.next_verb import HOST
from hls_project.page import contents
from hls_project.reports import made_from

State = Literal["there", "not run", "of other inputs", "damaged"]
Command = Callable[..., str]


@dataclass(frozen=True)
class Kept:
    """A report that a verb leaves. file: its name without suffix. planned: whether the plan changes it."""

    file: str
    title: str
    content: type
    verb: str
    planned: bool = True
    words: tuple[tuple[str, str], ...] = ()


KEPT = (
    Kept("csim", "C-simulation", contents.Csim, "csim"),
    Kept("dataflow", "C++ as threads on bounded streams", contents.Dataflow, "dataflow"),
    Kept("cosim", "co-simulation", contents.Cosim, "cosim"),
    Kept("gatesim", "simulation of the netlist", contents.Gatesim, "gatesim"),
    Kept("simulated_board", "simulated board", contents.SimulatedBoard, "simulate-board"),
    Kept("board", "board", contents.Board, "board-report", words=(("HOST", HOST),)),
    Kept("estimate", "synthesis by yosys", contents.Estimate, "estimate"),
    Kept("timing", "routed timing on a stand-in", contents.Timing, "timing"),
    Kept("explore", "rates and what they cost", contents.Explore, "explore", planned=False),
    Kept("compare", "beside the conventional SCNN", contents.Compare, "compare", planned=False),
    Kept("bitstream", "implementation by Vivado", contents.Bitstream, "bitstream"),
)


@dataclass(frozen=True)
class Part:
    """A report as it was found. why: what is wrong, "" if nothing is. content: None unless it is there.

    command: what makes it, or makes it again. remark: what the reader should know of one that is there.
    """

    kept: Kept
    state: State
    command: str
    why: str = ""
    content: Any = None
    date: datetime | None = None
    remark: str = ""
    images: tuple[int, str] | None = None


def read_parts(folder: Path, command: Command) -> dict[str, Part]:
    """Return the reports of the model in `folder`, by file. command: of a verb, with what is given to it."""
    now = made_from.made_from(folder)
    return {kept.file: _read(folder, kept, command(kept.verb, **dict(kept.words)), now) for kept in KEPT}


def _read(folder: Path, kept: Kept, command: str, now: dict[str, Any]) -> Part:
    path = folder / "reports" / f"{kept.file}.json"
    try:
        raw = json.loads(path.read_text())
        date = datetime.fromtimestamp(path.stat().st_mtime)
    except FileNotFoundError:
        return Part(kept, "not run", command)
    except (OSError, ValueError, RecursionError) as error:
        return Part(kept, "damaged", command, f"{path} is damaged: {_brief(error)}")
    if not isinstance(raw, dict):
        return Part(kept, "damaged", command, f"{path} is damaged: it holds no report")
    made = raw.get(made_from.KEY)
    if not isinstance(made, dict):
        why = f"{path} does not say what it was made from; an older version wrote it"
        return Part(kept, "of other inputs", command, why, date=date)
    if other := made_from.other_inputs(made, now, kept.planned):
        return Part(kept, "of other inputs", command, f"{path} is of {other}", date=date)
    try:
        content: Any = TypeAdapter(kept.content).validate_python(raw)
    except ValidationError as error:
        return Part(kept, "damaged", command, f"{path} is damaged: {_problem(error)}", date=date)
    if kept.file == "board" and _of_board(content) != now.get("model"):
        return Part(kept, "of other inputs", command, f"{path} is of another model's overlay", date=date)
    remark = "" if made.get("toolkit") == now["toolkit"] else "made by another version of this toolkit"
    return Part(kept, "there", command, "", content, date, remark, _images(made))


def _images(made: dict[str, Any]) -> tuple[int, str] | None:
    images = made.get("images")
    if not isinstance(images, dict) or not isinstance(images.get("count"), int):
        return None
    return images["count"], str(images.get("first"))


def _of_board(content: contents.Board) -> Any:
    manifest = content.files.get("manifest")
    return manifest.get("model") if isinstance(manifest, dict) else None


def _problem(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _brief(error: BaseException) -> str:
    return (getattr(error, "strerror", None) or str(error)).splitlines()[0][:200]
