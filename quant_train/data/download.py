"""Fetch the official files of a data set; each is checked against its known checksum before it is put in place."""

from __future__ import annotations

import hashlib
import tarfile
import urllib.request
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path
from quant_train.data.dataset import data_root
from quant_train.data.official import SOURCES

_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 20


def download(name: str, root: Path | None = None) -> Path:
    """Download the data set `name` into its folder under `root` and return the folder; files already there are kept.

    Raises:
        ConfigurationError: it is no data set that is downloaded, no mirror answers, or a checksum is wrong.
    """
    if name not in SOURCES:
        raise ConfigurationError(f"{name!r} is not downloaded; those that are: {', '.join(SOURCES)}")
    folder = data_root(root) / name
    for file, md5 in SOURCES[name].files.items():
        path = folder / file
        if not path.is_file():
            _fetch(SOURCES[name].mirrors, path, md5)
        if file.endswith(".tar.gz"):
            _unpack(path)
    return folder


def _fetch(mirrors: tuple[str, ...], path: Path, md5: str) -> None:
    """Write `path` from the first mirror whose content has the checksum."""
    failures = []
    for mirror in mirrors:
        address = mirror + path.name
        try:
            with (
                urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as answer,
                atomic_path(path) as partial,
            ):
                digest = hashlib.md5(usedforsecurity=False)
                with open(partial, "wb") as file:
                    while chunk := answer.read(_CHUNK_BYTES):
                        digest.update(chunk)
                        file.write(chunk)
                if digest.hexdigest() != md5:
                    raise ConfigurationError(f"has the wrong checksum: MD5 {digest.hexdigest()}, not {md5}")
            return
        except (OSError, ConfigurationError) as error:
            failures.append(f"  {address}: {error}")
    raise ConfigurationError(
        f"{path.name} could not be downloaded; without internet, put the official file in {path.parent}\n"
        + "\n".join(failures)
    )


def _unpack(archive: Path) -> None:
    """Write the archive's batches beside it, whatever folder they have inside; nothing else is unpacked."""
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                name = Path(member.name).name
                content = tar.extractfile(member) if member.isfile() and "_batch" in name else None
                if content is not None:
                    with atomic_path(archive.parent / name) as partial:
                        partial.write_bytes(content.read())
    except (tarfile.TarError, EOFError) as error:
        raise ConfigurationError(
            f"{archive}: truncated or damaged ({error}); delete it and download again"
        ) from error
