"""Tables of a spike lane: what a group of spikes adds, for every combination of them and every fold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hls_project.graph.bounds import signed_width
from hls_project.targets.rtl.text import LONGEST_LITERAL, bits_of, stride, table_literal

LUT_INPUTS = 6
"""Inputs of one look-up table of 7-series and UltraScale+ parts."""


@dataclass(frozen=True, eq=False)
class LaneTables:
    """Tables of all lanes of a layer: module `dt_spike_tables`.

    group: spikes that address a table, beside the fold. sum_bits: width of an entry, two's complement. sums: int64
    `(lanes, groups, folds * 2^group)`; entry `fold * 2^group + spikes`.
    """

    group: int
    sum_bits: int
    sums: NDArray[np.int64]

    @property
    def groups(self) -> int:
        """Return the number of groups of a lane."""
        return int(self.sums.shape[1])

    @property
    def run(self) -> int:
        """Return the groups whose tables fit into one literal."""
        return max(1, LONGEST_LITERAL // (self.sums.shape[2] * stride(self.sum_bits)))

    def literal(self, lane: int, first: int = 0, groups: int | None = None) -> str:
        """Return tables of a lane as a SystemVerilog literal, of the first group and entry 0 in the lowest bits."""
        last = self.groups if groups is None else first + groups
        return table_literal(bits_of(self.sums[lane, first:last].reshape(-1), self.sum_bits))


def lane_tables(weights: NDArray[np.int64]) -> LaneTables:
    """Return the tables of `weights`, integers `(folds, taps, lanes)`."""
    folds, taps, lanes = weights.shape
    group = max(1, LUT_INPUTS - (folds - 1).bit_length())
    groups = -(-taps // group)
    padded = np.zeros((folds, groups * group, lanes), np.int64)
    padded[:, :taps] = weights
    fires = (np.arange(1 << group)[:, None] >> np.arange(group)) & 1
    sums = np.einsum("sp,fgpl->lgfs", fires, padded.reshape(folds, groups, group, lanes))
    return LaneTables(
        group,
        signed_width(int(sums.min()), int(sums.max())),
        sums.reshape(lanes, groups, folds * (1 << group)),
    )
