"""The netlist that yosys makes of the core, simulated behind the shell: synthesis changes no score."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hls_project.cosimulation.cosim_verdict import QUIET, SLOWEST, stall_limit, traffic
from hls_project.cosimulation.simulate import Bench, RtlSimulation, Traffic, simulate
from hls_project.cosimulation.verilate import Shell, Verilator, build, shell
from hls_project.parity import golden_file
from hls_project.parity.verdict import Progress, Verdict, equal, expected, right
from hls_project.reports.figure import figure
from hls_project.reports.made_from import write_report
from hls_project.synthesis import netlist, yosys
from hls_project.synthesis.netlist import Netlist
from hls_project.targets.rtl import core
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace.folder import Workspace

SLOWER = 50.0
"""How many times slower than the RTL a netlist may be simulated."""


@dataclass(frozen=True)
class GatesimReport(Verdict):
    """What the netlist answered. cells: of the core, by type.

    image, changed: the first image that differs, and what synthesis changed; None if all are right.
    """

    simulation: RtlSimulation
    cells: dict[str, int]
    layers: tuple[str, ...]
    image: int | None = None
    changed: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the report; each figure says where it comes from."""
        return {
            "model": self.model,
            "target": "rtl",
            "netlist": f"yosys {yosys.version()}, synth_xilinx -family {netlist.FAMILY}",
            "layers": list(self.layers),
            "images": self.images,
            "exact_images": figure(self.exact, "simulated", "images with every score equal"),
            "first_difference": None
            if self.image is None
            else {"image": self.image, "changed": self.changed},
            "cells": {cell: figure(n, "synthesis-estimate") for cell, n in sorted(self.cells.items())},
            "simulated_cycles": figure(self.simulation.clocks, "simulated"),
            "simulator_images_per_second": figure(self.images / self.simulation.seconds, "measured"),
            "runs": self.simulation.runs,
        }


@dataclass(frozen=True)
class _Gates:
    """What simulations of one core share."""

    made: Netlist
    folder: Path
    around: Shell
    verilator: Verilator
    classes: int
    build_id: str
    stall: int

    def bench(self, gates: tuple[str, ...], vectors: Path) -> Bench:
        """Build the simulator with the modules `gates` as netlists."""
        folder = self.folder / (gates[0] if len(gates) == 1 else "core" if gates else "rtl")
        sources = self.made.assemble(folder / "sources", gates)
        program = build(sources, self.around, folder / "simulator", self.verilator, netlist=True)
        silence = QUIET + SLOWER * self.stall / SLOWEST
        return Bench(program, sources, vectors, self.classes, self.build_id, self.stall, silence)


def gatesim(
    workspace: Workspace,
    images: NDArray[np.uint8],
    labels: NDArray[np.int64] | None,
    options: RtlOptions,
    verilator: Verilator,
    seed: int = 1,
    jobs: int = 2,
    progress: Progress = lambda stage_name, done, total: None,
) -> GatesimReport:
    """Simulate the shell around the core's netlist on `images`, with random gaps and back-pressure, and compare every score.

    images: (N, H, W, C) uint8; labels: (N,) or None. jobs: processes of yosys. The report is also `reports/gatesim.json`,
    netlists, sources and simulators are in `gatesim`.

    Raises:
        ConfigurationError: the model or the images are refused. ToolNotFoundError, FlowError: a stage failed, or the
            netlist stalled.
    """
    total = len(images)
    progress("convert", 0, 1)
    network = core.convert(workspace, options)
    progress("convert", 1, 1)
    folder = workspace.folder / "gatesim"
    vector_file = folder / "golden.bin"
    vectors = expected(workspace, network, images, labels, vector_file, progress)
    made = netlist.write(workspace.rtl, folder / "synthesis", jobs, progress)
    plan, build_id = core.plan(workspace.rtl), core.build_id(workspace.rtl)
    around = shell(network, build_id, **core.pace(workspace.rtl))
    stall = stall_limit(network, plan)
    shared = _Gates(made, folder, around, verilator, len(network.classes), build_id, stall)
    progress("build", 0, 1)
    bench = shared.bench(tuple(made.modules), vector_file)
    progress("build", 1, 1)
    result = simulate(
        bench, total, traffic(seed, network, plan), lambda done: progress("simulate", done, total)
    )
    exact = equal(result, vectors)
    image, changed = None, None
    if not exact.all():
        image = int(np.argmin(exact))
        one = folder / "difference.bin"
        golden_file.write(one, vectors.images[image : image + 1], vectors.scores[image : image + 1])
        changed = _find_changed(shared, one, vectors.scores[image])
    report = GatesimReport(
        model=workspace.name,
        images=total,
        exact=int(exact.sum()),
        correct=right(result, labels),
        simulation=result,
        path=workspace.reports / "gatesim.json",
        cells=dict(made.cells),
        layers=made.layers,
        image=image,
        changed=changed,
    )
    write_report(report.path, report.to_json(), images)
    return report


def _find_changed(shared: _Gates, vectors: Path, expected: NDArray[np.int32]) -> str:
    """Say what synthesis changed, by one image: first the core as it is, then with one module at a time as a netlist."""

    def differs(gates: tuple[str, ...]) -> bool:
        found = simulate(shared.bench(gates, vectors), 1, [Traffic(1)])
        return not np.array_equal(found.scores[0], expected)

    if differs(()):
        return "nothing: the core differs before synthesis too; `make cosim` says where"
    for module in shared.made.modules:
        if differs((module,)):
            return f"the module {module}"
    return "no module by itself, in steady traffic"
