"""`clean`: remove the folder of results; what a user made and a version of before left in there is moved out of it first.

Needs the standard library alone, so that it works without an environment: `python3 -m dt_scnn.clean`.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from dt_scnn.models import BUILD, work_folder

_TRAINED = ("train", "card.json", "model.onnx", "sample.npz")
"""What a training leaves."""


def users_work(results: Path) -> Iterator[Path]:
    """Yield what no verb can make again in the results of one model: a training, notebooks, a plan made by hand."""
    if (results / "train").is_dir() or (results / "card.json").is_file():
        yield from (results / name for name in _TRAINED if (results / name).exists())
    yield from sorted(
        path for path in results.glob("notebooks/*.ipynb") if not path.name.endswith(".run.ipynb")
    )
    plan = results / "plan.json"
    try:
        if json.loads(plan.read_text()).get("goal") is None:
            yield plan
    except (OSError, ValueError, AttributeError):
        return


def clean(build: Path) -> list[Path]:
    """Remove `build`, or, of a link to a folder, what is in it; return where the user's work that was in it has gone.

    What is at its place in the work folder already is not replaced: then `build` stays, and nothing is lost.

    Raises:
        FileExistsError: there are two versions of something; the message names both.
    """
    moves = [
        (path, work_folder(build) / path.relative_to(build))
        for results in sorted(build.glob("*/"))
        for path in users_work(results)
    ]
    for source, target in moves:
        if target.exists() and not _same(source, target):
            raise FileExistsError(
                f"nothing was removed: {source} and {target} are both there; keep one of them"
            )
    for source, target in moves:
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(source, target)
    if build.is_symlink() and build.is_dir():  # such as to a larger disk: the link stays
        for path in list(build.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
    elif build.exists():
        shutil.rmtree(build)
    return [target for _, target in moves]


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


if __name__ == "__main__":
    try:
        for kept in clean(BUILD):
            print(f"kept: {kept}")
    except OSError as error:
        sys.exit(f"error: {error}")
