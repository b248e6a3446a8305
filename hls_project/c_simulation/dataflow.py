"""Simulate the dataflow as hardware runs it: each process a thread, each stream bounded to the depth in its pragma."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dt_scnn.compiler import Compiler
from dt_scnn.errors import FlowError
from hls_project.programs.logged import run_logged
from hls_project.reports.figure import figure
from hls_project.targets import hls
from hls_project.targets.hls import PROJECT
from hls_project.workspace import stage

DEFAULT_DEPTH = 2
"""What Vitis HLS gives a stream without a pragma."""

SEARCH_FRAMES = 4
"""Frames of a run that searches for depths; the depths found are then verified on all."""

DEEPEST = 1 << 16
"""Where the search for a depth without deadlock gives up, in beats."""

_TARGET = Path(hls.__file__).parent
_DEADLOCK = 3


@dataclass(frozen=True)
class Region:
    """The DATAFLOW region of the generated C++. streams: name -> (declaration, depth); processes: name -> call.

    ports: names of the input and of the output stream, both of which are in `declarations` too. layers: stream -> the layer
    that writes to it, where the source names it: what people know it by.
    """

    ports: tuple[str, str]
    declarations: dict[str, str]
    depths: dict[str, int]
    processes: dict[str, str]
    layers: dict[str, str]

    def label(self, stream: str) -> str:
        """Return what people know a stream by."""
        return self.layers.get(stream, stream)


@dataclass(frozen=True)
class StreamReport:
    """A stream, by the layer that writes to it: depths and fill in beats. highest_fill is of one run and depends on the timing of its threads."""

    name: str
    depth: int
    highest_fill: int
    smallest_depth: int


@dataclass(frozen=True)
class DataflowReport:
    """A run without deadlock. exact: frames with every score equal. smallest_depth of all streams work together."""

    streams: tuple[StreamReport, ...]
    frames: int
    exact: int
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""
        return {
            "frames": self.frames,
            "exact_frames": figure(self.exact, "simulated"),
            "seconds": figure(self.seconds, "measured"),
            "streams": [
                {
                    "name": stream.name,
                    "depth": stream.depth,
                    "highest_fill": figure(stream.highest_fill, "simulated", "beats"),
                    "smallest_depth": figure(stream.smallest_depth, "simulated", "beats, without deadlock"),
                }
                for stream in self.streams
            ],
        }


@dataclass(frozen=True)
class _Outcome:
    """What a run of the program printed. fills: stream -> (depth, fill, highest fill); blocked: process, what it does, stream."""

    fills: dict[str, tuple[int, int, int]]
    blocked: tuple[tuple[str, str, str], ...]
    full: frozenset[str]
    exact: int
    deadlock: bool

    @property
    def left(self) -> dict[str, int]:
        """Beats in streams: stream -> number; after a run without deadlock there should be none."""
        return {name: fill for name, (_, fill, _) in self.fills.items() if fill}

    @property
    def works(self) -> bool:
        return not self.deadlock and not self.left


def parse(source: Path) -> Region:
    """Read the DATAFLOW region of a generated project's top function.

    Raises:
        FlowError: a line is not understood, or a stream does not join exactly two processes.
    """
    text = source.read_text()
    head = re.search(rf"\bvoid {PROJECT}\(([^)]*)\)\s*\{{(.*)\}}", text, re.DOTALL)
    if head is None:
        raise FlowError(f"{source}: there is no function {PROJECT}")
    ports: dict[str, str] = {}
    for parameter in filter(None, (part.strip() for part in head[1].split(","))):
        match = re.fullmatch(r"(hls::stream<.+>) ?& ?(\w+)", parameter)
        if match is None:
            raise FlowError(f"{source}: not a stream: {parameter}")
        ports[match[2]] = match[1]
    if len(ports) != 2:
        raise FlowError(f"{source}: one input and one output stream are needed, not {len(ports)} streams")

    declarations, depths = dict(ports), dict.fromkeys(ports, DEFAULT_DEPTH)
    names = {name: name for name in ports}
    processes: dict[str, str] = {}
    layers: dict[str, str] = {}
    users: Counter[str] = Counter()
    dataflow = False
    for line in filter(None, map(str.strip, head[2].splitlines())):
        if line.startswith(("//", "#pragma HLS INTERFACE ")):
            continue
        if line == "#pragma HLS DATAFLOW":
            dataflow = True
        elif match := re.fullmatch(r'(hls::stream<.+>) (\w+)(?:\("\w+"\))?;', line):
            names[match[2]] = match[2]
            declarations[match[2]], depths[match[2]] = match[1], DEFAULT_DEPTH
        elif match := re.fullmatch(r"#pragma HLS STREAM variable=(\w+) depth=([1-9]\d*)", line):
            if match[1] not in names:
                raise FlowError(f"{source}: there is no such stream: {line}")
            depths[names[match[1]]] = int(match[2])
        elif (match := re.fullmatch(r"auto ?& ?(\w+) = (\w+);", line)) and match[2] in names:
            names[match[1]] = names[match[2]]
        elif match := re.fullmatch(r"([\w:]+)(<.+>)?\(([\w, ]*)\);(?:\s*// *(.*))?", line):
            arguments = match[3].replace(" ", "").split(",")
            users.update({names[argument] for argument in arguments if argument in names})
            call = ", ".join(names.get(argument, argument) for argument in arguments)
            name = (match[4] or "").strip() or match[1]
            streams = [names[argument] for argument in arguments if argument in names]
            if match[4] and len(streams) == 2 and name not in layers.values():
                layers[streams[-1]] = name
            if name in processes:
                name = f"{name} #{len(processes) + 1}"
            processes[name] = f"{match[1]}{match[2] or ''}({call});"
        else:
            raise FlowError(f"{source}: not understood: {line}")
    if not dataflow:
        raise FlowError(f"{source}: there is no #pragma HLS DATAFLOW")
    for stream in declarations:
        if users[stream] != (wanted := 1 if stream in ports else 2):
            raise FlowError(
                f"{source}: stream {stream} is an argument of {users[stream]} processes, not of {wanted}"
            )
    first, last = ports
    return Region((first, last), declarations, depths, processes, layers)


def harness(region: Region) -> str:
    """Return the C++ program that runs `region`."""
    streams = [
        line
        for name, declaration in region.declarations.items()
        for line in (
            f'{declaration} {name}("{name}");',
            f"opt.bound({name}, {region.depths[name]});",
        )
    ]
    streams += [
        f"auto &network_{role} = {name};"
        for role, name in zip(("input", "output"), region.ports, strict=True)
    ]
    processes = [
        f"network.add({json.dumps(name)}, [&](size_t) {{ {call} }});"
        for name, call in region.processes.items()
    ]
    text = (_TARGET / "dataflow" / "dataflow_test.cpp").read_text()
    for marker, lines in (("streams", streams), ("processes", processes)):
        text = text.replace(f"// @{marker}", "\n    ".join(lines))
    return text


def build(project: Path, output: Path, compiler: Compiler) -> Path:
    """Compile the dataflow simulation of `project` into the folder `output`, unless it is current; return the program.

    Raises:
        ToolNotFoundError: no compiler. FlowError: the project is not understood, or the compiler failed.
    """
    text = harness(parse(project / "firmware" / f"{PROJECT}.cpp"))
    program_and_flags = compiler.call()
    program = output.resolve() / "dataflow_test"
    sources = [stage.tree_key(folder, ("*.h",)) for folder in (project, _TARGET)]
    stage_key = stage.key(text, *sources, compiler.key())
    if stage.is_current(output, stage_key):
        return program
    output.mkdir(parents=True, exist_ok=True)
    for stale in (output / stage.STAMP, program):
        stale.unlink(missing_ok=True)
    main = output.resolve() / "dataflow_test.cpp"
    main.write_text(text)
    (output / "compile.log").write_text("")
    # Our hls_stream.h comes before the project's: -I is searched before -isystem.
    includes = ["-I.", f"-I{_TARGET / 'dataflow'}", f"-I{_TARGET / 'testbench'}"]
    call = [*program_and_flags, "-std=c++17", "-pthread", *includes, "-isystem", "firmware/ap_types"]
    run_logged([*call, str(main), "-o", str(program)], project, output / "compile.log", compiler.timeout)
    compiler.check_made(program, output / "compile.log")
    stage.complete(output, stage_key, [program])
    return program


def run(
    project: Path,
    golden: Path,
    images: int,
    output: Path,
    compiler: Compiler,
    progress: Callable[[int], None] = lambda done: None,
) -> DataflowReport:
    """Run the first `images` golden images (at least `SEARCH_FRAMES` frames) through `project`, back to back.

    output: folder of the program. A wrong score is no error here. `progress` is called with the frames done.

    Raises:
        ToolNotFoundError, FlowError: the build failed, the frames deadlock, or a beat was left in a stream.
    """
    program = build(project, output, compiler)
    region = parse(project / "firmware" / f"{PROJECT}.cpp")
    inner = {name: depth for name, depth in region.depths.items() if name not in region.ports}
    frames = max(images, SEARCH_FRAMES)
    simulator = _Simulator(program, golden)
    started = time.perf_counter()
    outcome = simulator.run(frames, {}, progress)
    seconds = time.perf_counter() - started
    if outcome.deadlock:
        raise FlowError(_deadlock_message(region, outcome, _way_out(simulator, inner, outcome)))
    if outcome.left:
        left = {region.label(name): beats for name, beats in outcome.left.items()}
        raise FlowError(f"beats were left in streams after the last frame: {left}")
    smallest = inner
    for search in (SEARCH_FRAMES, frames):
        smallest = _reduce(simulator, inner, inner, search)
        if simulator.run(frames, smallest).works:
            break
    streams = tuple(
        StreamReport(region.label(name), depth, outcome.fills[name][2], smallest[name])
        for name, depth in inner.items()
    )
    return DataflowReport(streams, frames, outcome.exact, seconds)


def _reduce(
    simulator: _Simulator, depths: Mapping[str, int], which: Mapping[str, int], frames: int
) -> dict[str, int]:
    """Return `depths`, which work, with those of `which` as small as they go.

    Each stream first on its own: if all those work together, none can be smaller. Else one after the other.
    """

    def smallest(name: str, others: Mapping[str, int], low: int) -> int:
        high = others[name]
        while low < high:
            middle = (low + high) // 2
            if simulator.run(frames, {**others, name: middle}).works:
                high = middle
            else:
                low = middle + 1
        return low

    alone = {name: smallest(name, depths, 1) for name in which}
    if simulator.run(frames, {**depths, **alone}).works:
        return {**depths, **alone}
    together = dict(depths)
    for name, low in alone.items():
        together[name] = smallest(name, together, low)
    return together


def _way_out(simulator: _Simulator, inner: Mapping[str, int], outcome: _Outcome) -> dict[str, int]:
    """Return deeper depths of the streams that stood full, with which the frames run; empty: there are none."""
    raised: dict[str, int] = {}
    while not outcome.works:
        more = {name: DEEPEST for name in outcome.full if name in inner and name not in raised}
        if not more:
            return {}
        raised |= more
        outcome = simulator.run(SEARCH_FRAMES, {**inner, **raised})
    found = _reduce(simulator, {**inner, **raised}, raised, SEARCH_FRAMES)
    return {name: found[name] for name in raised}


def _deadlock_message(region: Region, outcome: _Outcome, way_out: Mapping[str, int]) -> str:
    fills = [
        f"  {region.label(name)}: {fill} of {depth} beats" for name, (depth, fill, _) in outcome.fills.items()
    ]
    waits = [f"  {process} {what} stream {region.label(stream)}" for process, what, stream in outcome.blocked]
    advice = "no depth of the full streams helps"
    if way_out:
        found = (f"{region.label(name)} {depth}" for name, depth in way_out.items())
        advice = f"these depths work: {', '.join(found)}"
    named = any(name in region.layers for name in outcome.fills)
    head = "streams, by the layer that writes to them:" if named else "streams:"
    return "\n".join(["the dataflow deadlocks: every process waits", *waits, head, *fills, advice])


@dataclass(frozen=True)
class _Simulator:
    """The compiled program and its golden vectors. timeout: seconds for one frame; a polling process could hang."""

    program: Path
    golden: Path
    timeout: float = 30.0

    def run(
        self, frames: int, depths: Mapping[str, int], progress: Callable[[int], None] = lambda done: None
    ) -> _Outcome:
        call = [str(self.program), "--golden", str(self.golden.resolve()), "--frames", str(frames)]
        call += [word for name, depth in depths.items() for word in ("--depth", f"{name}={depth}")]
        limit = self.timeout * frames
        try:
            done = subprocess.run(call, capture_output=True, text=True, timeout=limit, check=False)
        except subprocess.TimeoutExpired as hung:
            raise FlowError(
                f"the dataflow simulation did not end within {limit:g} s: a process polls"
            ) from hung
        if done.returncode not in (0, 1, _DEADLOCK):
            message = done.stderr.strip() or "no message"
            raise FlowError(f"the dataflow simulation ended with status {done.returncode}: {message}")
        result = _Outcome({}, (), frozenset(), 0, done.returncode == _DEADLOCK)
        for kind, *fields in (line.split("\t") for line in done.stdout.splitlines()):
            if kind == "stream":
                result.fills[fields[0]] = (int(fields[1]), int(fields[2]), int(fields[3]))
            elif kind == "blocked":
                process, way, stream = fields
                what = "reads from empty" if way == "reads" else "writes to full"
                full = result.full | {stream} if way == "writes" else result.full
                wait = (process, what, stream)
                result = replace(result, blocked=(*result.blocked, wait), full=full)
            elif kind == "exact":
                result = replace(result, exact=int(fields[0]))
            elif kind == "progress":
                progress(int(fields[0]))
        return result
