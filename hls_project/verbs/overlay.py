"""The verbs of overlays: on the simulated board, through Vivado, and packed for a board."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

from numpy.typing import ArrayLike

from dt_scnn.compiler import Compiler
from dt_scnn.errors import ConfigurationError, FlowError, ToolNotFoundError
from hls_project.cosimulation.verilate import Verilator
from hls_project.overlay import bitstream as vivado
from hls_project.overlay import boards
from hls_project.overlay.bitstream import BitstreamOptions
from hls_project.overlay.deploy import Deployed
from hls_project.overlay.deploy import deploy as send
from hls_project.overlay.package import package as pack
from hls_project.overlay.simulated import FOLDER as SIMULATED
from hls_project.overlay.simulated import simulated_overlay as build_overlay
from hls_project.verbs.given import (
    BUILD,
    Images,
    Model,
    PlanWords,
    Progress,
    Tell,
    mute,
    opened,
    request_of,
    silent,
    with_sample,
)
from hls_project.verbs.planned import rtl_options, taken_plan

if TYPE_CHECKING:
    from board.overlay import DTSCNNOverlay


def simulated_overlay(
    model: Model,
    images: Images = None,
    labels: ArrayLike | Sequence[str] | None = None,
    *,
    data: str | Path | None = None,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> DTSCNNOverlay:
    """Build the overlay of the simulated board and load it; return it, a context manager.

    `overlay.classify(image)`, `predict(images)`, `verify()` and the rest are the driver's own, over PYNQ and the simulated
    hardware. model, images, labels, data, build, plan: as for `csim`; the images become the overlay's golden vectors.

    Raises:
        ConfigurationError: the model or the plan are refused. ToolNotFoundError: pynq, Verilator or a compiler is missing.
            FlowError: a stage failed.
    """
    bitstream = simulated_bitstream(
        model, images, labels, data=data, build=build, progress=progress, tell=tell, **plan
    )
    try:
        from board.overlay import DTSCNNOverlay
    except ImportError as error:
        raise ToolNotFoundError(
            "pynq", "4.0.0 (pip install 'dt-scnn[csim,rtl,board]')", "PYTHONPATH"
        ) from error
    from board.errors import BoardError

    try:
        return DTSCNNOverlay(bitstream, device="sim")
    except BoardError as error:
        raise FlowError(f"the simulated board: {error}") from error


def simulated_bitstream(
    model: Model,
    images: Images = None,
    labels: ArrayLike | Sequence[str] | None = None,
    *,
    data: str | Path | None = None,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> Path:
    """Build the overlay of the simulated board, unless it is current; return the path of its `.bit`, for `DTSCNNOverlay`.

    Raises:
        ConfigurationError, ToolNotFoundError, FlowError: as `simulated_overlay`.
    """
    with opened(model, build, tell) as workspace:
        workspace = with_sample(workspace, images, labels, data)
        verilator = Verilator.find(Compiler.from_environment(), build=Path(build))
        taken = taken_plan(workspace, request_of(plan), tell)
        return build_overlay(workspace, rtl_options(taken), verilator, progress, taken.plan)


def bitstream(
    model: Model,
    images: Images = None,
    labels: ArrayLike | Sequence[str] | None = None,
    *,
    target: Literal["rtl", "hls"] = "rtl",
    accept: str = "",
    data: str | Path | None = None,
    build: str | Path = BUILD,
    progress: Progress = silent,
    tell: Tell = mute,
    **plan: Unpack[PlanWords],
) -> Path:
    """Make the overlay of a model for a board with Vivado, unless it is current; return its folder.

    model, images, labels, data, build, plan: as for `csim`; the images become the overlay's golden vectors. target: "rtl" needs Vivado alone, "hls" Vitis HLS too. accept: IDs of critical
    warnings that are no error, with commas between them. Also writes `reports/bitstream.json`.

    Raises:
        ConfigurationError: the model, the plan, the board or the target are refused. ToolNotFoundError: Vivado or Vitis HLS
            is missing. FlowError: a tool failed, or what it left does not add up.
    """
    if target not in ("rtl", "hls"):
        raise ConfigurationError(f"the target is rtl or hls, not {target!r}")
    with opened(model, build, tell) as workspace:
        workspace = with_sample(workspace, images, labels, data)
        made_by = taken_plan(workspace, request_of(plan), tell).plan
        if made_by.board is None:
            raise ConfigurationError(
                f"the plan is for the part {made_by.part}, and a bitstream is for a board: give BOARD, one of "
                f"{', '.join(boards.names())}, or a JSON file"
            )
        options = BitstreamOptions(
            board=boards.find(made_by.board),
            plan=made_by,
            target=target,
            accepted=tuple(name.strip() for name in accept.split(",") if name.strip()),
        )
        return vivado.bitstream(workspace, options, progress)


def package(model: Model, *, simulated: bool = False, build: str | Path = BUILD, tell: Tell = mute) -> Path:
    """Pack driver, overlay, golden vectors and notebook into one archive for the board; return its path.

    simulated: take the simulated board's overlay. The overlay must have been made from this very model.

    Raises:
        ConfigurationError: there is no such overlay, it is of another model, or its files were changed.
    """
    with opened(model, build, tell) as workspace:
        return pack(workspace, workspace.folder / (SIMULATED if simulated else vivado.FOLDER))


def deploy(
    model: Model,
    host: str,
    folder: str | None = None,
    *,
    simulated: bool = False,
    build: str | Path = BUILD,
    tell: Tell = mute,
) -> Deployed:
    """Pack the model's overlay as `package` does, copy it to a board over ssh and unpack it there; return where it is.

    host: [user@]address. folder: on the board, absolute or below the login's home; None for what Jupyter shows there.

    Raises:
        ConfigurationError: as `package`, or host or folder are none. ToolNotFoundError: ssh is missing. FlowError: it
            failed.
    """
    with opened(model, build, tell) as workspace:
        archive = pack(workspace, workspace.folder / (SIMULATED if simulated else vivado.FOLDER))
        tell(f"copying {archive.name} ({archive.stat().st_size / 1e6:.2f} MB) to {host}")
        return send(archive, workspace.name, host, folder)
