"""`deploy`: copy a package to a board over ssh and unpack it there, whole or not at all."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError

FOLDER = "jupyter_notebooks"
"""What Jupyter shows on a PYNQ image, below the home of the user `xilinx`."""

_OPTIONS = ["-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"]
_TIMEOUT = 600.0


def deploy(archive: Path, name: str, host: str, folder: str = FOLDER) -> str:
    """Copy `archive`, the package of the model `name`, to `host` and unpack it; return the folder on the board.

    host: [user@]address, as ssh takes it; ssh asks for what it needs. The driver is unpacked beside the notebook, so
    nothing is installed and root is not needed. An overlay of the same name that is there is replaced at the end.

    Raises:
        ConfigurationError: host or folder are none. ToolNotFoundError: ssh or scp is missing. FlowError: either failed.
    """
    if not re.fullmatch(r"([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*", host):
        raise ConfigurationError(f"a host is [user@]address, such as xilinx@192.168.2.99, not {host!r}")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", folder) or ".." in folder.split("/"):
        raise ConfigurationError(f"a folder below the user's home on the board, not {folder!r}")
    for tool in ("ssh", "scp"):
        if shutil.which(tool) is None:
            raise ToolNotFoundError(tool, "any OpenSSH", "PATH")
    upload = f".{archive.name}"
    _run(["scp", *_OPTIONS, "-q", str(archive.resolve()), f"{host}:{upload}"])
    _run(["ssh", *_OPTIONS, host, _script(upload, name, folder)])
    return f"{host}:{folder}/{name}"


def _script(upload: str, name: str, folder: str) -> str:
    """Return what the board's shell runs. Every name in it was checked, and is quoted all the same."""
    archive, target, model = shlex.quote(upload), shlex.quote(f"{folder}/{name}"), shlex.quote(name)
    steps = [
        "set -e",
        f"new=$(mktemp -d {shlex.quote(f'{folder}/.{name}.XXXXXX')})",
        f"trap 'rm -rf \"$new\" {archive}' EXIT",
        f'tar -xzf {archive} -C "$new"',
        f'(cd "$new"/{model} && for wheel in *.whl; do python3 -m zipfile -e "$wheel" .; done)',
        f"rm -rf {target}",
        f'mv "$new"/{model} {target}',
    ]
    return f"mkdir -p {shlex.quote(folder)} && sh -c {shlex.quote('; '.join(steps))}"


def _run(call: list[str]) -> None:
    try:
        done = subprocess.run(call, stderr=subprocess.PIPE, text=True, timeout=_TIMEOUT, check=False)
    except subprocess.TimeoutExpired as error:
        raise FlowError(f"{call[0]} did not end within {_TIMEOUT:g} s") from error
    if done.returncode:
        raise FlowError(f"{call[0]} failed with status {done.returncode}", log_tail=done.stderr)
