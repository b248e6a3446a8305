"""Where a model's files are: `MODEL` on the command line to `build/<model>/`."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from filelock import BaseFileLock

from dt_scnn import models
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path, write_json
from dt_scnn.lock import hold
from hls_project.workspace import stage

_ORIGIN = "origin.json"


@dataclass(frozen=True)
class Workspace:
    """The folder of one model. sample: images with labels, if the model came with some. origin: which model it is.

    lock: of the folder, held as long as this refers to it; see `release`.
    """

    name: str
    folder: Path
    sample: Path | None
    origin: str = ""
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
    def work(self) -> Path:
        """What the user made of this model and no verb can make again: trainings, edited notebooks."""
        return models.work_folder(self.folder.parent) / self.name

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
    """Return the workspace of the model that `model` means; see `dt_scnn.models.find`.

    The folder is locked for this process first (`dt_scnn.lock`). The file is copied there, so that the folder is complete
    in itself.

    Raises:
        ConfigurationError: there is no such model, or another run goes on using its folder.
    """
    found = models.find(model, build)
    inside = found.path.resolve().parent
    if inside.parent == build.resolve() and found.path.name == "model.onnx":
        folder = build / inside.name
        return Workspace(inside.name, folder, found.sample, str(found), hold(folder))
    lock = hold(build / found.name)
    _adopt(found.path, build / found.name)
    return Workspace(found.name, build / found.name, found.sample, str(found), lock)


def _is_own(folder: Path) -> bool:
    """Say whether the folder's model was put there by someone and not by `_adopt`."""
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
            f"{target} is a model that was trained there, and {source} would replace it; move its folder to "
            f"{models.work_folder(folder.parent) / folder.name}, or give another --build"
        )
    # Noted before it is done: a copy that is interrupted leaves no model that looks as if it were made here.
    write_json(folder / _ORIGIN, {"keys": [key for key in (present, source_key) if key]})
    with atomic_path(target) as partial:
        shutil.copyfile(source, partial)
