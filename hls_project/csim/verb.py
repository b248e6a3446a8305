"""The verb `csim`: command-line values in, progress and tables out."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from hls_project.csim.compile import Compiler
from hls_project.csim.flow import csim
from hls_project.progress import StageProgress
from hls_project.targets.hls.options import HlsOptions, parse_reuse
from hls_project.workspace import Workspace, open_workspace
from quant_train.errors import ConfigurationError
from quant_train.files import write_json


def run(
    model: str,
    images: int | None,
    jobs: int | None,
    reuse: list[str],
    part: str,
    clock: float,
    dataflow: bool,
    build: Path,
    data_root: Path | None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project csim --help`."""
    console = Console() if sys.stdout.isatty() else Console(width=110)
    options = HlsOptions(part=part, clock_period=clock, reuse_factor=parse_reuse(reuse))
    workspace = open_workspace(model, build)
    compiler = Compiler.from_environment()
    pictures, labels = load_images(workspace, images, data_root)
    console.print(f"{workspace.name}: {workspace.model}, {len(pictures):,} images", highlight=False)
    with StageProgress(console) as progress:
        report, difference = csim(workspace, pictures, labels, options, compiler, jobs, progress.update)
    report.print(console)
    console.print(f"report: {workspace.reports / 'csim.json'}", highlight=False)
    if difference is not None:
        console.print(str(difference), style="bold red", highlight=False)
        return 1
    if dataflow:
        return run_dataflow(workspace, len(pictures), compiler, console)
    return 0


def run_dataflow(workspace: Workspace, images: int, compiler: Compiler, console: Console) -> int:
    """Run each process as a thread on bounded streams, print the streams' depths; return the exit status.

    Raises:
        FlowError: a deadlock; the message says who waits for what.
    """
    from hls_project.csim import dataflow

    vectors = workspace.folder / "csim" / "golden.bin"
    report = dataflow.run(workspace.project, vectors, images, workspace.folder / "dataflow", compiler)
    write_json(workspace.reports / "dataflow.json", report.to_json())
    table = Table(
        title="streams, in beats; a smallest depth avoids deadlock, but may stall the pipeline",
        title_justify="left",
    )
    for column in ("stream", "depth", "highest fill", "smallest depth"):
        table.add_column(column, justify="left" if column == "stream" else "right")
    for stream in report.streams:
        table.add_row(stream.name, str(stream.depth), str(stream.highest_fill), str(stream.smallest_depth))
    console.print(table)
    console.print(
        f"dataflow: {report.frames:,} frames without a deadlock, {report.exact:,} exact; smallest depths verified on all",
        highlight=False,
    )
    return 0 if report.exact == report.frames else 1


def load_images(
    workspace: Workspace, count: int | None, data_root: Path | None
) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return images (N, H, W, C) and labels (N,): the model's sample, or `count` test images of its data set.

    Raises:
        ConfigurationError: there are none, or not that many.
    """
    if count is None and workspace.sample is not None:
        return read_sample(workspace.sample)
    from hls_project.graph.validate import load_proto
    from quant_train import data

    properties = {prop.key: prop.value for prop in load_proto(workspace.model).metadata_props}
    name = properties.get("dt_scnn.dataset")
    if not name:
        raise ConfigurationError(
            f"{workspace.model} does not name its data set (dt_scnn.dataset) and has no sample.npz beside it"
        )
    dataset = data.load(name, "test", data_root)
    count = count or min(200, len(dataset.images))
    if count > len(dataset.images):
        raise ConfigurationError(f"{name} has {len(dataset.images):,} test images, not {count:,}")
    return dataset.images[:count], dataset.labels[:count]


def read_sample(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64] | None]:
    """Return the images and labels of a sample.npz.

    Raises:
        ConfigurationError: the file is missing, damaged or something else.
    """
    import zipfile

    try:
        with np.load(path, allow_pickle=False) as sample:
            images, labels = sample["images"], sample.get("labels")
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ConfigurationError(f"{path}: not a sample of images, or damaged ({error})") from error
    if images.dtype != np.uint8 or images.ndim != 4 or not len(images):
        raise ConfigurationError(
            f"{path}: images must be uint8 (N, H, W, C), N > 0, not {images.dtype} {images.shape}"
        )
    if labels is not None and labels.shape != (len(images),):
        raise ConfigurationError(
            f"{path}: labels must be ({len(images)},), one for each image, not {labels.shape}"
        )
    return images, labels
