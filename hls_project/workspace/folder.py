"""Where a model's files are: `MODEL` on the command line to `build/<model>/`."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import BaseFileLock

from dt_scnn import models
from dt_scnn.files import atomic_path
from dt_scnn.lock import hold
from hls_project.workspace import owner
from hls_project.workspace.owner import Owner

if TYPE_CHECKING:
    from onnx import ModelProto


@dataclass(frozen=True)
class Workspace:
    """The folder of one model. sample: images with labels, if the model came with some. origin: which model it is.

    note: what the user should know of the folder, "" if nothing. called: the model's own name, where that of the folder is
    longer. given: what the user gave for the model. lock: of the folder, held as long as this refers to it; see `release`.
    """

    name: str
    folder: Path
    sample: Path | None
    origin: str = ""
    note: str = ""
    called: str = ""
    given: str = ""
    lock: BaseFileLock | None = field(default=None, repr=False, compare=False)

    def release(self) -> None:
        """Let other processes use the folder, as before handing over to one."""
        if self.lock is not None:
            self.lock.release()

    @property
    def model(self) -> Path:
        """The QONNX file."""
        return self.folder / "model.onnx"

    @property
    def work(self) -> Path:
        """What the user made of this model and no verb can make again: trainings, edited notebooks."""
        return models.work_folder(self.folder.parent) / (self.called or self.name)

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

    It is `build/<name>`, or `build/<name>-<digits>` where that folder is of another model with the same name: two models
    never share results. A model that has changed since, as after training, has its results renewed: those of before are
    removed. The folder is locked for this process (`dt_scnn.lock`), and the file is copied there, so that the folder is
    complete in itself.

    Raises:
        ConfigurationError: there is no such model, or another run goes on using its folder.
    """
    found = models.find(model, build)
    inside = found.path.resolve().parent
    if inside.parent == build.resolve() and found.path.name == "model.onnx":
        folder = build / inside.name
        return Workspace(inside.name, folder, found.sample, str(found), given=model, lock=hold(folder))
    claimant = owner.of(found, build)
    while True:
        folder = _folder(build / found.name, claimant)
        lock = hold(folder)
        if folder == _folder(build / found.name, claimant):
            break
        lock.release()  # another run has claimed it for another model meanwhile
    try:
        note = owner.claim(found.path, folder, claimant)
    except BaseException:
        lock.release()
        raise
    if folder.name != found.name:
        note = f"results: {folder}, for {build / found.name} is of {owner.read(build / found.name).source}"
    return Workspace(folder.name, folder, found.sample, str(found), note, found.name, model, lock)


def open_proto(model: ModelProto, build: Path) -> Workspace:
    """Return the workspace of a model that is in memory: `build/<its graph's name>-<digits>`, the digits of its digest.

    Raises:
        ConfigurationError: another run goes on using its folder.
    """
    content = model.SerializeToString(deterministic=True)
    stem = models.clean_name(model.graph.name)
    folder = build / f"{stem}-{hashlib.sha256(content).hexdigest()[:8]}"
    lock = hold(folder)
    file = folder / "model.onnx"
    if not file.is_file() or file.read_bytes() != content:
        with atomic_path(file) as partial:
            partial.write_bytes(content)
    return Workspace(
        folder.name, folder, None, f"{folder.name} (in memory): {file}", given=str(file), lock=lock
    )


def _folder(wanted: Path, claimant: Owner) -> Path:
    """Return the folder of a model: the `wanted` one unless it is another model's."""
    if owner.may_have(wanted, claimant):
        return wanted
    digits = hashlib.sha256(claimant.name.encode()).hexdigest()[:8]
    return wanted.with_name(f"{wanted.name}-{digits}")
