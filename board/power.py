"""Power of the board's rails while it works, as the sensors say that PYNQ finds; no figure where it finds none."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any, NamedTuple, Optional

SPAN = 2.0
"""Seconds of a measurement: a sensor of such a rail averages over some hundredths of a second."""

INTERVAL = 0.02
"""Seconds between two readings."""


class RailPower(NamedTuple):
    """Power of one rail. watts: the mean of `readings`. millijoules: for each image, all that hangs on the rail counted.

    source: what was read. Rails may feed each other, so that their sum says nothing.
    """

    rail: str
    watts: float
    millijoules: float
    readings: int
    source: str


class Sensor(NamedTuple):
    """watts: reads the power. source: what that is."""

    watts: Callable[[], float]
    source: str


def sensors() -> dict[str, Sensor]:
    """Return a sensor for each rail whose power PYNQ can read: `pynq.get_rails()` of 2.7 and newer.

    A rail has up to three sensors; where the one of its power is missing, those of voltage and current make it.
    """
    import pynq

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # there is no libsensors
        rails = pynq.get_rails() if hasattr(pynq, "get_rails") else {}
    found = {name: _sensor(rail) for name, rail in rails.items()}
    return {name: sensor for name, sensor in found.items() if sensor is not None}


def _sensor(rail: Any) -> Optional[Sensor]:
    power, voltage, current = rail.power, rail.voltage, rail.current
    if power is not None:
        return Sensor(lambda: float(power.value), f"pynq.get_rails: {power.name}")
    if voltage is not None and current is not None:
        source = f"pynq.get_rails: {voltage.name} x {current.name}"
        return Sensor(lambda: float(voltage.value) * float(current.value), source)
    return None


class Recorder:
    """Reads sensors in a thread, for the time of a `with` block. A sensor that cannot be read has no figure."""

    def __init__(self, sensors: Mapping[str, Sensor]) -> None:
        self._sensors = dict(sensors)
        self._readings: dict[str, list[float]] = {name: [] for name in sensors}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True) if sensors else None
        self._begun = perf_counter()

    def __enter__(self) -> Recorder:
        self._begun = perf_counter()
        if self._thread is not None:
            self._thread.start()
        return self

    def __exit__(self, *error: Any) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    @property
    def wants_more(self) -> bool:
        """Whether there is something to read, and the time for it has not passed."""
        return self._thread is not None and perf_counter() - self._begun < SPAN

    def power(self, images_per_second: float) -> tuple[RailPower, ...]:
        """Return the power of each rail, after the block, in which so many images a second were classified."""
        result = []
        for name, readings in self._readings.items():
            if readings:
                watts = sum(readings) / len(readings)
                energy = 1e3 * watts / images_per_second
                result.append(RailPower(name, watts, energy, len(readings), self._sensors[name].source))
        return tuple(result)

    def _read(self) -> None:
        while not self._ended.wait(INTERVAL):
            for name, sensor in list(self._sensors.items()):
                try:
                    self._readings[name].append(sensor.watts())
                except (OSError, ValueError):
                    self._readings[name] = []
                    del self._sensors[name]
