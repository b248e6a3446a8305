"""Constant matrix times vector by shifts and adds, solved by da4ml in a process of its own.

da4ml's solver is compiled at its first call, which takes minutes; without compilation, a setting of the whole process,
the matrices met here take less than seconds.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError, FlowError

LARGEST = 2048
"""Elements of the largest matrix that is solved; larger ones would take minutes."""

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


def solve(matrix: NDArray[np.int64], input_bits: int) -> AdderGraph:
    """Return shifts and adds that multiply unsigned inputs of `input_bits` bits by `matrix` `(inputs, outputs)`.

    The graph's own matrix is compared with `matrix`, so it is right for every input.

    Raises:
        ConfigurationError: the matrix is too large. FlowError: the solver failed, or its graph computes something else.
    """
    if matrix.size > LARGEST:
        raise ConfigurationError(
            f"a matrix of {matrix.shape[0]} x {matrix.shape[1]} is too large to solve ({LARGEST} elements at most)"
        )
    request = json.dumps({"matrix": matrix.tolist(), "bits": input_bits})
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
    answer = json.loads(done.stdout.splitlines()[-1])
    graph = AdderGraph(
        matrix.shape[0],
        tuple(Add(*add) for add in answer["adds"]),
        tuple(Output(*output) for output in answer["outputs"]),
    )
    shifts = [s for add in graph.adds for s in (add.left_shift, add.right_shift)] + [
        o.shift for o in graph.outputs
    ]
    if min(shifts, default=0) < 0 or not np.array_equal(graph.matrix(), matrix):
        raise FlowError("da4ml's solution of a kernel does not compute its weights")
    return graph
