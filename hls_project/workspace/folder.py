"""Where a model's files are: `MODEL` on the command line to `build/<model>/`."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from dt_scnn import models
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path, write_json
from hls_project.workspace import stage

_ORIGIN = "origin.json"


@dataclass(frozen=True)
class Workspace:
    """The folder of one model. sample: images with labels, if the model came with some. origin: which model it is."""

    name: str
    folder: Path
    sample: Path | None
    origin: str = ""

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

    The file is copied there, so that the folder is complete in itself.

    Raises:
        ConfigurationError: there is no such model.
    """
    found = models.find(model, build)
    inside = found.path.resolve().parent
    if inside.parent == build.resolve() and found.path.name == "model.onnx":
        return Workspace(inside.name, build / inside.name, found.sample, str(found))
    _adopt(found.path, build / found.name)
    return Workspace(found.name, build / found.name, found.sample, str(found))


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
