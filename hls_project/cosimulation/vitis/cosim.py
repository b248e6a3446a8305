"""Co-simulation of the hls4ml project: its C++ test bench against the hardware that Vitis HLS made of it."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dt_scnn.errors import ConfigurationError, FlowError
from dt_scnn.files import atomic_path
from hls_project.cosimulation.vitis import loops, parse
from hls_project.cosimulation.vitis.synthesis import TOP, solution
from hls_project.cosimulation.vitis.tool import VitisHls, require
from hls_project.parity import golden_file
from hls_project.reports.figure import figure
from hls_project.vendor import tcl
from hls_project.vendor.run import Limits, run

Progress = Callable[[str, int, int], None]

TCL = Path(__file__).with_name("cosim.tcl")
SETTINGS = "cosim_settings.tcl"
LOG = "vitis_cosim.log"

_PHASES = (
    ("Starting C TB testing", "C test bench"),
    ("Generating RTL test bench", "RTL test bench"),
    ("Starting verilog simulation", "RTL compile"),
    ("Starting C post checking", "check"),
)
_TRANSACTION = re.compile(r"RTL Simulation : (\d+) / (\d+)")


@dataclass(frozen=True)
class VitisReport:
    """A co-simulation in which every score was the golden one.

    scores: (N, classes) int32. labels: (N,) int32. seconds: of the whole run, synthesis included. path: the same as JSON,
    once it is written.
    """

    scores: NDArray[np.int32]
    labels: NDArray[np.int32]
    cosimulation: parse.Cosimulation
    synthesis: parse.Synthesis
    seconds: float
    path: Path | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report for a JSON file: each figure with its kind."""
        synthesis, top = self.synthesis, self.synthesis.top
        images = len(self.scores)
        return {
            "tool": f"Vitis HLS {synthesis.version}",
            "part": synthesis.part,
            "images": figure(images, "simulated"),
            "exact": figure(images, "simulated"),
            "latency": _figure(self.cosimulation.latency, "simulated"),
            "interval": _figure(self.cosimulation.interval, "simulated"),
            "clock_target": synthesis.target_clock,
            "clock_estimate": figure(top.clock, "synthesis-estimate", "ns"),
            "resources": {name: figure(count, "synthesis-estimate") for name, count in top.resources.items()},
            "modules": {
                module.name: {
                    "latency": _figure(module.latency, "synthesis-estimate"),
                    "interval": _figure(module.interval, "synthesis-estimate"),
                    "clock_estimate": figure(module.clock, "synthesis-estimate", "ns"),
                    "loops": {
                        loop.name: {
                            "interval": figure(loop.interval, "synthesis-estimate", "cycles"),
                            "latency": figure(loop.latency, "synthesis-estimate", "cycles"),
                        }
                        for loop in module.loops
                    },
                }
                | {name: figure(count, "synthesis-estimate") for name, count in module.resources.items()}
                for module in synthesis.modules
            },
            "seconds": figure(round(self.seconds, 1), "measured", "s"),
        }


def cosim(
    project: Path,
    images: NDArray[np.uint8],
    golden_scores: NDArray[np.int32],
    classes: int,
    output: Path,
    limits: Limits | None = None,
    progress: Progress = lambda stage, done, total: None,
    tool: VitisHls | None = None,
    random_stall: bool = False,
) -> VitisReport:
    """Synthesize `project` and co-simulate `images` (N, H, W, C) uint8 against `golden_scores` (N, classes) int32.

    The log is `output / vitis_cosim.log`. `progress(stage, done, total)` is called as the stages go on. The solution
    stays in the project, as `dtscnn_prj`. random_stall: the simulator holds the ports at random.

    Raises:
        ToolNotFoundError: Vitis HLS is missing. ConfigurationError: the arrays do not fit, or no folder for the exchange
        with the simulator has a path without blanks. FlowError: Vitis HLS failed, hung, or what it left does not add up.
    """
    if len(images) == 0 or golden_scores.shape != (len(images), classes):
        raise ConfigurationError(
            f"{len(images)} images need golden scores of ({len(images)}, {classes}), not {golden_scores.shape}"
        )
    tool = tool or require()
    project, log = project.resolve(), output.resolve() / LOG
    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="dtscnn-cosim-") as exchange:
        golden, results = Path(exchange) / "golden.bin", Path(exchange) / "results.bin"
        golden_file.write(golden, images, golden_scores)
        settings = _write_settings(project, golden, results, random_stall, solution(tool))
        not_before = settings.stat().st_mtime_ns
        run(
            tool.command(SETTINGS),
            project,
            log,
            limits or Limits(),
            _listener(progress, len(images)),
            name="Vitis HLS",
        )
        parse.check_log(log, len(images))
        made = project / f"{TOP}_prj" / "solution1"
        cosimulation = parse.cosimulation(made, TOP, not_before)
        synthesis = parse.synthesis(made, TOP, not_before)
        loops.check(synthesis, project, log)
        table = _read_results(results, len(images), classes, log)
    scores, labels = table[:, :-1], table[:, -1]
    _check_scores(scores, labels, golden_scores, log)
    return VitisReport(scores, labels, cosimulation, synthesis, time.perf_counter() - started)


