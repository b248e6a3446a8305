"""Fetch the official files of a data set, each checked against its known checksum before it is put in place."""

from __future__ import annotations

import tarfile
from dataclasses import dataclass
from pathlib import Path

from quant_train.data.dataset import data_root
from quant_train.errors import ConfigurationError
from quant_train.files import atomic_path


@dataclass(frozen=True)
class _Source:
    """mirrors: addresses that end in '/', tried in order. files: name to MD5, as published with the data sets."""

    mirrors: tuple[str, ...]
    files: dict[str, str]


_SOURCES = {
    "mnist": _Source(
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
    "fashion-mnist": _Source(
        ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
        {
            "train-images-idx3-ubyte.gz": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
            "train-labels-idx1-ubyte.gz": "25c81989df183df01b3e8a0aad5dffbe",
            "t10k-images-idx3-ubyte.gz": "bef4ecab320f06d8554ea6380940ec79",
            "t10k-labels-idx1-ubyte.gz": "bb300cfdad3c16e7a12a480ee83cd310",
        },
    ),
    "cifar-10": _Source(
        ("https://www.cs.toronto.edu/~kriz/",),
        {"cifar-10-python.tar.gz": "c58f30108f718f92721af3b95e74349a"},
    ),
}


def download(name: str, root: Path | None = None, progress: bool = False) -> Path:
    """Download the data set `name` into its folder under `root` and return the folder; whole files are kept.

    Raises:
        ConfigurationError: it is no data set that is downloaded, no mirror answers, or a checksum is wrong.
    """
    if name not in _SOURCES:
        raise ConfigurationError(f"{name!r} is not downloaded; those that are: {', '.join(_SOURCES)}")
    folder = data_root(root) / name
    for file, md5 in _SOURCES[name].files.items():
        path = _fetch(_SOURCES[name].mirrors, file, md5, folder, progress)
        if file.endswith(".tar.gz"):
            _unpack(path)
    return folder


def _fetch(mirrors: tuple[str, ...], file: str, md5: str, folder: Path, progress: bool) -> Path:
    import pooch

    failures = []
    for mirror in mirrors:
        try:
            # pooch writes beside and renames only what has the right checksum.
            return Path(pooch.retrieve(mirror + file, f"md5:{md5}", file, folder, progressbar=progress))
        except (OSError, ValueError) as error:
            failures.append(f"{mirror}{file}: {error}")
    raise ConfigurationError(
        f"{file} could not be downloaded; without internet, put the official files in {folder}\n"
        + "\n".join(failures)
    )


def _unpack(archive: Path) -> None:
    """Write the archive's batches beside it, whatever folder they have inside; nothing else is unpacked."""
    with tarfile.open(archive) as tar:
        for member in tar:
            name = Path(member.name).name
            content = tar.extractfile(member) if member.isfile() and "_batch" in name else None
            if content is not None:
                with atomic_path(archive.parent / name) as partial:
                    partial.write_bytes(content.read())
