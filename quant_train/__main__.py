"""Command line: `python -m quant_train {train,evaluate,export,download}`."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Optional

import typer

from dt_scnn.exit_statuses import exit_statuses
from dt_scnn.models import path_to_write
from dt_scnn.next_verb import next_line
from dt_scnn.version import VersionOption

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Train dual-threshold spiking CNNs with quantized weights and export them as QONNX.",
)
DataRoot = Annotated[
    Optional[Path],
    typer.Option(help="Folder of the data sets. Without it, DTSCNN_DATA, ./data or ../shared/data."),
]


@app.callback()
def main(asked: VersionOption = False) -> None:
    """Take the options before a verb."""


@app.command()
@exit_statuses("the same command goes on after the last whole epoch")
def train(
    model: Annotated[
        str, typer.Argument(help="A model of the zoo, for its recipe, or the path of a recipe (TOML).")
    ],
    out: Annotated[
        Optional[Path], typer.Option(help="Folder of the results. Without it, work/MODEL.")
    ] = None,
    overrides: Annotated[
        Optional[list[str]],
        typer.Option(
            "--set",
            metavar="SECTION.KEY=VALUE",
            help="Replace one value of the recipe; none leaves it or a section out.",
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Start over instead of going on after an interruption.")
    ] = False,
    dataset: Annotated[
        Optional[str],
        typer.Option("--data", help="Data set in place of the recipe's: a name, or the path of one's own."),
    ] = None,
    devices: Annotated[
        int, typer.Option(help="GPUs of each node that share a batch, or processes where there is no GPU.")
    ] = 1,
    nodes: Annotated[
        int, typer.Option(help="Nodes; the command is started on each, by torchrun or SLURM.")
    ] = 1,
    strategy: Annotated[str, typer.Option(help="Lightning's strategy for several devices.")] = "auto",
    seeds: Annotated[
        Optional[str], typer.Option(help="Train with each of these, such as 1,2,3, in OUT-seed<n>.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Seeds to train at once on this machine, one thread each.")] = 1,
    scheduler: Annotated[
        Optional[str], typer.Option(help="Dask cluster to train the seeds on, such as tcp://host:8786.")
    ] = None,
    data_root: DataRoot = None,
) -> None:
    """Train by a recipe and export the result: model.onnx, sample.npz and card.json.

    Example: dt-scnn train mnist --set training.epochs=5
    """
    from dt_scnn import models, zoo
    from quant_train.config import read_recipe
    from quant_train.machines import Machines
    from quant_train.train_and_export import train_and_export

    path = Path(model) if model.endswith(".toml") else zoo.find(model).recipe
    folder = out or models.work_folder(models.BUILD) / (
        Path(model).stem if model.endswith(".toml") else model
    )
    recipe = read_recipe(path, overrides)
    words = ["python -m quant_train train", model, *(f"--set {item}" for item in overrides or [])]
    if dataset is not None:
        recipe = replace(recipe, dataset=dataset)
        words.append(f"--data {dataset}")
    command = " ".join(words)
    if seeds is not None:
        from quant_train.seeds import seeds_of, train_seeds

        print(train_seeds(recipe, seeds_of(seeds), folder, command, data_root, jobs, scheduler))
        return
    machines = Machines(devices, nodes, strategy)
    card = train_and_export(recipe, folder, command, data_root, fresh, sys.stdout.isatty(), machines)
    if card is None:  # another process says it
        return
    kept = "model.onnx" if "model_sha256" in card else "train/checkpoints/last.ckpt"
    print(
        f"{folder / kept}: {card['correct']:,} of {card['test_images']:,} test images right, "
        f"{100 * card['accuracy']:.2f} %"
    )
    if kept == "model.onnx":
        print(next_line("train", str(folder / kept) if out else folder.name))


@app.command()
@exit_statuses("nothing was written")
def evaluate(
    model: Annotated[
        str,
        typer.Argument(help="A model of `train` or of the zoo, or the path of a QONNX file or a checkpoint."),
    ],
    dataset: Annotated[
        Optional[str],
        typer.Option(
            "--dataset", "--data", help="Data set, if not the model's own: a name, or the path of one's own."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    build: Annotated[
        Path, typer.Option(help="Folder of all results; trainings are in `work` beside it.")
    ] = Path("build"),
    data_root: DataRoot = None,
) -> None:
    """Count the right labels on all test images."""
    from quant_train.verbs import accuracy

    found = accuracy(model, dataset, data_root, build)
    share = found.correct / found.images
    if as_json:
        print(
            json.dumps(
                {
                    "model": model,
                    "taken": found.taken,
                    "dataset": found.dataset,
                    "correct": found.correct,
                    "images": found.images,
                    "accuracy": share,
                }
            )
        )
    else:
        print(f"model: {found.taken}")
        print(
            f"{model}: {found.correct:,} of {found.images:,} {found.dataset} test images right, {100 * share:.2f} %"
        )
        if not model.endswith(".ckpt"):
            print(next_line("evaluate", model, build=build, data=dataset))


@app.command()
@exit_statuses("the file of before, or none, is there")
def export(
    checkpoint: Annotated[Path, typer.Argument(help="A checkpoint of `train`.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The QONNX file to write.")],
) -> None:
    """Write the QONNX file of a checkpoint."""
    from quant_train.qonnx_file import write_qonnx
    from quant_train.training import load_checkpoint

    out = path_to_write(out)
    trained = load_checkpoint(checkpoint)
    write_qonnx(trained.network, trained.recipe, trained.classes, out)
    print(f"wrote {out}")
    print(next_line("export", str(out)))


@app.command()
@exit_statuses("files that were fetched whole are kept")
def download(
    dataset: Annotated[str, typer.Argument(help="mnist, fashion-mnist or cifar-10; digits need no files.")],
    data_root: DataRoot = None,
) -> None:
    """Fetch a data set's official files, and check them against their known checksums."""
    from quant_train.data.download import download as fetch

    print(f"{dataset} is in {fetch(dataset, data_root)}")
    print(next_line("download", dataset))


if __name__ == "__main__":
    app()
