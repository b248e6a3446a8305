"""Power of the board's rails, over a stand-in for those of pynq 3.0.1: sensors of power, or of voltage and current, or neither."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pynq
import pytest

from board import power, report
from board.overlay import DTSCNNOverlay
from tests.board.instant import instant_board, overlay


class Sensor:
    """As `pynq.pmbus.Sensor` has it. values: what it reads, one after the other; an error is raised."""

    def __init__(self, name: str, *values: float | Exception) -> None:
        self.name = name
        self._values = itertools.cycle(values)

    @property
    def value(self) -> float:
        found = next(self._values)
        if isinstance(found, Exception):
            raise found
        return found


class Rail:
    """As `pynq.pmbus.Rail` has it."""

    def __init__(self, name: str, **sensors: Sensor) -> None:
        self.name = name
        self.voltage = sensors.get("voltage")
        self.current = sensors.get("current")
        self.power = sensors.get("power")


RAILS = (
    Rail("12V", power=Sensor("12V_power", 9.0, 11.0), voltage=Sensor("12V_voltage", 12.0)),
    Rail("INT", voltage=Sensor("INT_voltage", 0.85), current=Sensor("INT_current", 2.0)),
    Rail("3V3", voltage=Sensor("3V3_voltage", 3.3)),
    Rail("broken", power=Sensor("broken_power", 1.0, OSError("no answer"))),
)


@pytest.fixture
def rails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pynq, "get_rails", lambda: {rail.name: rail for rail in RAILS}, raising=False)
    monkeypatch.setattr(power, "SPAN", 0.2)
    monkeypatch.setattr(power, "INTERVAL", 0.001)


def test_rails_are_measured_while_the_board_works(tmp_path: Path, rails: None) -> None:
    bitstream = overlay(tmp_path, kind="hardware")
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        found = loaded.throughput_test(images=10, single=5)
    board, core = found.power
    assert (board.rail, core.rail) == ("12V", "INT")  # one has no current, one does not answer
    assert 9.0 < board.watts < 11.0 and core.watts == pytest.approx(1.7)
    assert board.source == "pynq.get_rails: 12V_power"
    assert core.source == "pynq.get_rails: INT_voltage x INT_current"
    assert core.millijoules == pytest.approx(1700 / found.images_per_second)
    assert min(board.readings, core.readings) > 3


def test_there_is_no_figure_where_there_are_no_rails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pynq, "get_rails", dict, raising=False)
    bitstream = overlay(tmp_path, kind="hardware")
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        assert loaded.throughput_test(images=10, single=5).power == ()
    monkeypatch.delattr(pynq, "get_rails")  # an older pynq
    assert power.sensors() == {}


def test_a_simulated_board_does_not_measure_the_machine_that_simulates(tmp_path: Path, rails: None) -> None:
    bitstream = overlay(tmp_path)
    with DTSCNNOverlay(bitstream, device=instant_board(bitstream)) as loaded:
        assert loaded.throughput_test(images=10, single=5).power == ()


def test_the_power_of_each_rail_is_in_the_board_s_report(tmp_path: Path, rails: None) -> None:
    bitstream = overlay(tmp_path, kind="hardware")
    found = report.collect(bitstream, device=instant_board(bitstream))
    assert [rail["rail"] for rail in found["speed"]["power"]] == ["12V", "INT"]
    assert found["speed"]["power"][1]["watts"] == pytest.approx(1.7)
    assert json.loads(json.dumps(found["speed"]["power"][1]))["source"].startswith("pynq.get_rails: ")
