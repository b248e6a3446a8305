"""The compiler's call: tuned for this machine where the program knows how, and made again on another machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from dt_scnn.compiler import NATIVE, TUNING, Compiler


def pretend(folder: Path, script: str) -> str:
    """A program that answers as a compiler does."""
    program = folder / "c++"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return str(program)


def test_flags_of_gcc_are_accepted_by_gcc() -> None:
    assert Compiler().call()[1:] == ["-O3", *TUNING]


def test_a_flag_that_the_program_refuses_is_left_out(tmp_path: Path) -> None:
    program = pretend(tmp_path, f'case " $* " in *" {NATIVE} "*) exit 1;; esac')
    assert Compiler(program).call() == [program, "-O3", *TUNING[1:]]
    assert Compiler(program, ("-O0", "-g")).call() == [program, "-O0", "-g"]


@pytest.mark.parametrize(("flags", "differs"), [(("-O3", NATIVE), True), (("-O3",), False)])
def test_a_program_for_another_processor_is_another_program(
    tmp_path: Path, flags: tuple[str, ...], differs: bool
) -> None:
    keys = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        program = pretend(tmp_path / name, f"echo '#define __{name}__ 1'")
        keys.append(Compiler(program, flags).key().replace(program, ""))
    assert (keys[0] != keys[1]) == differs
