"""The report of a co-simulation of target rtl: JSON for programs, tables for people."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from hls_project.cosimulation.simulate import FifoFill, RtlSimulation
from hls_project.parity.difference import Difference
from hls_project.parity.verdict import Verdict
from hls_project.reports.console import new_table, say, say_verdict, show
from hls_project.reports.figure import figure


@dataclass(frozen=True)
class LayerTiming:
    """One layer. engine; pe, simd, mmv: kernels, inputs and pixels at once. cycles: of one frame, by its plan.

    busy: cycles of one frame that it worked, as simulated at full speed.
    """

    name: str
    engine: str
    pe: int
    simd: int
    mmv: int
    cycles: int
    busy: float


@dataclass(frozen=True)
class CosimReport(Verdict):
    """What a co-simulation showed.

    cycles_per_image: in steady state, both sides at full speed; None of a single image. first_result: cycles from the
    first word in to the last word of the first result. pixels: of an image. clock_period: target, in nanoseconds.
    bus_cycles: words of an image on the bus.
    routed_mhz: the routed maximum frequency of `timing`, if there is one, and what it was routed on. difference: the first
    value that differs, None if none does.
    """

    simulation: RtlSimulation
    pixels: int
    cycles_per_image: float | None
    first_result: int
    layers: tuple[LayerTiming, ...]
    clock_period: float
    build_id: str
    difference: Difference | None
    bus_cycles: int = 0
    routed_mhz: float | None = None
    routed_on: str | None = None

    @property
    def limit(self) -> str:
        """The layer that takes the most cycles of a frame, or "bus" where its words take more."""
        slowest = max(self.layers, key=lambda layer: layer.cycles)
        return slowest.name if slowest.cycles >= self.bus_cycles else "bus"

    @property
    def interval(self) -> float:
        """Cycles from one image to the next."""
        return self.cycles_per_image or float(self.first_result)

    def images_per_second(self, mhz: float) -> float:
        """Return the throughput at a clock of `mhz` MHz."""
        return mhz * 1e6 / self.interval

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""
        simulation, target = self.simulation, 1000 / self.clock_period
        rates = {"target": figure(self.images_per_second(target), "simulated", f"at {target:g} MHz")}
        if self.routed_mhz is not None:
            at = f"at {self.routed_mhz:.1f} MHz, routed on {self.routed_on}"
            rates["routed"] = figure(self.images_per_second(self.routed_mhz), "simulated", at)
        return {
            "model": self.model,
            "target": "rtl",
            "build_id": self.build_id,
            "images": self.images,
            "exact_images": figure(self.exact, "simulated", "images with every score equal"),
            "correct": None if self.correct is None else figure(self.correct, "simulated", "images"),
            "cycles_per_image": None
            if self.cycles_per_image is None
            else figure(self.cycles_per_image, "simulated", "steady state"),
            "pixels": self.pixels,
            "first_result": figure(self.first_result, "simulated", "cycles"),
            "images_per_second": rates,
            "limiting_layer": self.limit,
            "layers": [
                {
                    "name": layer.name,
                    "fold": {"engine": layer.engine, "pe": layer.pe, "simd": layer.simd, "mmv": layer.mmv},
                    "cycles_per_image": figure(layer.cycles, "model", "alone"),
                    "busy": figure(layer.busy, "simulated", "cycles an image"),
                }
                for layer in self.layers
            ],
            "fifos": [
                {
                    "name": fifo.name,
                    "depth": fifo.depth,
                    "highest_fill": figure(fifo.highest, "simulated", "beats"),
                }
                for fifo in simulation.fifos
            ],
            "simulated_cycles": figure(simulation.clocks, "simulated"),
            "simulator_images_per_second": figure(self.images / simulation.seconds, "measured"),
            "runs": simulation.runs,
            "first_difference": None if self.difference is None else asdict(self.difference),
        }

    def print(self, console: Console) -> None:
        """Print the tables."""
        show(console, self._layer_table(), f"{self.model}: layers of the core, cycles of an image")
        show(console, fifo_table(self.simulation.fifos), "FIFOs, in beats")
        target = 1000 / self.clock_period
        steady = (
            "one image only: no steady state"
            if self.cycles_per_image is None
            else f"{self.cycles_per_image:,.1f} cycles an image ({self.cycles_per_image / self.pixels:.3f} x its {self.pixels:,} pixels)"
        )
        say(
            console,
            f"{steady}; first result after {self.first_result:,} cycles; {self.limit} limits; "
            f"{self.images_per_second(target):,.0f} images/s at {target:g} MHz",
        )
        if self.routed_mhz is not None:
            say(
                console,
                f"{self.images_per_second(self.routed_mhz):,.0f} images/s at the {self.routed_mhz:.1f} MHz routed on {self.routed_on}",
            )
        accuracy = (
            ""
            if self.accuracy is None
            else f"; accuracy {100 * self.accuracy:.2f} % ({self.correct:,} of {self.images:,})"
        )
        say_verdict(
            console,
            self.is_exact,
            f"{self.exact:,} of {self.images:,} images, every score, with random gaps and back-pressure{accuracy}; "
            f"{self.images / self.simulation.seconds:,.0f} images/s simulated",
        )

    def _layer_table(self) -> Table:
        table = new_table("layer", "planned", "busy")
        for layer in self.layers:
            mark = " (limits)" if layer.name == self.limit else ""
            table.add_row(layer.name + mark, f"{layer.cycles:,}", f"{layer.busy:,.1f}")
        return table


def fifo_table(fifos: tuple[FifoFill, ...]) -> Table:
    """Return the FIFOs' depths and highest fills."""
    table = new_table("behind layer", "depth", "highest fill")
    for fifo in fifos:
        table.add_row(fifo.name, str(fifo.depth), str(fifo.highest))
    return table
