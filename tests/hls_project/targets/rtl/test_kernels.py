"""What the writer puts into the SystemVerilog: adder graphs, tables and literals, against numpy."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest

from dt_scnn.errors import FlowError
from hls_project.targets.rtl.engines.adders.adder_kernel import adder_kernel
from hls_project.targets.rtl.engines.adders.solve import (
    Add,
    AdderGraph,
    Output,
    digits,
    plain,
    solve,
)
from hls_project.targets.rtl.engines.tables.lane_tables import lane_tables
from hls_project.targets.rtl.text import bits_of, stride, table_literal


def decode(literal: str, bits: int) -> list[int]:
    """What the hardware reads: signed entries, a power of two apart."""
    size, number = literal.split("'h")
    values = [int(number, 16) >> at & ((1 << bits) - 1) for at in range(0, int(size), stride(bits))]
    return [value - (value >> (bits - 1) << bits) for value in values]


@pytest.mark.parametrize("bits", [1, 3, 8, 13])
def test_literal_keeps_every_value(bits: int) -> None:
    rng = np.random.default_rng(bits)
    values = rng.integers(-(1 << (bits - 1)), 1 << (bits - 1), 37)
    assert decode(table_literal(bits_of(values, bits)), bits) == values.tolist()


@pytest.mark.parametrize(
    ("folds", "taps", "lanes"), [(1, 9, 2), (3, 7, 1), (4, 144, 4), (16, 5, 3), (64, 10, 1)]
)
def test_tables_add_up_to_the_product(folds: int, taps: int, lanes: int) -> None:
    rng = np.random.default_rng(taps)
    weights = rng.integers(-7, 8, (folds, taps, lanes))
    tables = lane_tables(weights)
    assert tables.sums.min() >= -(1 << (tables.sum_bits - 1)) and tables.sums.max() < 1 << (
        tables.sum_bits - 1
    )
    assert decode(tables.literal(lanes - 1), tables.sum_bits) == tables.sums[lanes - 1].reshape(-1).tolist()
    for _ in range(20):
        spikes, fold = rng.integers(0, 2, taps), int(rng.integers(folds))
        padded = np.pad(spikes, (0, tables.groups * tables.group - taps)).reshape(tables.groups, tables.group)
        entries = (fold << tables.group) + padded @ (1 << np.arange(tables.group))
        potentials = tables.sums[:, np.arange(tables.groups), entries].sum(axis=1)
        assert potentials.tolist() == (spikes @ weights[fold]).tolist()


@pytest.mark.parametrize("shape", [(9, 8), pytest.param((27, 4), marks=pytest.mark.slow), (1, 1), (5, 3)])
def test_solved_graph_multiplies_by_the_matrix(shape: tuple[int, int]) -> None:
    matrix = np.random.default_rng(shape[0]).integers(-7, 8, shape)
    matrix[:, 0] = 0  # a kernel without weights
    assert np.array_equal(solve(matrix, 8).matrix(), matrix)


def test_a_wrong_solution_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = AdderGraph(2, (Add(0, 0, 1, 1, 1),), (Output(2, 0, 1),))
    assert wrong.matrix().tolist() == [[1], [2]]
    monkeypatch.setattr(AdderGraph, "matrix", lambda self: np.zeros((2, 1), np.int64))
    with pytest.raises(FlowError, match="do not compute its weights"):
        solve(np.array([[1], [2]]), 8)


@pytest.mark.parametrize(("shape", "most"), [((9, 8), 7), ((75, 8), 127), ((27, 1), 127), ((3, 5), 0)])
def test_the_plain_graph_multiplies_by_the_matrix(shape: tuple[int, int], most: int) -> None:
    matrix = np.random.default_rng(shape[0]).integers(-most, most + 1, shape)
    graph = plain(matrix)
    assert np.array_equal(graph.matrix(), matrix)
    # One adder fewer than digits for each output that has any.
    counts = np.array([len(found) for found in digits(matrix)]).reshape(shape).sum(axis=0)
    assert len(graph.adds) == int(np.maximum(counts - 1, 0).sum())


def test_digits_are_signed_and_never_neighbours() -> None:
    for value, found in zip(range(-300, 300), digits(np.arange(-300, 300)), strict=True):
        assert sum(sign << shift for shift, sign in found) == value
        shifts = [shift for shift, _ in found]
        assert all(after - before > 1 for before, after in zip(shifts, shifts[1:], strict=False))


def test_a_large_matrix_needs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", None)  # no process is started
    matrix = np.random.default_rng(1).integers(-127, 128, (75, 32))
    assert np.array_equal(solve(matrix, 8).matrix(), matrix)


def test_outputs_come_in_the_same_cycle_and_no_sum_is_wider_than_the_potential() -> None:
    graph = solve(np.random.default_rng(3).integers(-7, 8, (9, 8)), 8)
    kernel = adder_kernel(graph, 8, 15)
    assert kernel.latency >= 4  # nine inputs of several digits each
    widths = [
        int(line.split("[")[1].split(":")[0]) + 1 for line in kernel.body.splitlines() if "signed [" in line
    ]
    assert max(widths) <= 15
