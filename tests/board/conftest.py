"""Overlays of the simulated board."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from pathlib import Path

import pytest

from board.overlay import DTSCNNOverlay
from dt_scnn.compiler import Compiler
from hls_project.cosimulation.verilate import Verilator
from hls_project.overlay.simulated import simulated_overlay
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import open_workspace
from tests.board.instant import instant_board, overlay


@pytest.fixture(scope="session")
def mnist_bit(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The shipped network's overlay for the simulated board, built once for all processes of the test run."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with open(shared / "overlay.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        workspace = open_workspace("mnist", shared / "build")
        return simulated_overlay(workspace, RtlOptions(), Verilator.find(Compiler.from_environment()))


@pytest.fixture
def mnist(mnist_bit: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DTSCNNOverlay]:
    monkeypatch.setattr("board.simulated.device.STALL_CYCLES", 20_000)  # of this core, a hundred frames
    with DTSCNNOverlay(mnist_bit, device="sim", timeout=2.0) as loaded:
        yield loaded


@pytest.fixture
def instant_bit(tmp_path: Path) -> Path:
    return overlay(tmp_path)


@pytest.fixture
def instant(instant_bit: Path) -> Iterator[DTSCNNOverlay]:
    with DTSCNNOverlay(instant_bit, device=instant_board(instant_bit)) as loaded:
        yield loaded
