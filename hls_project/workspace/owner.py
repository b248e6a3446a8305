"""Which model a folder of results belongs to, by the place that the model came from and by its digest."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from dt_scnn import models
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path, read_json, write_json
from dt_scnn.models import Model
from hls_project.workspace import stage

_ORIGIN = "origin.json"
_ASIDE = "model.onnx.aside"
_KEPT = {
    "model.onnx",
    _ASIDE,
    _ORIGIN,
    ".lock",
    ".lock.json",
    "plan.json",
    "notebooks",
    "bitstream",
    "explore",
}
"""What stays as a model changes: what a user may have made, and what took hours and knows itself what it was made from."""


@dataclass(frozen=True)
class Owner:
    """A model's claim to a folder. name: what the user calls it, a name or an absolute path. source: its file.

    keys: digests of its file, now and before.
    """

    name: str
    source: str
    keys: tuple[str, ...]


def of(model: Model, build: Path) -> Owner:
    """Return the claim of a model: zoo and training share a name, a file is known by its path."""
    path = model.path.resolve()
    named = model.origin != "file" or path.parent.parent == models.work_folder(build).resolve()
    return Owner(model.name if named else str(path), str(path), (stage.key(path),))


def read(folder: Path) -> Owner:
    """Return who a folder belongs to, as it was noted there; an empty name if it was not."""
    try:
        noted = read_json(folder / _ORIGIN)
        keys = tuple(str(key) for key in noted["keys"])
        return Owner(str(noted.get("owner", "")), str(noted.get("source", "")), keys)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Owner("", "", ())


def may_have(folder: Path, claimant: Owner) -> bool:
    """Say whether a folder is the claimant's, or nobody's, or has the very same model in it."""
    noted = read(folder)
    return noted.name in ("", claimant.name) or _present(folder) in claimant.keys


def claim(source: Path, folder: Path, claimant: Owner) -> str:
    """Copy the model of the file `source` into its folder, unless it is there; return what the user should know of it.

    The results of another model that was there are removed first.

    Raises:
        ConfigurationError: the folder holds another model, which was made there by a version that noted no owner.
    """
    present, noted = _present(folder), read(folder)
    if present in claimant.keys:
        if not noted.name and noted.keys:
            _note(folder, claimant, noted.keys)
        return ""
    foreign = bool(present) and present not in noted.keys
    if foreign and not noted.name:
        raise ConfigurationError(
            f"{folder / 'model.onnx'} is a model that was trained there, and {source} would replace it; move its folder to "
            f"{models.work_folder(folder.parent) / folder.name}, or give another --build"
        )
    if foreign:
        (folder / "model.onnx").replace(folder / _ASIDE)
        aside = (
            f"{folder / 'model.onnx'} was damaged, or another model; it is made anew, and kept as {_ASIDE}"
        )
        if noted.keys[-1:] == claimant.keys[-1:]:  # all else there was made from the model that it was
            _copy(source, folder)
            return aside
        present = ""
    # Noted before it is done: a copy that is interrupted leaves no model that looks as if it were made here.
    _note(folder, claimant, tuple(key for key in (present, *claimant.keys) if key))
    renewed = _remove_results(folder) if present or foreign else False
    _copy(source, folder)
    if foreign:
        return aside
    return f"results: {folder} is renewed, for the model has changed since" if renewed else ""


def _copy(source: Path, folder: Path) -> None:
    with atomic_path(folder / "model.onnx") as partial:
        shutil.copyfile(source, partial)


def _note(folder: Path, owner: Owner, keys: tuple[str, ...]) -> None:
    write_json(folder / _ORIGIN, {"owner": owner.name, "source": owner.source, "keys": list(keys)})


def _present(folder: Path) -> str:
    """Return the digest of the model that is in a folder, "" if there is none."""
    file = folder / "model.onnx"
    return stage.key(file) if file.is_file() else ""


def _remove_results(folder: Path) -> bool:
    """Remove what was made from the model of before; return whether there was anything."""
    old = [path for path in folder.iterdir() if path.name not in _KEPT]
    old += folder.glob("notebooks/*.run.ipynb")
    for path in old:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    return bool(old)
