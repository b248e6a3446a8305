"""The verb `convert`: the hardware's sources, by a plan."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Unpack

from dt_scnn.errors import ConfigurationError
from hls_project.graph.network_summary import NetworkSummary
from hls_project.plan.saved import Taken
from hls_project.targets.hls.project import convert as convert_hls
from hls_project.targets.rtl.core import convert as convert_rtl
from hls_project.verbs.given import BUILD, Model, PlanWords, Tell, mute, opened, request_of
from hls_project.verbs.planned import hls_options, rtl_options, taken_plan
from hls_project.workspace.folder import Workspace


@dataclass(frozen=True)
class Conversion:
    """folder: the Vitis HLS project or the SystemVerilog core. network: its layers. plan: what it was made by."""

    folder: Path
    network: NetworkSummary
    plan: Taken


def convert(
    model: Model,
    *,
    target: Literal["hls", "rtl"] = "hls",
    build: str | Path = BUILD,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> Conversion:
    """Write the C++ (target hls) or the SystemVerilog (rtl) of a model, unless it is current; return where it is.

    model, build, plan: as for `csim`.

    Raises:
        ConfigurationError: the model, the plan or the target are refused. ToolNotFoundError: da4ml is missing, for rtl.
    """
    if target not in ("hls", "rtl"):
        raise ConfigurationError(f"the target is rtl or hls, not {target!r}")
    if target == "rtl":
        with core_of(model, build, tell, plan) as (workspace, conversion):
            return conversion
    with opened(model, build, tell) as workspace:
        taken = taken_plan(workspace, request_of(plan), tell)
        return Conversion(workspace.project, convert_hls(workspace, hls_options(taken.plan)), taken)


@contextmanager
def core_of(
    model: Model, build: str | Path, tell: Tell, plan: PlanWords
) -> Iterator[tuple[Workspace, Conversion]]:
    """Give the workspace of a model, held until the block ends, with its RTL core written.

    Raises:
        ConfigurationError, ToolNotFoundError: as `convert`.
    """
    with opened(model, build, tell) as workspace:
        taken = taken_plan(workspace, request_of(plan), tell)
        yield workspace, Conversion(workspace.rtl, convert_rtl(workspace, rtl_options(taken)), taken)
