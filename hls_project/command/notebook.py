"""The verb `notebook`: open one of the notebooks on the simulated board, or run it from top to bottom."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from pathlib import Path

from board import notebooks
from dt_scnn import models, zoo
from dt_scnn.errors import ConfigurationError, ToolNotFoundError
from dt_scnn.files import atomic_path
from hls_project.command.cells import run_cells
from hls_project.reports.console import open_console, say
from hls_project.reports.progress import StageProgress
from hls_project.verbs.given import opened
from hls_project.verbs.overlay import simulated_bitstream

NOTEBOOKS = {
    "train": "1_train_and_export",
    "simulate": "2_csim_and_cosim",
    "classify": "3_classify",
    "demo": "4_demo",
}
_ON_THE_BOARD = ("classify", "demo")
_QUIET = "ignore::UserWarning:pynqutils.build_utils.xsa_parser,ignore::UserWarning:brevitas.graph.equalize"
"""What packages warn of as they are imported: a notebook's reader can do nothing about it."""


def main(model: str, name: str, execute: bool, build: Path, dataset: str | None = None) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project notebook --help`.

    The notebook is copied to `work/<model>/notebooks/`, beside `build`, unless it is there: what the user changed stays,
    and is what runs. model: for `train`, a model of the zoo, whose recipe is taken.

    Raises:
        ConfigurationError: there is no such notebook, or it takes no data set. ToolNotFoundError: Jupyter is missing. FlowError: a cell failed.
    """
    if name not in NOTEBOOKS:
        raise ConfigurationError(f"there is no notebook {name!r}; there are {', '.join(NOTEBOOKS)}")
    if dataset is not None and name not in _ON_THE_BOARD:
        raise ConfigurationError(
            f"the notebook {name!r} takes no data set: train's is the recipe's, and simulate's images are the model's"
        )
    for package in ("nbclient", "ipykernel", "matplotlib") if execute else ("jupyterlab", "matplotlib"):
        if importlib.util.find_spec(package) is None:
            raise ToolNotFoundError(
                package, "any of this year (pip install 'dt-scnn[csim,rtl,board,notebook]')", "PYTHONPATH"
            )
    console = open_console()
    work = models.work_folder(build)
    environment = {
        "DTSCNN_MODEL": model,
        "DTSCNN_BUILD": str(build.resolve()),
        "DTSCNN_WORK": str(work.resolve()),
    }
    if name == "train":
        own, results = work / zoo.find(model).name, build / model
        environment["DTSCNN_RECIPE"] = model
    else:
        with opened(model, build, lambda line: say(console, line)) as workspace:
            own, results = workspace.work, workspace.folder
        if name in _ON_THE_BOARD:
            with StageProgress(console) as progress:
                bitstream = simulated_bitstream(model, build=build, data=dataset, progress=progress.update)
            environment |= {"DTSCNN_BITSTREAM": str(bitstream.resolve()), "DTSCNN_BOARD": "sim"}
    source = Path(notebooks.__file__).parent / f"{NOTEBOOKS[name]}.ipynb"
    copy = own / "notebooks" / source.name
    os.environ.update(environment)
    os.environ.setdefault("PYTHONWARNINGS", _QUIET)
    if copy.exists():
        say(console, f"notebook: {copy}, which may have your changes; remove it for a fresh one")
    if execute:
        result = results / "notebooks" / f"{source.stem}.run.ipynb"
        run_cells(copy if copy.exists() else source, result)
        print(f"notebook with its outputs: {result}")
        return 0
    if not copy.exists():
        with atomic_path(copy) as partial:
            partial.write_bytes(source.read_bytes())
    return _open(copy)


def _open(notebook: Path) -> int:
    """Open a notebook in Jupyter, whose own the answer to Ctrl-C is; return its exit status."""
    before = signal.signal(
        signal.SIGINT, lambda *_: None
    )  # a program that is started has the default handler
    try:
        return subprocess.run([sys.executable, "-m", "jupyterlab", str(notebook)], check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
