"""Command line: `python -m hls_project {csim,cosim,explore,estimate,timing,gatesim,compare,simulate-board,bitstream,package,...}`."""

from __future__ import annotations

import typer

from dt_scnn.version import VersionOption
from hls_project.command.line.model import compare, doctor, report
from hls_project.command.line.overlay import (
    bitstream,
    board_report,
    deploy,
    notebook,
    package,
    simulate_board,
)
from hls_project.command.line.simulation import cosim, csim, gatesim
from hls_project.command.line.size import estimate, explore, timing

VERBS = (
    *(
        csim,
        cosim,
        explore,
        estimate,
        timing,
        gatesim,
        simulate_board,
        bitstream,
        package,
        deploy,
        board_report,
    ),
    *(notebook, compare, report, doctor),
)

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Turn a trained dual-threshold spiking CNN into hardware, and check it bit for bit.",
)


@app.callback()
def main(asked: VersionOption = False) -> None:
    """Take the options before a verb."""


for verb in VERBS:
    app.command()(verb)

if __name__ == "__main__":
    app()
