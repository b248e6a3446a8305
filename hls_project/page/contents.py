"""What the page reads of each report: fields that are there and have their type, or a report that is damaged."""

from __future__ import annotations

from typing import Any, Generic, Literal, TypeVar, Union

from pydantic import BaseModel, ConfigDict, Field

from hls_project.reports.figure import Kind

_Value = TypeVar("_Value")


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, allow_inf_nan=False)


class Figure(_Read, Generic[_Value]):
    """A figure of a report, with where it comes from."""

    value: _Value
    kind: Kind
    unit: str | None = None


Count = Figure[int]
Number = Figure[float]


class Csim(_Read):
    """`csim.json`."""

    images: int
    exact_images: Count
    correct: Count | None = None
    images_per_second: Number
    first_difference: dict[str, Any] | None = None


class Stream(_Read):
    """A stream of `dataflow.json`."""

    name: str
    depth: int
    highest_fill: Count
    smallest_depth: Count


class Dataflow(_Read):
    """`dataflow.json`."""

    frames: int
    exact_frames: Count
    streams: tuple[Stream, ...]


class Busy(_Read):
    """A layer of `cosim.json`."""

    name: str
    cycles_per_image: Count
    busy: Number


class Fifo(_Read):
    """A FIFO of `cosim.json`."""

    name: str
    depth: int
    highest_fill: Count


class Cosim(_Read):
    """`cosim.json` of either target; what target hls does not count is empty."""

    target: Literal["rtl", "hls"]
    exact_images: Count
    first_result: Count
    cycles_per_image: Number | None = None
    images: int | Count
    correct: Count | None = None
    build_id: str = ""
    limiting_layer: str = ""
    layers: tuple[Busy, ...] = ()
    fifos: tuple[Fifo, ...] = ()
    first_difference: dict[str, Any] | None = None


class Gatesim(_Read):
    """`gatesim.json`."""

    netlist: str
    images: int
    exact_images: Count
    first_difference: dict[str, Any] | None = None


class SimulatedBoard(_Read):
    """`simulated_board.json`."""

    exact_images: Count
    compute_cycles: Count


class Golden(_Read):
    """What the board's driver found of its golden images."""

    exact: int | None = None
    error: str | None = None


class Board(_Read):
    """`board.json`, as the board sent it."""

    files: dict[str, Any]
    golden: Golden = Golden()
    system: dict[str, Any] = Field(default_factory=dict)
    speed: dict[str, Any] = Field(default_factory=dict)


class Resources(_Read):
    """What a synthesis counts."""

    lut: Count
    ff: Count
    bram18: Count
    bram36: Count
    dsp: Count


class Module(Resources):
    """A layer of `estimate.json`."""

    name: str


class Estimate(_Read):
    """`estimate.json`."""

    tool: str
    part: str
    fits: bool
    total: Resources
    modules: tuple[Module, ...]


class Timing(_Read):
    """`timing.json`: routed on a stand-in for the part."""

    device: str
    fmax: Number
    core: str


class Point(_Read):
    """A point of the front of `explore.json`."""

    images_per_second: Number
    lut: Count
    bram: Number
    fits: bool


class Explore(_Read):
    """`explore.json`."""

    front: dict[Literal["lut", "bram"], tuple[Point, ...]]


class Totals(_Read):
    """Counts of one image, of `compare.json`."""

    synaptic_operations: Count
    spike_operations: Number
    weights: Count
    weight_storage_bits: Count
    vm_bits: Count


class Side(_Read):
    """One of both networks of `compare.json`."""

    name: str
    images: int
    correct: Count
    totals: Totals


class Compare(_Read):
    """`compare.json`. conventional_sha256: of the conventional network's QONNX file, "" where an older version wrote it."""

    dataset: str
    dual_threshold: Side
    conventional: Side
    conventional_sha256: str = ""


class Use(_Read):
    """A resource of `bitstream.json`."""

    value: float
    kind: Kind
    available: float


class Bitstream(_Read):
    """`bitstream.json`: what Vivado says after routing."""

    board: str
    utilisation: dict[str, Use]
    clock_mhz: dict[str, Any]
    timing: dict[str, Any]


Content = Union[
    Csim,
    Dataflow,
    Cosim,
    Gatesim,
    SimulatedBoard,
    Board,
    Estimate,
    Timing,
    Explore,
    Compare,
    Bitstream,
]
