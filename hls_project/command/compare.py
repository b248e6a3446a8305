"""The verb `compare`: a model and its conventional baseline in; tables, `compare.json` and plots out."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console

from dt_scnn import models, zoo
from dt_scnn.errors import ConfigurationError, FlowError
from dt_scnn.files import sha256
from dt_scnn.qonnx_format import DATASET
from hls_project.compare import curves, plots
from hls_project.compare.compare_report import Comparison
from hls_project.compare.side import Side, examine
from hls_project.graph.integer import integerize
from hls_project.graph.validate import load_proto
from hls_project.reports.console import open_console, say
from hls_project.reports.made_from import write_report
from hls_project.reports.progress import StageProgress
from hls_project.verbs.given import opened
from hls_project.workspace.folder import Workspace
from hls_project.workspace.images import test_images
from quant_train import data

BASELINE_SUFFIX = "-scnn"


def run(
    model: str,
    baseline: str | None,
    train: bool,
    images: int,
    build: Path,
    data_root: Path | None,
    dataset: str | None = None,
) -> int:
    """Run the verb; return the exit status. Parameters: see `python -m hls_project compare --help`."""
    console = open_console()
    other = baseline or f"{model}{BASELINE_SUFFIX}"
    if model.endswith(".onnx") and baseline is None:
        raise ConfigurationError(f"{model}: name the conventional network beside it with --baseline")
    if train:
        for name in (model, other):
            _train(name, build, data_root, dataset)
    with ExitStack() as held:
        spaces = [
            held.enter_context(opened(name, build, lambda line: say(console, line)))
            for name in (model, other)
        ]
        return _compare(spaces, images, data_root, dataset, console)


def _compare(
    spaces: list[Workspace], images: int, data_root: Path | None, dataset: str | None, console: Console
) -> int:
    dataset = dataset or _dataset_of(spaces)
    test = test_images(spaces[0].model, dataset, data_root)
    with StageProgress(console) as progress:
        watched = min(images, len(test.images))
        dual, conventional = (examine(space, test, watched, progress.update) for space in spaces)
    _check(dual, conventional)
    comparison = Comparison(dual, conventional, test.title)
    folder = spaces[0].reports
    beside = {"conventional_sha256": sha256(spaces[1].model)}
    write_report(folder / "compare.json", comparison.to_json() | beside, test.images)
    comparison.print(console)
    say(console, f"report: {folder / 'compare.json'}")
    for path in _draw(comparison, spaces, dataset, test, folder / "compare"):
        say(console, f"plot: {path}")
    return 0


def _train(name: str, build: Path, data_root: Path | None, dataset: str | None) -> None:
    """Train one of both in a process of its own: this package has no torch.

    Raises:
        ConfigurationError: it has no recipe. FlowError: the training failed, and has said why. KeyboardInterrupt.
    """
    zoo.find(name)
    command = [
        sys.executable,
        "-m",
        "quant_train",
        "train",
        name,
        "--out",
        str(models.work_folder(build) / name),
    ]
    if data_root is not None:
        command += ["--data-root", str(data_root)]
    if dataset is not None:
        command += ["--data", dataset]
    status = subprocess.run(command, check=False).returncode
    if status == 130:
        raise KeyboardInterrupt
    if status:
        raise FlowError(f"training {name} failed with exit status {status}")


def _dataset_of(spaces: list[Workspace]) -> str:
    names = []
    for space in spaces:
        properties = {prop.key: prop.value for prop in load_proto(space.model).metadata_props}
        names.append(properties.get(DATASET, ""))
    if not names[0] or names[0] != names[1]:
        wanted = " and ".join(
            f"{space.model}: {name or 'none'}" for space, name in zip(spaces, names, strict=True)
        )
        raise ConfigurationError(f"both networks must name the same data set ({DATASET}), not {wanted}")
    return names[0]


def _check(dual: Side, conventional: Side) -> None:
    """Refuse networks that are not a dual-threshold one and its baseline."""
    if (dual.n_thresholds, conventional.n_thresholds) != (2, 1):
        raise ConfigurationError(
            f"a dual-threshold network is compared with one of single thresholds, not {dual.name} of "
            f"{dual.n_thresholds} with {conventional.name} of {conventional.n_thresholds}"
        )
    maps = [[layer.spikes_shape for layer in side.layers] for side in (dual, conventional)]
    if maps[0] != maps[1]:
        raise ConfigurationError(
            f"{dual.name} and {conventional.name} must have the same spike maps, not {maps[0]} and {maps[1]}"
        )


def _draw(
    comparison: Comparison, spaces: list[Workspace], dataset: str, test: data.Dataset, folder: Path
) -> list[Path]:
    """Draw what there is to draw; a network that was not trained here has no curves."""
    dual = comparison.dual
    paths = [
        plots.accuracy_plot(_points(comparison, dataset), test.title, folder / "accuracy.png"),
        plots.vm_plot(dual, folder / "vm.png"),
    ]
    maps = plots.maps_plot(dual, test.images[0], folder / "maps.png")
    paths += [] if maps is None else [maps]
    found = {space.name: curves.read(space.work / "train") for space in spaces}
    if any(found.values()):
        paths.append(plots.curves_plot(found, folder / "curves.png"))
    return paths


def _points(comparison: Comparison, dataset: str) -> list[plots.Point]:
    """Return the compared networks and, by their cards, the zoo's others on the same data set."""
    points = [
        plots.Point(
            side.name,
            side.n_thresholds,
            sum(layer.synaptic_operations for layer in side.layers),
            side.accuracy,
        )
        for side in (comparison.dual, comparison.conventional)
    ]
    for name in zoo.names():
        entry = zoo.find(name)
        if name in {point.name for point in points} or not (entry.model.is_file() and entry.card.is_file()):
            continue
        card = json.loads(entry.card.read_text())
        if card["dataset"] == dataset:
            operations = sum(layer.synaptic_operations for layer in integerize(entry.model).layers)
            points.append(plots.Point(name, card["n_thresholds"], operations, card["accuracy"]))
    return points
