"""`deploy`: copy a package to a board over ssh and unpack it there, whole or not at all."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import IO, NamedTuple

from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError

FOLDER = "jupyter_notebooks"
"""What Jupyter shows where the board does not say it, below the login's home."""

VARIABLE = "PYNQ_JUPYTER_NOTEBOOKS"
PROFILES = ("/etc/profile.d/pynq_venv.sh", "/etc/environment")
"""Where a board says what Jupyter shows: installations of PYNQ on Ubuntu (Kria) write the first, which a login that runs one
command over ssh does not read."""

_OPTIONS = ["-o", "ConnectTimeout=15", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4"]
_TIMEOUT = 600.0


class Deployed(NamedTuple):
    """place: host:folder of the model. left: folders of before of which the login could not delete everything."""

    place: str
    left: tuple[str, ...]


def deploy(archive: Path, name: str, host: str, folder: str | None = None) -> Deployed:
    """Copy `archive`, the package of the model `name`, to `host` and unpack it.

    host: [user@]address, as ssh takes it; ssh asks for what it needs. folder: absolute, or below the login's home; None
    for what the board says that Jupyter shows. Where the login may not write, the board's `sudo` unpacks, and asks for a
    password if it needs one. The driver is unpacked beside the notebook: nothing is installed. An overlay of the same name
    that is there gives way at the end, by renaming; what of it the login may not delete stays, hidden, and is named.

    Raises:
        ConfigurationError: host or folder are none. ToolNotFoundError: ssh is missing. FlowError: it failed.
    """
    _check(host, folder)
    upload = f".{archive.name}"
    with open(archive, "rb") as content:
        answer = _ssh(host, _receive(upload, folder), content).splitlines()
    if len(answer) < 2 or not answer[-2].startswith("/") or answer[-1] not in ("login", "root"):
        raise FlowError(f"{host} does not say where it unpacks", log_tail="\n".join(answer))
    found, who = answer[-2:]
    script = _unpack(upload, name, found)
    left = _as_root(host, script) if who == "root" else _ssh(host, f"sh -c {shlex.quote(script)}", None)
    places = tuple(line.removeprefix("left ") for line in left.splitlines() if line.startswith("left "))
    return Deployed(f"{host}:{found}/{name}", places)


def board_report(name: str, host: str, folder: str | None = None) -> str:
    """Run the driver's report of the model `name` on the board; return the JSON text.

    host, folder: as for `deploy`. PYNQ needs root: the board's `sudo` asks for a password if it needs one.

    Raises:
        ConfigurationError: host or folder are none. ToolNotFoundError: ssh is missing. FlowError: the board gives no report.
    """
    _check(host, folder)
    file = f".{name}-board-report.json"
    run = f'cd "$1"/{shlex.quote(name)} && exec python3 -m board.report {shlex.quote(f"{name}.bit")} --output "$2"'
    # A login shell, for PYNQ's own Python and environment.
    lines = [
        *_find_folder(folder),
        f"rm -f {shlex.quote(file)}",
        'if [ "$(id -u)" = 0 ]; then set --; else set -- sudo; fi',
        f'"$@" bash -lc {shlex.quote(run)} report "$folder" "$PWD/{file}"',
    ]
    call = ["ssh", "-t", *_OPTIONS, host, f"sh -c {shlex.quote(chr(10).join(lines))}"]
    subprocess.run(call, check=False)  # its status says whether all checks passed, and so does the report
    try:
        return _ssh(host, f"cat {shlex.quote(file)}", None)
    except FlowError as error:
        raise FlowError(
            f"{host} gives no report of {name}; see above, and deploy it first: make deploy",
            log_tail=str(error),
        ) from error


def _check(host: str, folder: str | None) -> None:
    if not re.fullmatch(r"([A-Za-z0-9_][A-Za-z0-9_.-]*@)?[A-Za-z0-9][A-Za-z0-9.-]*", host):
        raise ConfigurationError(f"a host is [user@]address, such as xilinx@192.168.2.99, not {host!r}")
    if folder is not None:
        _check_folder(folder)
    if shutil.which("ssh") is None:
        raise ToolNotFoundError("ssh", "any OpenSSH", "PATH")


def _check_folder(folder: str) -> None:
    if not re.fullmatch(r"/?[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)*", folder) or ".." in folder.split("/"):
        raise ConfigurationError(
            f"a folder on the board is absolute, such as /root/{FOLDER}, or below the login's home, not {folder!r}"
        )


def _receive(upload: str, folder: str | None) -> str:
    """Return the command that stores its input and prints the folder, then who may write there: login or root."""
    lines = [
        f"umask 077; cat > {shlex.quote(upload)} || exit",
        *_find_folder(folder),
        'echo "$folder"',
        'umask 022; mkdir -p "$folder" 2> /dev/null; if [ -w "$folder" ]; then echo login; else echo root; fi',
    ]
    return f"sh -c {shlex.quote(chr(10).join(lines))}"


def _find_folder(folder: str | None) -> list[str]:
    """Return lines of shell that set `folder`: as given, or what the board says that Jupyter shows."""
    profiles = " ".join(map(shlex.quote, PROFILES))
    value = f"'s/^\\(export \\)*{VARIABLE}=//p'"
    return [
        f"folder={shlex.quote(folder or '')}",
        f': "${{folder:=${VARIABLE}}}"',
        f': "${{folder:=$(cat {profiles} 2>/dev/null | sed -n {value} | tr -d \\"\\\'\\" | tail -n 1)}}"',
        f': "${{folder:={FOLDER}}}"',
        'case "$folder" in /*) ;; *) folder=$HOME/$folder ;; esac',
    ]


def _unpack(upload: str, name: str, folder: str) -> str:
    """Return the script that unpacks, and prints what of an overlay of before is left.

    Both folders are renamed within one folder: that asks for no right to what they hold.
    """
    model, hidden = shlex.quote(name), shlex.quote(f".{name}")
    return "\n".join(
        [
            "set -e",
            f"archive=$PWD/{shlex.quote(upload)}",
            f"mkdir -p {shlex.quote(folder)}",
            f"cd {shlex.quote(folder)}",
            f"old={hidden}.old.$(date +%s).$$",
            f"new=$(mktemp -d ./{hidden}.new.XXXXXX)",
            "finish() {",
            f'    if [ ! -e {model} ] && [ -e "$old" ]; then mv "$old" {model}; fi',
            '    rm -rf "$new" "$archive"',
            "}",
            "trap finish EXIT",
            "trap 'exit 1' HUP INT TERM",
            'tar -xzf "$archive" -C "$new"',
            f'(cd "$new"/{model} && for wheel in *.whl; do python3 -m zipfile -e "$wheel" .; done)',
            f'if [ -e {model} ]; then mv {model} "$old"; fi',
            f'mv "$new"/{model} {model}',
            f"for old in {hidden}.old.*; do",
            '    rm -rf "$old" 2> /dev/null || sudo -n rm -rf "$old" 2> /dev/null || echo "left $PWD/$old"',
            "done",
        ]
    )


def _ssh(host: str, command: str, content: IO[bytes] | None) -> str:
    """Run a command on the board; return what it prints. content: a file for its input."""
    call = ["ssh", *_OPTIONS, host, command]
    try:
        done = subprocess.run(
            call,
            stdin=content or subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FlowError(f"ssh did not end within {_TIMEOUT:g} s") from error
    if done.returncode:
        raise FlowError(f"ssh failed with status {done.returncode}", log_tail=done.stderr)
    return done.stdout


def _as_root(host: str, script: str) -> str:
    """Run a script as root, on a terminal of the user's so that sudo can ask for a password; it leaves nothing behind."""
    call = ["ssh", "-t", *_OPTIONS, host, f"sudo sh -c {shlex.quote(script)}"]
    done = subprocess.run(call, check=False)
    if done.returncode:
        raise FlowError(
            f"ssh failed with status {done.returncode}: sudo on {host} did not unpack (see above)"
        )
    return ""
