"""Arguments and options that several verbs of the command line share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

if TYPE_CHECKING:
    from hls_project.verbs.given import PlanWords

_PLAN = "The plan of engines and folds"

Model = Annotated[str, typer.Argument(help="A model of the zoo or of `train`, or the path of a QONNX file.")]
Build = Annotated[Path, typer.Option(help="Folder of all results; trainings are in `work` beside it.")]
DataRoot = Annotated[
    Optional[Path],
    typer.Option(help="Folder of the data sets. Without it, DTSCNN_DATA, ./data or ../shared/data."),
]
Data = Annotated[
    Optional[str],
    typer.Option(
        "--data",
        help="Data set whose test images are taken: a name, or the path of a folder or .npz file (docs/own-data.md).",
    ),
]
Images = Annotated[
    Optional[int],
    typer.Option(
        "-n",
        "--images",
        min=1,
        help="Test images of the model's data set; without it, its sample of 200.",
    ),
]
Jobs = Annotated[Optional[int], typer.Option(min=1, help="Processes; without it, one for each core.")]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Seed of the random gaps and back-pressure.")]
Host = Annotated[str, typer.Option(help="[user@]address of the board, such as xilinx@192.168.2.99.")]
Simulated = Annotated[
    bool,
    typer.Option(
        "--simulated", help="Take the simulated board's overlay, to try the package without a board."
    ),
]
Board = Annotated[
    Optional[str],
    typer.Option(
        help="pynq-z1, pynq-z2, zcu104, kv260, or the path of a board's JSON file. Without it, the saved plan's, else pynq-z2.",
        rich_help_panel=_PLAN,
    ),
]
Part = Annotated[Optional[str], typer.Option(help="An FPGA part in place of a board.", rich_help_panel=_PLAN)]
Clock = Annotated[
    Optional[float],
    typer.Option(
        min=1.0,
        max=1000.0,
        help="Clock in MHz. Without it, the saved plan's, else the board's.",
        rich_help_panel=_PLAN,
    ),
]
Rate = Annotated[
    Optional[str],
    typer.Option(
        "--fps",
        help="Images/s to reach with the least LUTs, or max, the highest rate that fits.",
        rich_help_panel=_PLAN,
    ),
]
Budget = Annotated[
    Optional[str],
    typer.Option(
        help="Percent of the part, such as 70% or lut=70%,bram=90%. Without it, lut=80%,ff=90%,bram=90%,dsp=90%.",
        rich_help_panel=_PLAN,
    ),
]
Plan = Annotated[
    Optional[Path],
    typer.Option(
        help="File with engine and fold of every layer. Without it, build/MODEL/plan.json.",
        rich_help_panel=_PLAN,
    ),
]


def plan_words(
    board: str | None,
    part: str | None,
    clock: float | None,
    fps: str | None,
    budget: str | None,
    plan: Path | None,
) -> PlanWords:
    """Return what the command line says of the plan."""
    return {
        "board": board,
        "part": part,
        "clock_mhz": clock,
        "fps": fps,
        "budget": budget,
        "plan": plan,
    }
