"""The process that `solve` starts: JSON on standard input, da4ml's shifts and adds as JSON on standard output."""

from __future__ import annotations

import json
import sys
from math import log2
from typing import Any

import numpy as np
from da4ml.cmvm.types import CombLogic
from da4ml.trace import FixedVariableArrayInput, HWConfig, comb_trace
from numpy.typing import NDArray

# Levels of adders over the least possible that are tried: more may share more between kernels, for more pipeline stages.
_EXTRA_LEVELS = (1, 2, 3, 4)
_INPUT, _ADD, _SUBTRACT, _COPY, _CONSTANT = -1, 0, 1, 3, 5


def _solve(matrix: NDArray[np.float32], bits: int, extra_levels: int, thorough: bool) -> CombLogic:
    """Return da4ml's shifts and adds; `cost` is their adder bits. thorough: try every way to split the matrix in two."""
    inputs = len(matrix)
    options: dict[str, Any] = {"hard_dc": extra_levels}
    if not thorough:
        options |= {"search_all_decompose_dc": False, "decompose_dc": -1}
    source = FixedVariableArrayInput((inputs,), hwconf=HWConfig(1, -1, -1), solver_options=options)
    zeros = np.zeros(inputs, int)
    return comb_trace(source, source.quantize(zeros, np.full(inputs, bits), zeros) @ matrix)


def main() -> None:
    """Solve one matrix."""
    request = json.load(sys.stdin)
    matrix = np.array(request["matrix"], np.float32)
    inputs = len(matrix)
    thorough = bool(request["thorough"])
    levels = _EXTRA_LEVELS if thorough else _EXTRA_LEVELS[:1]
    solutions = [_solve(matrix, request["bits"], extra, thorough) for extra in levels]
    solution = min(solutions, key=lambda found: found.cost)

    # Each value of da4ml is an integer times a power of two, its step.
    steps = [int(log2(op.qint.step)) if np.isfinite(op.qint.step) else 0 for op in solution.ops]
    nodes: list[int] = []
    adds: list[list[int]] = []
    for index, op in enumerate(solution.ops):
        if op.opcode == _INPUT:
            nodes.append(op.id0)
        elif op.opcode == _COPY:
            nodes.append(nodes[op.id0])
        elif op.opcode == _CONSTANT and op.data == 0:  # a kernel without weights
            nodes.append(-1)
        elif op.opcode in (_ADD, _SUBTRACT):
            step = steps[index]
            left, right = steps[op.id0] - step, steps[op.id1] + op.data - step
            sign = 1 if op.opcode == _ADD else -1
            adds.append([nodes[op.id0], left, nodes[op.id1], right, sign])
            nodes.append(inputs + len(adds) - 1)
        else:
            raise ValueError(f"da4ml made an operation {op.opcode} of a product with constants")
    outputs = [
        [-1, 0, 1]
        if node < 0 or nodes[node] < 0
        else [nodes[node], steps[node] + shift, -1 if negated else 1]
        for node, shift, negated in zip(
            solution.out_idxs, solution.out_shifts, solution.out_negs, strict=True
        )
    ]
    # Library code may print: the answer is the last line.
    print(json.dumps({"adds": adds, "outputs": outputs}))


if __name__ == "__main__":
    main()
