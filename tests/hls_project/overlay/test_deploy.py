"""Copying to the board, with stand-ins for ssh and scp that work in a folder of their own."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest

from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError
from hls_project.overlay.deploy import deploy
from hls_project.overlay.package import package
from hls_project.workspace.folder import Workspace
from tests.board.instant import overlay

SCP = """#!/bin/sh
for last; do :; done
eval "source=\\${$(($# - 1))}"
echo "scp $last" >> "$CALLS"
cp "$source" "$BOARD_HOME/${last#*:}"
"""
SSH = """#!/bin/sh
for last; do :; done
echo ssh >> "$CALLS"
cd "$BOARD_HOME" && exec sh -c "$last"
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a board's user, behind stand-ins for ssh and scp."""
    tools, home = tmp_path / "tools", tmp_path / "home"
    tools.mkdir()
    home.mkdir()
    for name, content in (("scp", SCP), ("ssh", SSH)):
        (tools / name).write_text(content)
        (tools / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("BOARD_HOME", str(home))
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    return home


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("build") / "net"
    (folder / "overlay").mkdir(parents=True)
    overlay(folder / "overlay", board="pynq-z2", kind="board")
    return package(Workspace("net", folder, None), folder / "overlay")


@pytest.fixture
def archive(packed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(packed, tmp_path))


@pytest.mark.usefixtures("home")
def test_the_board_gets_everything_unpacked(archive: Path, home: Path, tmp_path: Path) -> None:
    assert deploy(archive, "net", "xilinx@192.168.2.99") == "xilinx@192.168.2.99:jupyter_notebooks/net"
    there = home / "jupyter_notebooks" / "net"
    assert {"net.bit", "net.json", "net.golden.npz", "3_classify.ipynb", "board"} <= {
        path.name for path in there.iterdir()
    }
    assert (there / "board" / "overlay.py").is_file()
    assert (tmp_path / "calls").read_text() == "scp xilinx@192.168.2.99:.net-pynq-z2.tar.gz\nssh\n"
    assert [path.name for path in home.iterdir()] == ["jupyter_notebooks"]
    assert [path.name for path in there.parent.iterdir()] == ["net"]


def test_a_second_copy_replaces_the_first(archive: Path, home: Path) -> None:
    deploy(archive, "net", "pynq")
    (home / "jupyter_notebooks" / "net" / "old").touch()
    deploy(archive, "net", "pynq")
    assert not (home / "jupyter_notebooks" / "net" / "old").exists()


def test_a_damaged_copy_leaves_the_old_files(archive: Path, home: Path) -> None:
    deploy(archive, "net", "pynq")
    archive.write_bytes(archive.read_bytes()[:5000])
    with pytest.raises(FlowError, match=r"ssh failed with status \d+\n(.|\n)*(tar|gzip)"):
        deploy(archive, "net", "pynq")
    there = home / "jupyter_notebooks"
    assert (there / "net" / "net.bit").is_file() and [path.name for path in there.iterdir()] == ["net"]
    assert [path.name for path in home.iterdir()] == ["jupyter_notebooks"]


def test_scp_that_fails_is_shown(archive: Path, home: Path, tmp_path: Path) -> None:
    scp = tmp_path / "tools" / "scp"
    scp.write_text("#!/bin/sh\necho 'ssh: connect to host pynq port 22: No route to host' >&2\nexit 255\n")
    with pytest.raises(FlowError, match=r"scp failed with status 255\n.*No route to host"):
        deploy(archive, "net", "pynq")


@pytest.mark.parametrize(
    "host", ["", "-oProxyCommand=x", "a b", "x;reboot", "user@", "@host", "u@-h", "$(x)"]
)
def test_a_host_that_is_none_is_refused(archive: Path, host: str, home: Path, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"a host is \[user@\]address"):
        deploy(archive, "net", host)
    assert not (tmp_path / "calls").exists()


@pytest.mark.parametrize("folder", ["/etc", "../x", "a/../../b", "a b", "$(x)", ""])
def test_a_folder_outside_the_home_is_refused(archive: Path, folder: str, home: Path) -> None:
    with pytest.raises(ConfigurationError, match="a folder below the user's home"):
        deploy(archive, "net", "pynq", folder)


def test_without_ssh_it_says_so(archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    with pytest.raises(ToolNotFoundError, match="ssh was not found"):
        deploy(archive, "net", "pynq")
    assert stat.S_ISREG(archive.stat().st_mode)
