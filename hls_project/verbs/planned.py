"""Which plan a verb works with, and the cores that it is made of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import ceil, prod
from pathlib import Path

from dt_scnn.files import atomic_path, sha256
from hls_project.plan.fold import Fold
from hls_project.plan.saved import Request, Taken, take
from hls_project.plan.subject import Subject
from hls_project.targets.hls.options import HlsOptions
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace


def taken_plan(workspace: Workspace, request: Request, tell: Callable[[str], None]) -> Taken:
    """Return the plan that a verb works with, and tell which it is.

    Raises:
        ConfigurationError: see `hls_project.plan.saved.take`.
    """
    taken = take(subject_of(workspace), workspace.folder, request)
    tell(taken.origin)
    return taken


def rtl_options(taken: Taken) -> RtlOptions:
    """Return the options of target rtl for a plan."""
    return RtlOptions(clock_period=1000 / taken.plan.clock_mhz, folds=dict(taken.plan.folds))


def hls_options(taken: Taken) -> HlsOptions:
    """Return the options of target hls for a plan."""
    return HlsOptions(
        part=taken.plan.part, clock_period=1000 / taken.plan.clock_mhz, folds=dict(taken.plan.folds)
    )


def subject_of(workspace: Workspace) -> Subject:
    """Return what there is to plan of the workspace's model, with the engines of target rtl.

    Raises:
        ConfigurationError: the model is refused.
    """
    from hls_project.cosimulation.verilate import BUSES
    from hls_project.graph.integer import integerize
    from hls_project.targets.rtl.engines import ENGINES
    from hls_project.targets.rtl.layer import from_integer_layer

    graph = integerize(workspace.model)
    layers = tuple(from_integer_layer(layer) for layer in graph.layers)
    engines = {engine.name: engine for engine in ENGINES}
    bus_cycles = ceil(8 * prod(graph.input_shape) / BUSES[-1])
    return Subject(workspace.name, sha256(workspace.model), layers, engines, bus_cycles=bus_cycles)


def write_core_with(workspace: Workspace, folds: Mapping[str, Fold], folder: Path) -> Path:
    """Write the RTL core with `folds` below `folder`, unless it is there; return its folder."""
    from hls_project.targets.rtl import core

    chosen = json.dumps({name: asdict(fold) for name, fold in folds.items()})
    point = Workspace(workspace.name, folder / stage.key(workspace.model, chosen)[:16], None)
    if not point.model.is_file():
        with atomic_path(point.model) as partial:
            shutil.copyfile(workspace.model, partial)
    core.convert(point, RtlOptions(folds=dict(folds)))
    return point.rtl
