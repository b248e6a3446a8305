"""The verb `gatesim`: the netlist that yosys makes of the RTL core, on images."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from numpy.typing import ArrayLike

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError
from hls_project.cosimulation import gatesim as simulation
from hls_project.cosimulation.gatesim import GatesimReport
from hls_project.cosimulation.verilate import Verilator
from hls_project.synthesis import netlist, parts
from hls_project.verbs.given import (
    BUILD,
    Images,
    Model,
    PlanWords,
    Progress,
    Tell,
    check_seed,
    mute,
    opened,
    pictures,
    request_of,
    silent,
)
from hls_project.verbs.planned import rtl_options, taken_plan


def gatesim(
    model: Model,
    images: Images = 20,
    labels: ArrayLike | Sequence[str] | None = None,
    *,
    seed: int = 1,
    jobs: int | None = None,
    build: str | Path = BUILD,
    data: str | Path | None = None,
    data_root: str | Path | None = None,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> GatesimReport:
    """Synthesize the RTL core for 7 series with yosys, simulate its netlist behind the shell and compare every score.

    model, images, labels, build, data, data_root, plan: as for `csim`; a netlist is simulated slowly. seed: of the random
    gaps and back-pressure. jobs: processes of yosys, two by default. Also writes `reports/gatesim.json`.

    A score that differs is no error: see `is_exact` and `changed` of the report.

    Raises:
        ConfigurationError: the model, the images or the plan are refused, or its part has cells that there are no models
            of. ToolNotFoundError: yosys, Verilator or a compiler is missing. FlowError: a stage failed, or the netlist
            stalled.
    """
    check_seed(seed)
    with opened(model, build, tell) as workspace:
        verilator = Verilator.find(Compiler.from_environment(), build=Path(build))
        taken = taken_plan(workspace, request_of(plan), tell)
        family = parts.find(taken.plan.part).family
        if family != netlist.FAMILY:
            raise ConfigurationError(
                f"{taken.plan.part} is of the family {family}, and there are simulation models of the cells of "
                f"{netlist.FAMILY} alone: BOARD=pynq-z1 or BOARD=pynq-z2"
            )
        arrays = pictures(workspace, images, labels, data, data_root)
        tell(f"{len(arrays[0]):,} images, the netlist of target rtl (yosys, Verilator)")
        processes = jobs or min(2, len(os.sched_getaffinity(0)))
        options = rtl_options(taken)
        return simulation.gatesim(workspace, *arrays, options, verilator, seed, processes, progress)
