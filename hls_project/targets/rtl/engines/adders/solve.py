"""Constant matrix times vector by shifts and adds, solved by da4ml in a process of its own.

da4ml's solver is compiled at its first call, which takes minutes; without compilation, a setting of the whole process,
the matrices met here take seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import FlowError

THOROUGH, QUICK = 700, 2000
"""Digits of the largest matrix that da4ml searches thoroughly, and of the largest that it solves at all.

The search takes a time that grows with the square of the digits: on one core 20 s, in one try 10 s. A bound on the digits,
not on the time, gives the same core on every machine.
"""

_TIMEOUT = 300.0


@dataclass(frozen=True)
class Add:
    """`left * 2^left_shift + sign * right * 2^right_shift`; shifts are not negative, sign is 1 or -1.

    left, right: number of an input, or of inputs plus the number of an earlier addition.
    """

    left: int
    left_shift: int
    right: int
    right_shift: int
    sign: int


@dataclass(frozen=True)
class Output:
    """`sign * node * 2^shift`, shift not negative; node -1 is the constant 0."""

    node: int
    shift: int
    sign: int


@dataclass(frozen=True)
class AdderGraph:
    """Additions in order, and the outputs."""

    inputs: int
    adds: tuple[Add, ...]
    outputs: tuple[Output, ...]

    def matrix(self) -> NDArray[np.int64]:
        """Return the matrix `(inputs, outputs)` by which the graph multiplies."""
        rows = list(np.eye(self.inputs, dtype=np.int64))
        for add in self.adds:
            rows.append((rows[add.left] << add.left_shift) + add.sign * (rows[add.right] << add.right_shift))
        zero = np.zeros(self.inputs, np.int64)
        columns = [zero if out.node < 0 else out.sign * (rows[out.node] << out.shift) for out in self.outputs]
        return np.stack(columns, axis=1)


def digits(matrix: NDArray[np.int64]) -> list[list[tuple[int, int]]]:
    """Return the canonical signed digits of each element, in raster order: pairs of shift and sign."""
    return [_digits(int(value)) for value in matrix.reshape(-1)]


def _digits(value: int) -> list[tuple[int, int]]:
    found, shift = [], 0
    while value:
        if value & 1:
            sign = 2 - (value & 3)
            found.append((shift, sign))
            value -= sign
        value, shift = value >> 1, shift + 1
    return found


def solve(matrix: NDArray[np.int64], input_bits: int) -> AdderGraph:
    """Return shifts and adds that multiply unsigned inputs of `input_bits` bits by `matrix` `(inputs, outputs)`.

    da4ml finds what kernels share, the more thoroughly the smaller the matrix; of the largest nothing is shared. The
    graph's own matrix is compared with `matrix`, so it is right for every input.

    Raises:
        FlowError: the solver failed, or its graph computes something else.
    """
    size = sum(map(len, digits(matrix)))
    graph = _searched(matrix, input_bits, size <= THOROUGH) if size <= QUICK else plain(matrix)
    shifts = [s for add in graph.adds for s in (add.left_shift, add.right_shift)] + [
        o.shift for o in graph.outputs
    ]
    if min(shifts, default=0) < 0 or not np.array_equal(graph.matrix(), matrix):
        raise FlowError("the shifts and adds found for a kernel do not compute its weights")
    return graph


def plain(matrix: NDArray[np.int64]) -> AdderGraph:
    """Return a tree of adders for each output, one operand a signed digit."""
    inputs, columns = matrix.shape
    found = digits(matrix)
    adds: list[Add] = []
    outputs = []
    for column in range(columns):
        # A term is sign * node * 2^shift.
        terms = [(row, shift, sign) for row in range(inputs) for shift, sign in found[row * columns + column]]
        while len(terms) > 1:
            pairs = list(zip(terms[::2], terms[1::2], strict=False))
            rest = terms[2 * len(pairs) :]
            terms = []
            for (left, left_shift, left_sign), (right, right_shift, right_sign) in pairs:
                low = min(left_shift, right_shift)
                adds.append(Add(left, left_shift - low, right, right_shift - low, left_sign * right_sign))
                terms.append((inputs + len(adds) - 1, low, left_sign))
            terms += rest
        outputs.append(Output(*terms[0]) if terms else Output(-1, 0, 1))
    return AdderGraph(inputs, tuple(adds), tuple(outputs))


def _searched(matrix: NDArray[np.int64], input_bits: int, thorough: bool) -> AdderGraph:
    answer = json.loads(
        _answer(json.dumps({"matrix": matrix.tolist(), "bits": input_bits, "thorough": thorough}))
    )
    return AdderGraph(
        matrix.shape[0],
        tuple(Add(*add) for add in answer["adds"]),
        tuple(Output(*output) for output in answer["outputs"]),
    )


@lru_cache(maxsize=32)
def _answer(request: str) -> str:
    """Return what da4ml answers, in a process of its own; a kernel that is written again is not solved again."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "hls_project.targets.rtl.engines.adders.solver"],
            input=request,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=False,
            env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        )
    except subprocess.TimeoutExpired as hung:
        raise FlowError(f"da4ml did not solve a kernel within {_TIMEOUT:g} s") from hung
    if done.returncode:
        raise FlowError("da4ml failed", log_tail="\n".join(done.stderr.splitlines()[-15:]))
    return done.stdout.splitlines()[-1]
