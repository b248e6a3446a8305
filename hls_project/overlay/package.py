"""`package`: one archive with all that a board needs: driver, overlay, golden vectors and the notebooks that run there."""

from __future__ import annotations

import gzip
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import board
from board.errors import BoardError
from board.manifest import Manifest
from dt_scnn.errors import ConfigurationError, FlowError
from dt_scnn.files import atomic_path, sha256
from hls_project.overlay.bitstream import REPORT
from hls_project.overlay.simulated import FOLDER as SIMULATED
from hls_project.workspace.folder import Workspace

_BOARD = Path(board.__file__).parent
_NOTEBOOKS = [_BOARD / "notebooks" / name for name in ("3_classify.ipynb", "4_demo.ipynb")]
_GUIDE = """{name} for {board}: a dual-threshold spiking CNN

Unpack this folder below ~/jupyter_notebooks on the board, then once, in a terminal of Jupyter:

    cd {name} && python3 -m zipfile -e {wheel} .

and open 3_classify.ipynb, or 4_demo.ipynb to draw and to see spikes. In Python: from board import DTSCNNOverlay; DTSCNNOverlay("{name}.bit").classify(image)
"""


def package(workspace: Workspace, overlay: Path) -> Path:
    """Write `<model>-<board>.tar.gz` into the workspace from the overlay in the folder `overlay`; return its path.

    The same overlay and driver give the same archive, bit for bit.

    Raises:
        ConfigurationError: there is no overlay, its files are not those of its manifest, or it is of another model. FlowError: the driver's wheel
            cannot be built.
    """
    name = workspace.name
    try:
        manifest = Manifest.load(overlay / f"{name}.json")
        manifest.check_files()
        manifest.golden_vectors()
    except BoardError as error:
        raise ConfigurationError(f"{error}\nmake the overlay first: {_make(workspace, overlay)}") from error
    if manifest.model != sha256(workspace.model):
        raise ConfigurationError(
            f"the overlay in {overlay} was made from another model than {workspace.model} (SHA-256 {manifest.model[:12] or 'unknown'}, "
            f"not {sha256(workspace.model)[:12]}); make it again: {_make(workspace, overlay)}"
        )
    files = {file: overlay / file for file in (*manifest.files, manifest.golden[0], manifest.path.name)}
    if (report := overlay / REPORT).is_file():
        files[REPORT] = report
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        content = {
            **{file: path.read_bytes() for file, path in files.items()},
            wheel.name: wheel.read_bytes(),
        }
    # A notebook of the package loads the overlay beside it.
    for notebook in _NOTEBOOKS:
        content[notebook.name] = notebook.read_bytes().replace(
            b'\\"mnist.bit\\"', f'\\"{name}.bit\\"'.encode()
        )
    content["README.txt"] = _GUIDE.format(name=name, board=manifest.board, wheel=wheel.name).encode()
    archive = workspace.folder / f"{name}-{manifest.board}.tar.gz"
    with atomic_path(archive) as partial:
        partial.write_bytes(_archive(name, content))
    return archive


def _make(workspace: Workspace, overlay: Path) -> str:
    verb = "simulate-board" if overlay.name == SIMULATED else "bitstream"
    model = workspace.given or workspace.name
    return f"dt-scnn {verb} {model} (make {verb} MODEL={model})"


def build_wheel(folder: Path) -> Path:
    """Build the driver's wheel in `folder`, without network access; return its path.

    Raises:
        FlowError: pip failed.
    """
    source = folder.resolve() / "source"  # pip takes a bare name for a requirement
    shutil.copytree(
        _BOARD, source / "board", ignore=shutil.ignore_patterns("__pycache__", "*.ipynb", "*.cpp")
    )
    shutil.copy(_BOARD / "wheel" / "pyproject.toml", source)
    call = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    done = subprocess.run(
        [*call, "-w", str(folder), str(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "SOURCE_DATE_EPOCH": "315532800"},
        check=False,
    )
    found = sorted(folder.glob("*.whl"))
    if done.returncode or len(found) != 1:
        raise FlowError(
            f"the driver's wheel could not be built (pip, status {done.returncode})", log_tail=done.stdout
        )
    return found[0]


def _archive(name: str, content: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=packed, mode="wb", mtime=0) as stream,
        tarfile.open(fileobj=stream, mode="w") as tar,
    ):
        for file in sorted(content):
            entry = tarfile.TarInfo(f"{name}/{file}")
            entry.size, entry.mode = len(content[file]), 0o644
            tar.addfile(entry, io.BytesIO(content[file]))
    return packed.getvalue()