def _write_settings(project: Path, golden: Path, results: Path, random_stall: bool, settled: str) -> Path:
    """Write the Tcl file that Vitis HLS is given. settled: Tcl of the solution, as `synthesis.solution` has it."""
    for path in (golden, results):
        if re.search(r"[^\w./+@%=:,-]", str(path)):
            raise ConfigurationError(
                f"the simulator cannot be given the path {path}; set TMPDIR to a folder without blanks in its path"
            )
    settings = project / SETTINGS
    with atomic_path(settings) as partial:
        partial.write_text(
            f"set cosim_golden {tcl.word(str(golden))}\n"
            f"set cosim_results {tcl.word(str(results))}\n"
            f"set cosim_random_stall {int(random_stall)}\n"
            f"{settled}source {tcl.word(str(TCL))}\n",
            encoding="utf-8",
        )
    return settings


def _listener(progress: Progress, images: int) -> Callable[[str], None]:
    """Return what turns lines of the log into progress."""
    current = ["synthesis"]
    progress("synthesis", 0, 1)

    def hear(line: str) -> None:
        if found := _TRANSACTION.search(line):
            enter("RTL simulation")
            progress("RTL simulation", min(int(found[1]), images), images)
        for text, name in _PHASES:
            if text in line:
                enter(name)
                progress(name, 0, 1)
        if "C/RTL co-simulation finished" in line:
            enter("")

    def enter(name: str) -> None:
        if current[0] not in ("", name, "RTL simulation"):
            progress(current[0], 1, 1)
        current[0] = name

    return hear


def _read_results(results: Path, images: int, classes: int, log: Path) -> NDArray[np.int32]:
    """Return what the bench left: (N, classes + 1), the label last."""
    try:
        answers = np.fromfile(results, "<i4")
        size = results.stat().st_size
    except FileNotFoundError:
        raise FlowError("the test bench left no results, though Vitis HLS reports a pass", log) from None
    if size != 4 * images * (classes + 1):
        raise FlowError(f"the test bench left {size} bytes of results, not 4 x {images} x {classes + 1}", log)
    return answers.reshape(images, classes + 1)


def _check_scores(
    scores: NDArray[np.int32], labels: NDArray[np.int32], golden: NDArray[np.int32], log: Path
) -> None:
    """Compare for ourselves.

    Raises:
        FlowError: a score or a label differs, though Vitis HLS and the test bench reported a pass.
    """
    wrong = scores != golden
    if wrong.any():
        image, index = (int(i) for i in np.argwhere(wrong)[0])
        raise FlowError(
            f"Vitis HLS reports a pass, yet {int(wrong.any(axis=1).sum())} of {len(scores)} images have wrong scores; "
            f"the first: image {image}, class {index}, expected {golden[image, index]}, got {scores[image, index]}",
            log,
        )
    wrong_labels = np.flatnonzero(labels != golden.argmax(axis=1))
    if wrong_labels.size:
        image = int(wrong_labels[0])
        raise FlowError(
            f"Vitis HLS reports a pass, yet image {image} has the label {labels[image]}, "
            f"not {golden[image].argmax()}",
            log,
        )


def _figure(cycles: parse.Range | None, kind: Any) -> dict[str, Any] | None:
    return None if cycles is None else figure(asdict(cycles), kind, "cycles")
