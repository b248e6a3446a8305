"""Which plan a verb works with, and the cores that it is made of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict
from math import ceil, prod
from pathlib import Path
from typing import TYPE_CHECKING

import board as board_package
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import atomic_path, read_json, sha256, write_json
from hls_project.plan.fold import Fold
from hls_project.plan.plan import FILE, Plan, load
from hls_project.plan.request import Request
from hls_project.synthesis import parts
from hls_project.targets.hls.options import HlsOptions
from hls_project.workspace import stage
from hls_project.workspace.folder import Workspace

if TYPE_CHECKING:
    from hls_project.plan.saved import Taken
    from hls_project.plan.subject import Subject
    from hls_project.targets.rtl.options import RtlOptions

ANSWERED = "plan.answered.json"
"""What a request was answered with, and the state of all that the answer rests on."""


def taken_plan(workspace: Workspace, request: Request, tell: Callable[[str], None]) -> Taken:
    """Return the plan that a verb works with, and tell which it is.

    Raises:
        ConfigurationError: see `hls_project.plan.saved.take`.
    """
    from hls_project.plan.saved import take

    taken = take(subject_of(workspace), workspace.folder, request)
    tell(taken.origin)
    return taken


def same_plan(workspace: Workspace, request: Request, tell: Callable[[str], None]) -> Plan:
    """Return the plan of `taken_plan`, and tell which it is, for what needs the plan alone.

    Where the saved plan was the answer to the same request before and nothing has changed since, it is read; neither the
    network nor the engines, half of the time of a run that finds all else current, are loaded to hold it against them.

    Raises:
        ConfigurationError: see `hls_project.plan.saved.take`.
    """
    answered = workspace.folder / ANSWERED
    try:
        last = read_json(answered)
        if last["key"] == _state(workspace, request):
            plan = load(workspace.folder / FILE)
            tell(last["origin"])
            return plan
    except (OSError, ValueError, KeyError, TypeError, ConfigurationError):
        pass  # whatever is wrong with the plan is said where it is taken
    from hls_project.plan.saved import take

    subject = subject_of(workspace)
    taken = take(subject, workspace.folder, request)
    tell(taken.origin)
    if request.plan is None:
        origin = take(subject, workspace.folder, request).origin
        write_json(answered, {"key": _state(workspace, request), "origin": origin})
    return taken.plan


def _state(workspace: Workspace, request: Request) -> str:
    """Return a digest of all that the answer to a request rests on: model, saved plan, boards, parts and this package."""
    saved = workspace.folder / FILE
    named = {request.board, read_json(saved)["board"]}
    own = sorted(name for name in named if name and Path(name).is_file())
    data = (*Path(board_package.__file__).parent.glob("boards/*.json"), parts.FILE)
    return stage.key(
        *(workspace.model, saved, repr(request), stage.generator_key()), *map(Path, own), *sorted(data)
    )


def rtl_options(taken: Taken) -> RtlOptions:
    """Return the options of target rtl for a plan."""
    from hls_project.targets.rtl.options import RtlOptions

    return RtlOptions(clock_period=1000 / taken.plan.clock_mhz, folds=dict(taken.plan.folds))


def hls_options(plan: Plan) -> HlsOptions:
    """Return the options of target hls for a plan."""
    return HlsOptions(part=plan.part, clock_period=1000 / plan.clock_mhz, folds=dict(plan.folds))


def subject_of(workspace: Workspace) -> Subject:
    """Return what there is to plan of the workspace's model, with the engines of target rtl.

    Raises:
        ConfigurationError: the model is refused.
    """
    from hls_project.cosimulation.verilate import BUSES
    from hls_project.graph.integer import integerize
    from hls_project.plan.subject import Subject
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
    from hls_project.targets.rtl.options import RtlOptions

    chosen = json.dumps({name: asdict(fold) for name, fold in folds.items()})
    point = Workspace(workspace.name, folder / stage.key(workspace.model, chosen)[:16], None)
    if not point.model.is_file():
        with atomic_path(point.model) as partial:
            shutil.copyfile(workspace.model, partial)
    core.convert(point, RtlOptions(folds=dict(folds)))
    return point.rtl
