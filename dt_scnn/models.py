"""Which file a model's name means: one rule for every verb of every package."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError

Origin = Literal["zoo", "trained here", "file"]
BUILD = Path("build")
"""Folder of all results: what can be made again."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Model:
    """A QONNX file. name: what its results are kept under. sample: images with labels beside it, if there are any."""

    name: str
    path: Path
    sample: Path | None
    origin: Origin

    def __str__(self) -> str:
        """Return which model it is, with the file's date, for the user."""
        date = datetime.fromtimestamp(self.path.stat().st_mtime)
        return f"{self.name} ({self.origin}, {date:%Y-%m-%d %H:%M}): {self.path}"


def work_folder(build: Path) -> Path:
    """Return where trainings and edited notebooks are kept: `work` beside `build`, `X-work` beside another folder X.

    It is never inside `build`, which may be deleted at any time.
    """
    return build.parent / ("work" if build.name == BUILD.name else f"{build.resolve().name}-work")


def find(model: str, build: Path = BUILD) -> Model:
    """Return the model that `model` means: the path of a QONNX file, else a model trained here, else one of the zoo.

    A model was trained here if `train` has left it in `work/<name>/`, beside `build`.

    Raises:
        ConfigurationError: there is no such model.
    """
    if model.endswith(".onnx"):
        return _file(Path(model))
    work = work_folder(build)
    if _NAME.fullmatch(model) and model not in (".", ".."):
        trained = work / model / "model.onnx"
        if trained.is_file():
            return Model(model, trained, _sample(trained), "trained here")
    if model not in zoo.names():
        trained_names = sorted(path.parent.name for path in work.glob("*/model.onnx"))
        raise ConfigurationError(
            f"there is no model {model!r}: the zoo has {', '.join(zoo.names())}; trained here: "
            f"{', '.join(trained_names) or 'none'}; or give the path of a QONNX file, which ends in .onnx"
        )
    entry = zoo.find(model)
    if not entry.model.is_file():
        raise ConfigurationError(
            f"the zoo has a recipe for {model!r} but no trained model; run: make train MODEL={model}"
        )
    return Model(model, entry.model, _sample(entry.model), "zoo")


def path_to_write(path: str | Path) -> Path:
    """Return the path of a QONNX file that is to be written.

    Raises:
        ConfigurationError: no verb would take it as a path, for it does not end in .onnx.
    """
    if not str(path).endswith(".onnx"):
        raise ConfigurationError(
            f"the path of a QONNX file ends in .onnx, such as {path}.onnx, not {str(path)!r}"
        )
    return Path(path)


def clean_name(text: str) -> str:
    """Return a name for a folder of results: letters, digits, `.`, `_` and `-` of `text`, and `_` for what is none."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".") or "model"


def _file(path: Path) -> Model:
    if not path.is_file():
        raise ConfigurationError(f"{path}: there is no such QONNX file")
    stem = path.resolve().parent.name if path.stem == "model" else path.stem
    return Model(clean_name(stem), path, _sample(path), "file")


def _sample(model: Path) -> Path | None:
    sample = model.with_name("sample.npz")
    return sample if sample.is_file() else None
