"""Command line: `dt-scnn VERB ...`, or `python -m dt_scnn_console`."""

from __future__ import annotations

import typer

from dt_scnn.version import VersionOption
from hls_project.__main__ import app as hardware
from quant_train.__main__ import app as training

PANELS = {
    "1. A network: from the zoo, trained here, or a QONNX file of your own": (
        "train",
        "evaluate",
        "export",
        "download",
        "compare",
    ),
    "2. Is the generated hardware exact? No vendor tool is needed": (
        "csim",
        "cosim",
        "gatesim",
        "simulate-board",
        "notebook",
    ),
    "3. How large, how fast: engines and folds of every layer": ("explore", "estimate", "timing"),
    "4. A board": ("bitstream", "package", "deploy", "board-report"),
    "5. All that is known of a model, on one page": ("report",),
    "What is installed, and what is missing": ("doctor",),
}
"""Verbs by what they are for. A verb that is in no panel is shown in one of its own at the end."""

_HELP = """Dual-threshold spiking CNNs, from training to a PYNQ board, exact to the last bit.

MODEL is a name of the zoo (such as mnist), a name that `train` made, or the path of a QONNX file; a sample.npz beside the file
holds its images. Results are in ./build/MODEL, trainings in ./work/MODEL.
"""

_EXAMPLES = """Try, in this order: dt-scnn doctor; dt-scnn csim mnist; dt-scnn explore mnist --board pynq-z2;
dt-scnn simulate-board mnist; dt-scnn csim mine.onnx. In Python: import hls_project; hls_project.csim("mine.onnx")."""


def make_app() -> typer.Typer:
    """Return the app: the packages' verbs, the same ones that `python -m hls_project` and `python -m quant_train` have."""
    app = typer.Typer(
        name="dt-scnn",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help=_HELP,
        epilog=_EXAMPLES,
    )

    @app.callback()
    def main(asked: VersionOption = False) -> None:
        pass

    commands = {
        command.name or command.callback.__name__.replace("_", "-"): command.callback
        for package in (training, hardware)
        for command in package.registered_commands
        if command.callback is not None
    }
    placed = [(verb, panel) for panel, verbs in PANELS.items() for verb in verbs if verb in commands]
    rest = [(verb, "More") for verb in commands if verb not in dict(placed)]
    for verb, panel in (*placed, *rest):
        app.command(verb, rich_help_panel=panel)(commands[verb])
    return app


app = make_app()

if __name__ == "__main__":
    app()
