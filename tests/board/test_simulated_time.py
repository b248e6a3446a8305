"""The simulated board calls a transfer stalled by simulated cycles: a slow simulation or a busy machine is no stall."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from board.errors import StalledError, TransferError
from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from board.simulated import SimulatedBoard, device
from board.simulated.device import STALL_CYCLES
from board.simulated.hardware import Fault, Transfer
from tests.board.instant import InstantHardware, overlay, scores

TIMEOUT = 1e-6
"""Seconds: over at the first look."""


class SilentHardware(InstantHardware):
    """Takes a frame's bytes and gives its result only after `silence` cycles."""

    silence = 0

    def __init__(self, manifest: Manifest):
        super().__init__(manifest)
        self.waited = 0

    def run(self, transfer: Transfer, cycles: int) -> int:
        if transfer.source and self.waited < self.silence:
            self.waited += cycles
            return cycles
        self.waited = 0
        return super().run(transfer, cycles)


def load(folder: Path, silence: int) -> DTSCNNOverlay:
    bitstream = overlay(folder)
    manifest = Manifest.load(bitstream.with_suffix(".json"))
    hardware = SilentHardware(manifest)
    loaded = DTSCNNOverlay(bitstream, device=SimulatedBoard(manifest, hardware), timeout=TIMEOUT)
    hardware.silence = silence
    return loaded


@pytest.mark.parametrize("silence", [0, 100_000, STALL_CYCLES - 120_000, STALL_CYCLES - 100_000])
def test_a_long_computation_is_no_stall(tmp_path: Path, silence: int) -> None:
    pictures = np.random.default_rng(3).integers(0, 256, (3, 28, 28, 1), np.uint8)
    with load(tmp_path, silence) as loaded:
        for picture in pictures:
            assert (loaded.classify(picture).scores == scores(picture[None], 10)[0]).all()
        assert (loaded.predict(pictures).scores == scores(pictures, 10)).all()


def test_what_never_ends_is_one_and_the_next_call_works(tmp_path: Path) -> None:
    picture = np.zeros((28, 28, 1), np.uint8)
    with load(tmp_path, 0) as loaded:
        loaded.device.inject(Fault.STALLED)
        with pytest.raises(StalledError, match="no end after"):
            loaded.classify(picture)
        assert (loaded.classify(picture).scores == scores(picture[None], 10)[0]).all()


def test_an_error_of_the_memory_is_told_as_that_though_the_limit_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        device, "STALL_CYCLES", 0
    )  # as on a board whose processor is busy: one look, and it is over
    with load(tmp_path, 0) as loaded:
        loaded.device.inject(Fault.SLAVE_ERROR)
        with pytest.raises(TransferError, match="slave error"):
            loaded.classify(np.zeros((28, 28, 1), np.uint8))
