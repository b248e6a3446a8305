"""Fetch the official files of a data set; each is checked against its known checksum before it is put in place."""

from __future__ import annotations

import hashlib
import tarfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path
from quant_train.data.dataset import data_root

_TIMEOUT_SECONDS = 30
_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class Source:
    """mirrors: addresses that end in '/', tried in order. files: name to MD5, as published with the data sets."""

    mirrors: tuple[str, ...]
    files: dict[str, str]


SOURCES = {
    "mnist": Source(
        (
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
        ),
        {
            "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
            "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
            "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
            "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
        },
    ),
    "fashion-mnist": Source(
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        {
            "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    "cifar-10": Source(
        ("https://www.cs.toronto.edu/~kriz/",),
        {"cifar-10-python.tar.gz": "c58f30108f718f92721af3b95e74349a"},
    ),
}


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
