"""What fuzzing has found and has no test of its own elsewhere: each input is refused with a message now."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from tests.fuzz.catalogue import READERS
from tests.fuzz.reader import outcome, written

DEEP = b"[" * 200_000


def changed(name: str, old: bytes, new: bytes, seed: int = 0) -> bytes:
    content = READERS[name].seeds()[seed]
    assert old in content
    return content.replace(old, new)


def checkpoint(spec: str, shape: tuple[int, int, int], **network: float) -> bytes:
    """Return one that says that its network is another."""
    import torch

    content = torch.load(io.BytesIO(READERS["checkpoint"].seeds()[0]), weights_only=True)
    described = next(value for value in content.values() if isinstance(value, dict) and "recipe" in value)
    described["recipe"]["network"] |= {"spec": spec, **network}
    described["input_shape"] = shape
    return written(lambda path: torch.save(content, path))


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("recipe", lambda: b"x = " + DEEP, "nested too deep"),
        ("recipe", lambda: b"x = " + b"2" * 5000, "cannot be read as a recipe: Exceeds the limit"),
        ("checkpoint", lambda: checkpoint("9" * 12 + "C3-FC2", (3, 3, 1)), "token 1: it has 8,999,999,999,991 weights up to there"),
        ("checkpoint", lambda: checkpoint("1C3-FC2", (10**9, 10**9, 1)), "token 2: it has 4,000,000,000,000,000,009 weights up to there"),
        ("checkpoint", lambda: checkpoint("1C3-FC2", (-3, -3, 1)), "damaged: images of -3 x -3 x 1"),
        ("checkpoint", lambda: checkpoint("1C3-FC2", (3, 3, 1), threshold_gap=1e300), "threshold_gap: .* less than or equal to 1000"),
        ("checkpoint", lambda: checkpoint("1C3-FC2", (3, 3, 1), first_threshold=-1e300), "first_threshold: .* greater than or equal to -1000"),
        ("idx", lambda: b"\0\0\x08\x08" + 7 * b"\x05\0\0\x01" + bytes(4), "header .* is damaged: "),
        ("plan", lambda: DEEP, "nested too deep"),
        ("board", lambda: DEEP, "nested too deep"),
        ("yosys-cells", lambda: DEEP, "nested too deep"),
        ("yosys-cells", lambda: changed("yosys-cells", b'"LUT4"', b'"leaf"'), "CycleError"),
        ("yosys-cells", lambda: changed("yosys-cells", b'"num_cells": 3', b'"num_cells": Infinity').replace(b'"num_submodules": 0', b'"num_submodules": 1' + b"0" * 400), "OverflowError"),
        ("handoff", lambda: changed("handoff", b'BASEVALUE="0x', b'BASEVALUE="inf'), "the address 'inf.*' is no hexadecimal number"),
        ("handoff", lambda: changed("handoff", b'FREQUENCY="1', b'FREQUENCY="\xc2\xb2'), "has no frequency"),
        ("vitis-synthesis", lambda: changed("vitis-synthesis", b"UTF-8", b"UTF-9"), ""),
        ("vitis-cosimulation", lambda: changed("vitis-cosimulation", b"850|", b"8" * 5000 + b"|"), "has no latency"),
        ("vitis-log", lambda: changed("vitis-log", b"exact 3", b"exact " + b"3" * 5000), "no verdict"),
        ("cifar-jpeg", lambda: READERS["sample"].seeds()[1], "has no array 'jpeg'"),
    ],
)  # fmt: skip
def test_a_finding_is_told(name: str, content: object, message: str, tmp_path: Path) -> None:
    reader = READERS[name]
    (tmp_path / reader.file).parent.mkdir(parents=True, exist_ok=True)
    told = outcome(reader, content(), tmp_path)  # type: ignore[operator]
    assert re.search(message, told) and bool(told) == bool(message), told
