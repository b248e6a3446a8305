"""What each choice of a recipe is worth: short trainings that differ from a base in one thing, judged by held-out images.

`python -m tests.benchmarks.ablation {mnist,fashion-mnist,cifar-10} [VARIANT ...]` trains each variant of `studies` on some of the training
images and counts right labels among the last, which it holds out; the test images are not looked at. Results go to
build/ablation/<model>/ as JSON, one file a variant, beside the training, which goes on after an interruption; those that are there, or are
kept in tests/benchmarks/ablations/<model>/, are not trained again; a kept one with `epochs` is of a training that was stopped after so many, and
counts while training, not folded. The table of all is printed. `--keep` copies new results there,
`--table` trains nothing, `--jobs N` trains N at once, and `--scheduler tcp://...` on a Dask cluster, whose workers run in a checkout.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

from dt_scnn.errors import DTSCNNError
from dt_scnn.executor import executor, run_all
from dt_scnn.files import write_json
from hls_project.compare import curves
from quant_train import data
from quant_train.batch_norm_folding import fold
from quant_train.config import read_recipe
from quant_train.evaluate import count_right
from quant_train.training import Trained, train
from tests.benchmarks.studies import KEPT, STUDIES, Study

Result = dict[str, Any]


def held_out_right(trained: Trained) -> int:
    """Return how many held-out images the folded network labels right."""
    unseen, count = data.load(trained.recipe.dataset, "train"), trained.recipe.training.held_out
    last = data.Dataset(
        unseen.images[-count:], unseen.labels[-count:], unseen.classes, unseen.name, unseen.title
    )
    return count_right(fold(trained.network), last)


Task = tuple[str, str, Path, tuple[str, ...]]
"""Model, name of the variant, recipe, overrides."""


def train_variant(task: Task) -> Result:
    """Train one variant in build/ablation, or go on with it; return its result."""
    model, name, path, overrides = task
    place = folder_of(model) / slug(name)
    torch.set_num_threads(1)
    recipe = read_recipe(path, list(overrides))
    started = time.process_time()
    trained = train(recipe, place, terminal=False)
    on_gpu = torch.cuda.is_available()
    seconds = trained.made.seconds if on_gpu else time.process_time() - started
    last = curves.read(place)[-1]
    return {
        "variant": name,
        "settings": list(overrides),
        "loss": last.loss[-1],
        "right": held_out_right(trained),
        "of": recipe.training.held_out,
        "seconds": round(seconds, 1),
        "machines": list(trained.made.machines),
    }


def folder_of(model: str) -> Path:
    """Return where the trainings and results of a model's studies are made."""
    return Path("build") / "ablation" / model


def slug(name: str) -> str:
    """Return a variant's name as that of a file."""
    return "".join(letter if letter.isalnum() else "-" for letter in name)


def variants_of(model: str) -> Iterator[tuple[Study, str, tuple[str, ...]]]:
    """Yield all variants of a model's studies: (study, name, overrides)."""
    for study in STUDIES[model]:
        for name, own in study.variants.items():
            yield study, name, (*study.base, *own)


def found(model: str, name: str, overrides: tuple[str, ...]) -> Result | None:
    """Return the result of a variant, made here or kept, if it was trained with these overrides."""
    for path in (folder_of(model) / slug(name) / "result.json", KEPT / model / f"{slug(name)}.json"):
        if path.is_file():
            result: Result = json.loads(path.read_text())
            if result["settings"] == list(overrides):
                return result
    return None


def table(model: str) -> str:
    """Return the results that are there, study by study; points against the study's first variant."""
    lines = []
    for study in STUDIES[model]:
        names = [(name, (*study.base, *own)) for name, own in study.variants.items()]
        rows = [(name, result) for name, overrides in names if (result := found(model, name, overrides))]
        if not rows:
            continue
        shares = {name: 100 * result["right"] / result["of"] for name, result in rows}
        base = shares.get(next(iter(study.variants)))
        lines.append(" ".join(study.base))
        for name, result in rows:
            stopped = f" after {result['epochs']} epochs" if "epochs" in result else ""
            against = "" if base is None else f"{shares[name] - base:+7.2f}"
            lines.append(
                f"{name:40} loss {result['loss']:.4f} {shares[name]:6.2f} % {against:7} {result['seconds']:8.1f} s{stopped}"
            )
    return "\n".join(lines)


def keep(model: str) -> None:
    """Copy the results made here to those that are kept."""
    for _, name, overrides in variants_of(model):
        if result := found(model, name, overrides):
            write_json(KEPT / model / f"{slug(name)}.json", result)


def main(arguments: list[str]) -> None:
    """Train the variants that are named, or all, and print the table of those that are there."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.ablation")
    parser.add_argument("model", choices=list(STUDIES))
    parser.add_argument("variants", nargs="*")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--scheduler")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args(arguments)
    all_of = {name: (study, overrides) for study, name, overrides in variants_of(given.model)}
    if unknown := set(given.variants) - set(all_of):
        sys.exit(f"error: there are no variants {sorted(unknown)}; there are {'; '.join(all_of)}")
    chosen = [] if given.table else given.variants or list(all_of)
    tasks: list[Task] = [
        (given.model, name, all_of[name][0].recipe_of(given.model), all_of[name][1])
        for name in chosen
        if found(given.model, name, all_of[name][1]) is None
    ]

    def finish(task: Task, result: Result) -> None:
        write_json(folder_of(given.model) / slug(task[1]) / "result.json", result)
        print(f"{task[1]}: {result['right']} of {result['of']} right", file=sys.stderr, flush=True)

    try:
        if tasks:
            with executor(given.scheduler, given.jobs) as pool:
                run_all(pool, train_variant, tasks, finish)
    except DTSCNNError as error:
        sys.exit(f"error: {error}")
    if given.keep:
        keep(given.model)
    print(table(given.model))


if __name__ == "__main__":
    from tests.benchmarks import ablation  # workers find tasks by their module, and have another __main__

    ablation.main(sys.argv[1:])
