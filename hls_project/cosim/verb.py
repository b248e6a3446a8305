"""The verb `cosim`: command-line values in, progress and tables out."""

from __future__ import annotations

import sys
from pathlib import Path

from rich.console import Console

from hls_project.cosim.flow import cosim
from hls_project.cosim.verilate import Verilator
from hls_project.csim.compile import Compiler
from hls_project.csim.verb import load_images
from hls_project.progress import StageProgress
from hls_project.targets.hls.options import parse_reuse
from hls_project.targets.rtl.options import RtlOptions
from hls_project.workspace import open_workspace


def run_rtl(
    model: str,
    images: int | None,
    reuse: list[str],
    clock: float,
    seed: int,
    waves: bool,
    build: Path,
    data_root: Path | None,
) -> int:
    """Run the verb on target rtl; return the exit status. Parameters: see `python -m hls_project cosim --help`."""
    console = Console() if sys.stdout.isatty() else Console(width=110)
    options = RtlOptions(clock_period=clock, reuse_factor=parse_reuse(reuse))
    workspace = open_workspace(model, build)
    verilator = Verilator.find(Compiler.from_environment(), waves)
    pictures, labels = load_images(workspace, images, data_root)
    console.print(
        f"{workspace.name}: {workspace.model}, {len(pictures):,} images, target rtl (Verilator)", highlight=False
    )
    with StageProgress(console) as progress:
        report, difference = cosim(workspace, pictures, labels, options, verilator, seed, progress.update)
    report.print(console)
    console.print(f"report: {workspace.reports / 'cosim.json'}", highlight=False)
    if waves:
        console.print(f"waves: {workspace.folder / 'cosim' / 'waves.fst'}", highlight=False)
    if difference is not None:
        console.print(str(difference), style="bold red", highlight=False)
        return 1
    return 0
