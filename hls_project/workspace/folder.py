"""Where a model's files are: `MODEL` on the command line to `build/<model>/`."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from filelock import BaseFileLock

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path, write_json
from dt_scnn.lock import hold
from hls_project.workspace import stage

_ORIGIN = "origin.json"


@dataclass(frozen=True)
class Workspace:
    """The folder of one model. sample: images with labels, if the model came with some.

    lock: of the folder, held as long as this refers to it; see `release`.
    """

    name: str
    folder: Path
    sample: Path | None
    lock: BaseFileLock | None = field(default=None, repr=False, compare=False)

    def release(self) -> None:
        """Let other processes use the folder, as before handing over to one."""
        if self.lock is not None:
            self.lock.release(force=True)

    @property
    def model(self) -> Path:
        """The QONNX file."""
        return self.folder / "model.onnx"

    @property
    def project(self) -> Path:
        """The Vitis HLS project."""
        return self.folder / "hls"

    @property
    def rtl(self) -> Path:
        """The SystemVerilog core."""
        return self.folder / "rtl"

    @property
    def golden(self) -> Path:
        """Golden vectors."""
        return self.folder / "golden.npz"

    @property
    def reports(self) -> Path:
        """Reports, as JSON."""
        return self.folder / "reports"


def open_workspace(model: str, build: Path) -> Workspace:
    """Return the workspace of `model`: a path to a QONNX file, or the name of a model trained here or in the zoo.

    The folder is locked for this process first (`dt_scnn.lock`). A name finds the model that `train` has left in `build/<name>/`, else the zoo's. The file is copied there, so that
    the folder is complete in itself.

    Raises:
        ConfigurationError: there is no such model, or another run goes on using its folder.
    """
    if model.endswith(".onnx"):
        source = Path(model)
        if not source.is_file():
            raise ConfigurationError(f"{model}: there is no such QONNX file")
        stem = source.resolve().parent.name if source.stem == "model" else source.stem
        name = re.sub(r"[^A-Za-z0-9._-]", "_", stem).lstrip(".") or "model"
        sample = source.with_name("sample.npz")
        inside = source.resolve().parent
        in_place = inside.parent == build.resolve() and source.name == "model.onnx"
        name = inside.name if in_place else name
        lock = hold(build / name)
        if not in_place:
            _adopt(source, build / name)
        return Workspace(name, build / name, sample if sample.is_file() else None, lock)
    folder = build / model if re.fullmatch(r"[A-Za-z0-9._-]+", model) and model not in (".", "..") else None
    if folder is not None and _is_own(folder):
        sample = folder / "sample.npz"
        return Workspace(model, folder, sample if sample.is_file() else None, hold(folder))
    entry = zoo.find(model)  # names the known models if there is none
    if not entry.model.is_file():
        raise ConfigurationError(
            f"the zoo has a recipe for {model!r} but no trained model; run: make train MODEL={model}"
        )
    lock = hold(build / model)
    _adopt(entry.model, build / model)
    return Workspace(model, build / model, entry.sample, lock)


def _is_own(folder: Path) -> bool:
    """Say whether the folder's model was put there by training and not by `_adopt`."""
    if not (folder / "model.onnx").is_file():
        return False
    try:
        origin = json.loads((folder / _ORIGIN).read_text())
    except (OSError, ValueError):
        return True
    return not isinstance(origin, dict) or stage.key(folder / "model.onnx") not in origin.get("keys", ())


def _adopt(source: Path, folder: Path) -> None:
    """Copy a model into its workspace, unless it is there.

    Raises:
        ConfigurationError: the workspace holds another model, which was made there.
    """
    target, source_key = folder / "model.onnx", stage.key(source)
    present = stage.key(target) if target.is_file() else None
    if present == source_key:
        return
    if _is_own(folder):
        raise ConfigurationError(
            f"{target} is a model that was trained there, and {source} would replace it; rename either, or give another --build"
        )
    # Noted before it is done: a copy that is interrupted leaves no model that looks as if it were made here.
    write_json(folder / _ORIGIN, {"keys": [key for key in (present, source_key) if key]})
    with atomic_path(target) as partial:
        shutil.copyfile(source, partial)
