"""Releases of pynq as PyPI has them: sources, and the overlays that come with them, fetched once by pip."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

RELEASES = ("2.7.0", "3.0.1", "3.1.1", "4.0.0")
REQUIREMENTS = {
    "3.8": ("numpy", "cffi"),
    "3.10": (
        "numpy<2",
        "cffi",
        "pynqmetadata==0.1.2",
        "pynqutils==0.1.1",
        "ipython",
        "pycparser<3",
        "setuptools<81",
    ),
}
"""What `import pynq` of the image's release needs beside it, by Python."""


def fetch(release: str, cache: Path) -> Path:
    """Return the folder of a release's sources; skip the test where no index has them."""
    folder = cache / f"pynq-{release}"
    if not folder.is_dir():
        with_pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "-q",
            "--no-deps",
            "--no-build-isolation",
            "--no-binary",
            ":all:",
        ]
        archive = cache / f"pynq-{release}.tar.gz"
        done = subprocess.run(
            [*with_pip, "-d", str(cache), f"pynq=={release}"],
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
            env={**os.environ, "PIP_CONSTRAINT": ""},
        )
        if done.returncode or not archive.is_file():
            pytest.skip(f"pip has no sources of pynq {release}: {_last(done.stderr)}")
        partial = cache / f"partial-{release}-{os.getpid()}"
        with tarfile.open(archive) as tar:
            tar.extractall(partial, filter="data")
        os.replace(partial / folder.name, folder)
        shutil.rmtree(partial)
        archive.unlink()
    return folder


@functools.cache
def interpreter(version: str, cache: Path) -> Path:
    """Return a Python of that version with what pynq needs; skip the test where there is none."""
    program = cache / f"python-{version}" / "bin" / "python"
    if not program.exists():
        base = _base(version)
        if base is None:
            pytest.skip(f"there is no Python {version}")
        steps = (
            [base, "-m", "venv", "--clear", str(program.parents[1])],
            [str(program), "-m", "pip", "install", "-q", *REQUIREMENTS[version]],
        )
        for step in steps:
            done = subprocess.run(
                step,
                capture_output=True,
                text=True,
                timeout=600,
                check=False,
                env={**os.environ, "PIP_CONSTRAINT": ""},
            )
            if done.returncode:
                shutil.rmtree(program.parents[1], ignore_errors=True)
                pytest.skip(
                    f"no Python {version} with {', '.join(REQUIREMENTS[version])}: {_last(done.stderr)}"
                )
    return program


def _base(version: str) -> str | None:
    places = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    found = shutil.which(f"python{version}")
    for program in [*([found] if found else []), *map(str, places)]:
        if (
            subprocess.run(
                [program, "-c", "import venv, ensurepip"], capture_output=True, check=False
            ).returncode
            == 0
        ):
            return program
    return None


def _last(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no reason given"
