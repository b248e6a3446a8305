"""Copying to the board, with a stand-in for ssh that works in a folder of its own, as a user of no rights where it can."""

from __future__ import annotations

import json
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError
from dt_scnn.files import sha256
from hls_project.overlay import deploy as module
from hls_project.overlay.deploy import board_report, deploy
from hls_project.overlay.package import package
from hls_project.workspace.folder import Workspace
from tests.board.instant import overlay

NOBODY = 65534
TWO_USERS = os.getuid() == 0 and shutil.which("setpriv") is not None
"""Whether the stand-in can be a login without rights, and its files root's."""

SSH = """#!/bin/sh
for last; do :; done
case " $* " in *" -t "*) echo "ssh -t" >> "$CALLS" ;; *) echo ssh >> "$CALLS" ;; esac
export HOME="$BOARD_HOME"
cd "$HOME" || exit
case $last in
sudo*) exec sh -c "$last" ;;
*) exec $LOGIN sh -c "$last" ;;
esac
"""
SUDO = """#!/bin/sh
if [ "$1" = -n ]; then exit 1; fi
echo sudo >> "$CALLS"
exec "$@"
"""


@dataclass(frozen=True)
class Board:
    """A login's home. calls: what was called, one a line."""

    home: Path
    calls: Path

    @property
    def notebooks(self) -> Path:
        return self.home / "jupyter_notebooks"

    def called(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def board(monkeypatch: pytest.MonkeyPatch) -> Iterator[Board]:
    """A board behind stand-ins for ssh and sudo; not below pytest's folders, which only their owner may enter."""
    base = Path(tempfile.mkdtemp())
    try:
        base.chmod(0o755)
        tools, home = base / "tools", base / "home"
        for folder in (tools, home):
            folder.mkdir()
        for name, content in (("ssh", SSH), ("sudo", SUDO)):
            (tools / name).write_text(content)
            (tools / name).chmod(0o755)
        (base / "calls").touch()
        (base / "calls").chmod(0o666)
        if TWO_USERS:
            os.chown(home, NOBODY, NOBODY)
        monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
        monkeypatch.setenv("BOARD_HOME", str(home))
        monkeypatch.setenv("CALLS", str(base / "calls"))
        drop = f"setpriv --reuid {NOBODY} --regid {NOBODY} --clear-groups" if TWO_USERS else ""
        monkeypatch.setenv("LOGIN", drop)
        monkeypatch.delenv("PYNQ_JUPYTER_NOTEBOOKS", raising=False)
        monkeypatch.setattr(module, "PROFILES", (str(base / "profile"),))
        yield Board(home, base / "calls")
    finally:
        for path in base.rglob("*"):
            if path.is_dir():
                path.chmod(0o755)
        shutil.rmtree(base)


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "net"
    (folder / "overlay").mkdir(parents=True)
    (folder / "model.onnx").write_bytes(b"a model")
    overlay(folder / "overlay", board="pynq-z2", kind="board", model=sha256(b"a model"))
    return package(Workspace("net", folder, None), folder / "overlay")


@pytest.fixture
def archive(packed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(packed, tmp_path))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_board_gets_everything_unpacked(archive: Path, board: Board) -> None:
    place = f"xilinx@192.168.2.99:{board.notebooks}/net"
    assert deploy(archive, "net", "xilinx@192.168.2.99") == (place, ())
    there = board.notebooks / "net"
    assert {"net.bit", "net.json", "net.golden.npz", "3_classify.ipynb", "board"} <= set(names(there))
    assert (there / "board" / "overlay.py").is_file()
    assert board.called() == ["ssh", "ssh"]
    assert names(board.home) == ["jupyter_notebooks"] and names(board.notebooks) == ["net"]


def test_a_second_copy_replaces_the_first(archive: Path, board: Board) -> None:
    deploy(archive, "net", "pynq")
    (board.notebooks / "net" / "old").touch()
    deploy(archive, "net", "pynq")
    assert not (board.notebooks / "net" / "old").exists()
    assert names(board.notebooks) == ["net"]


def test_files_of_root_in_the_old_folder_do_not_destroy_it(archive: Path, board: Board) -> None:
    """Jupyter on PYNQ runs as root, and leaves folders of root in those of the login."""
    deploy(archive, "net", "pynq")
    there = board.notebooks / "net"
    for folder in (there / "board" / "__pycache__", there / ".ipynb_checkpoints"):
        folder.mkdir()
        (folder / "kept").touch()
        folder.chmod(0o555 if not TWO_USERS else 0o755)  # a user without rights may delete nothing in it
    (there / "old").touch()
    place, left = deploy(archive, "net", "pynq")
    assert (there / "net.bit").is_file() and (there / "board" / "overlay.py").is_file()
    assert not (there / "old").exists() and not (there / ".ipynb_checkpoints").exists()
    assert len(left) == 1 and Path(left[0]).parent == board.notebooks
    assert names(board.notebooks) == sorted([Path(left[0]).name, "net"])
    # Once more: what is left is no hindrance, and is named again.
    assert deploy(archive, "net", "pynq") == (place, left)


@pytest.mark.skipif(not TWO_USERS, reason="needs root and setpriv, to be a login that may not write")
def test_a_folder_of_root_is_filled_by_sudo(archive: Path, board: Board) -> None:
    """As on a Kria KV260, whose login is ubuntu."""
    root = board.home.parent / "root"
    root.mkdir(mode=0o700)
    for _ in range(2):
        board.calls.write_text("")
        found = deploy(archive, "net", "ubuntu@kria", f"{root}/jupyter_notebooks")
        assert found == (f"ubuntu@kria:{root}/jupyter_notebooks/net", ())
        assert board.called() == ["ssh", "ssh -t", "sudo"]
        assert names(root / "jupyter_notebooks") == ["net"] and names(board.home) == []
        assert (root / "jupyter_notebooks" / "net" / "net.bit").is_file()


@pytest.mark.parametrize("told", ["by the environment", "export in a profile", "quoted in a profile"])
def test_the_board_says_what_jupyter_shows(
    archive: Path, board: Board, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = board.home / "shown here"
    if told == "by the environment":
        monkeypatch.setenv("PYNQ_JUPYTER_NOTEBOOKS", str(folder))
    line = {"export in a profile": f"export PYNQ_JUPYTER_NOTEBOOKS={folder}"}.get(
        told, f'PYNQ_JUPYTER_NOTEBOOKS="{folder}"'
    )
    if "profile" in told:
        (board.home.parent / "profile").write_text(f"export BOARD=KV260\n{line}\n")
    assert deploy(archive, "net", "pynq").place == f"pynq:{folder}/net"
    assert (folder / "net" / "net.bit").is_file()


def test_the_boards_report_comes_back(archive: Path, board: Board) -> None:
    place = Path(deploy(archive, "net", "pynq").place.partition(":")[2])
    (place / "board" / "report.py").write_text(
        "import json, sys\njson.dump(sys.argv[1:2] + [sys.argv[2]], open(sys.argv[3], 'w'))\n"
    )
    assert json.loads(board_report("net", "pynq")) == ["net.bit", "--output"]
    assert board.called()[-2:] == (["ssh", "ssh"] if not TWO_USERS else ["sudo", "ssh"])
    with pytest.raises(FlowError, match="pynq gives no report of other"):
        board_report("other", "pynq")


def test_a_damaged_copy_leaves_the_old_files(archive: Path, board: Board) -> None:
    deploy(archive, "net", "pynq")
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(FlowError, match=r"ssh failed with status \d+\n(.|\n)*(tar|gzip)"):
        deploy(archive, "net", "pynq")
    assert (board.notebooks / "net" / "net.bit").is_file() and names(board.notebooks) == ["net"]
    assert names(board.home) == ["jupyter_notebooks"]


def test_a_failure_between_the_two_renames_brings_the_old_folder_back(
    archive: Path, board: Board, tmp_path: Path
) -> None:
    deploy(archive, "net", "pynq")
    (board.notebooks / "net" / "old").touch()
    mv = board.home.parent / "tools" / "mv"
    mv.write_text('#!/bin/sh\ncase $1 in *new*) echo "no room" >&2; exit 1 ;; esac\nexec /bin/mv "$@"\n')
    mv.chmod(0o755)
    with pytest.raises(FlowError, match="no room"):
        deploy(archive, "net", "pynq")
    assert (board.notebooks / "net" / "old").exists() and names(board.notebooks) == ["net"]


def test_ssh_that_fails_is_shown(archive: Path, board: Board) -> None:
    ssh = board.home.parent / "tools" / "ssh"
    ssh.write_text("#!/bin/sh\necho 'ssh: connect to host pynq port 22: No route to host' >&2\nexit 255\n")
    with pytest.raises(FlowError, match=r"ssh failed with status 255\n.*No route to host"):
        deploy(archive, "net", "pynq")


def test_a_login_that_answers_nothing_is_named(archive: Path, board: Board) -> None:
    (board.home.parent / "tools" / "ssh").write_text("#!/bin/sh\ncat > /dev/null; echo Welcome\n")
    with pytest.raises(FlowError, match="pynq does not say where it unpacks\nWelcome"):
        deploy(archive, "net", "pynq")


@pytest.mark.parametrize(
    "host", ["", "-oProxyCommand=x", "a b", "x;reboot", "user@", "@host", "u@-h", "$(x)"]
)
def test_a_host_that_is_none_is_refused(archive: Path, host: str, board: Board) -> None:
    with pytest.raises(ConfigurationError, match=r"a host is \[user@\]address"):
        deploy(archive, "net", host)
    assert board.called() == []


@pytest.mark.parametrize("folder", ["/", "../x", "a/../../b", "/a/../b", "a b", "$(x)", "", "a;b"])
def test_a_folder_that_is_none_is_refused(archive: Path, folder: str, board: Board) -> None:
    with pytest.raises(ConfigurationError, match="a folder on the board is absolute"):
        deploy(archive, "net", "pynq", folder)
    assert board.called() == []


def test_without_ssh_it_says_so(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(ToolNotFoundError, match="ssh was not found"):
        deploy(archive, "net", "pynq")
    assert stat.S_ISREG(archive.stat().st_mode)
