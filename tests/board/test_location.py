"""Where an overlay is looked for, and what is said where there is none."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from board.errors import BoardError
from board.location import locate


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def made(folder: str, kind: str = "overlay-sim", age: int = 0) -> Path:
    path = Path("build") / folder / kind / f"{folder}.bit"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"")
    os.utime(path, (1_000_000 - age, 1_000_000 - age))
    return path


def test_what_is_there_is_taken_as_it_is_before_anything_else() -> None:
    elsewhere = made("mnist")
    assert locate(Path("mnist.bit"), True) == locate(Path("mnist"), True) == elsewhere
    Path("mnist.bit").write_bytes(b"")
    assert locate(Path("mnist.bit"), True) == Path("mnist.bit")
    assert locate(elsewhere, False) == elsewhere
    Path("copied.json").write_bytes(b"")
    assert locate(Path("copied.bit"), False) == Path("copied.bit")


def test_a_name_may_have_a_point() -> None:
    path = made("v1.2")
    assert locate(Path("v1.2"), True) == locate(Path("v1.2.bit"), True) == path
    with pytest.raises(BoardError, match="simulate-board MODEL=v1.3` makes build/v1.3/overlay-sim/v1.3.bit"):
        locate(Path("v1.3"), True)


def test_the_overlay_of_a_file_that_shares_its_name_is_found() -> None:
    other = made("net-0123abcd")
    made("net-accurate"), made("net-0123abcd", "overlay"), made("net-0123ABCD"), made("my-net-0123abcd")
    assert locate(Path("net.bit"), True) == locate(Path("net"), True) == other
    assert locate(Path("net.bit"), False) == Path("build/net-0123abcd/overlay/net-0123abcd.bit")
    assert locate(Path("net.bit"), True) == other
    assert locate(made("net"), True) == locate(Path("net.bit"), True) == Path("build/net/overlay-sim/net.bit")


def test_a_folder_is_told_with_what_is_in_it() -> None:
    path = made("net")
    with pytest.raises(BoardError, match=f"{path.parent} is a folder; give the path of .*, such as {path}$"):
        locate(path.parent, True)
    for nothing in ("", "."):
        with pytest.raises(
            BoardError, match=r"\. is a folder; give the path of an overlay's .bit, such as mnist.bit"
        ):
            locate(Path(nothing), True)
    Path("net").mkdir()
    assert locate(Path("net"), True) == path


def test_several_are_named_and_none_is_taken() -> None:
    made("net-0123abcd", age=10), made("net-ffffffff", age=5), made("net-00000000", age=20)
    with pytest.raises(BoardError) as refused:
        locate(Path("net.bit"), True)
    folders = ("net-ffffffff", "net-0123abcd", "net-00000000")
    assert str(refused.value) == (
        "there is no overlay net.bit, and several models of that name have one; give the path of the one that is meant, the "
        f"newest first: {', '.join(f'build/{name}/overlay-sim/{name}.bit' for name in folders)}"
    )


@pytest.mark.parametrize("folder", ["", "mnist", "mnist-0123abcd"])
def test_a_computer_without_a_board_is_told_of_the_simulated_one(folder: str) -> None:
    there = f"{made(folder)} is" if folder else "`make simulate-board MODEL=mnist` makes one"
    with pytest.raises(BoardError) as refused:
        locate(Path("mnist.bit"), False)
    assert str(refused.value) == (
        "there is no overlay mnist.bit, and no build/mnist/overlay/mnist.bit; on a computer without a board, "
        f'{there} for the simulated one, device="sim"; with Vivado, `make bitstream MODEL=mnist` makes '
        "build/mnist/overlay/mnist.bit; on a board, copy the folder that `make package` packs"
    )


def test_what_is_missing_is_told_with_how_to_make_it() -> None:
    with pytest.raises(
        BoardError, match="`make simulate-board MODEL=a.b` makes build/a.b/overlay-sim/a.b.bit"
    ):
        locate(Path("a.b.bit"), True)
    made("mnist")
    with pytest.raises(
        BoardError, match="there is no overlay elsewhere/mnist.bit; on a computer without a board, `make"
    ):
        locate(Path("elsewhere/mnist.bit"), False)
    with pytest.raises(
        BoardError, match=r"there is no overlay \[x\].bit, and no build/\[x\]/overlay-sim/\[x\].bit; on"
    ):
        locate(Path("[x].bit"), True)
