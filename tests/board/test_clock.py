"""The clock on the board is the one that the design was timed for, whatever PLL the block design assumed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pynq.ps import Clocks

from board import clock
from board.errors import BoardError
from board.manifest import Manifest
from board.overlay import DTSCNNOverlay
from board.simulated import clocks as processor
from board.simulated.device import block_design, parsed
from tests.board.instant import instant_board, overlay


@pytest.mark.parametrize(
    ("timed", "runs"), [(100.0, 100.0), (142.857132, 1000 / 7), (95.0, 1000 / 11), (0.3, 1000 / 3339)]
)
def test_the_clock_is_not_that_of_another_pll(tmp_path: Path, timed: float, runs: float) -> None:
    bitstream = overlay(tmp_path, clock_mhz=timed)
    board = instant_board(bitstream)
    with DTSCNNOverlay(bitstream, device=board) as loaded:
        # PYNQ itself has written the divisors of an IO PLL of 1,600 MHz: 62.5 MHz.
        assert board.simulated_mhz == pytest.approx(runs, rel=1e-9)
        assert runs <= timed * (1 + clock.ROUNDING)
        found = loaded.classifier.clock
        assert found.timed == timed and found.registers == pytest.approx(runs, abs=1e-6)
        assert found.measured == pytest.approx(runs, rel=1e-3)
        assert loaded.info["clock_mhz_measured"] == found.measured == loaded.throughput_test(3, 2).clock_mhz
        assert loaded.throughput_test(3, 2).compute_seconds == 1000 / (found.measured * 1e6)


def test_a_handoff_without_frequencies_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PYNQ 4.0 with pynqmetadata 0.2.0 finds none in the handoff of any Zynq-7000, and fails as it divides by None."""
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)
    found = board.get_bitfile_metadata("")
    found.clock_dict[0]["frequency"] = None
    monkeypatch.setattr(board, "get_bitfile_metadata", lambda *unused, **options: found)
    with DTSCNNOverlay(bitstream, device=board) as loaded:
        assert loaded.classifier.clock.measured == pytest.approx(100.0, rel=1e-3)


def test_a_loaded_bitstream_gets_its_clock_too(tmp_path: Path) -> None:
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)
    with DTSCNNOverlay(bitstream, device=board):
        Clocks.fclk0_mhz = 50.0
        assert board.simulated_mhz == pytest.approx(50.0)
        DTSCNNOverlay(bitstream, device=board, download=False)
        assert board.simulated_mhz == pytest.approx(100.0)


def test_a_clock_that_is_faster_than_timed_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "CRYSTAL_MHZ", 50.4)  # PYNQ takes it for 50
    bitstream = overlay(tmp_path)
    with pytest.raises(BoardError, match=r"runs at 100\.8\d* MHz, measured, .* timed for 100 MHz"):
        DTSCNNOverlay(bitstream, device=instant_board(bitstream))


def test_divisors_that_the_processor_does_not_take_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the registers say afterwards counts, before anything is measured."""
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)
    write = type(Clocks).set_pl_clk
    monkeypatch.setattr(type(Clocks), "set_pl_clk", lambda clocks, index, *unused: write(clocks, index, 5, 1))
    monkeypatch.setattr(clock, "measure", lambda *unused: pytest.fail("measured"))
    with pytest.raises(
        BoardError, match="would run at 200 MHz, by the processing system's registers, .* for 100 MHz"
    ):
        clock.settle(board, None, 100.0)  # type: ignore[arg-type]


def test_a_slow_crystal_is_told_and_reckoned_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "CRYSTAL_MHZ", 100 / 3)  # a Zybo
    bitstream = overlay(tmp_path)
    with pytest.warns(UserWarning, match=r"runs at 66\.6\d* MHz, measured, though .* say 100 MHz"):
        loaded = DTSCNNOverlay(bitstream, device=instant_board(bitstream))
    assert loaded.classifier.clock.mhz == pytest.approx(200 / 3, rel=1e-3)


def test_a_clock_that_stands_still_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)
    monkeypatch.setattr(board, "sleep", lambda seconds: None)
    with pytest.raises(BoardError, match="stands still"):
        DTSCNNOverlay(bitstream, device=board)


def test_a_busy_processor_measures_again_and_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    class Counter:
        value = 0

        def cycles(self) -> int:
            self.value += 1000
            return self.value

    times = iter(float(second) for second in range(1000))
    waits: list[float] = []
    with pytest.raises(BoardError, match="too busy"):
        clock.measure(Counter(), lambda: next(times), waits.append)  # type: ignore[arg-type]
    assert waits == [clock.SPAN * 2**attempt for attempt in range(clock.ATTEMPTS)]


def test_pynq_cannot_set_it_is_a_board_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bitstream = overlay(tmp_path)
    board = instant_board(bitstream)

    def refuse(*unused: object) -> None:
        raise RuntimeError("Architecture not supported for Clocks")

    monkeypatch.setattr(type(Clocks), "set_pl_clk", refuse)
    found = parsed(block_design(Manifest.load(bitstream.with_suffix(".json"))))
    found.clock_dict = {}  # PYNQ itself sets none
    monkeypatch.setattr(board, "get_bitfile_metadata", lambda *unused, **options: found)
    with pytest.raises(BoardError, match="PYNQ cannot set the clock.*Architecture not supported"):
        DTSCNNOverlay(bitstream, device=board)


def test_closing_the_board_gives_pynqs_clocks_back(tmp_path: Path) -> None:
    bitstream = overlay(tmp_path)
    before = Clocks.__dict__.get("_real_instance")
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as first:
        ours = Clocks._real_instance
        second = instant_board(bitstream)
        assert Clocks._real_instance is not ours
        second.close()
        assert Clocks._real_instance is ours
        first.device.close()
    assert Clocks.__dict__.get("_real_instance") is before


@pytest.mark.parametrize("source", [999.99, 1000.0, 1499.985, 1600.0])
def test_divisors_come_as_near_from_below_as_any(source: float) -> None:
    products = sorted({i * j for i in range(1, 64) for j in range(1, 64)})
    for wanted in [source / 3969, 0.9, 33.3, 62.5, 95.0, 99.999, 100.0, 187.5, 214.284, 250.0, source]:
        first, second = clock.divisors(source, wanted)
        assert 1 <= second <= first <= 63
        allowed = [product for product in products if source / product * (1 - clock.ROUNDING) <= wanted]
        assert first * second == allowed[0]
    with pytest.raises(BoardError, match="no divisors"):
        clock.divisors(source, source / 4000)


def test_the_manifest_of_a_real_board_is_not_believed(tmp_path: Path) -> None:
    """The same path as on a real board: kind "board"."""
    bitstream = overlay(tmp_path, kind="board", board="pynq-z2")
    (tmp_path / "net.hwh").write_text("")
    content = json.loads((tmp_path / "net.json").read_text())
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        assert loaded.classifier.clock.measured == pytest.approx(content["clock_mhz"], rel=1e-3)
