"""What each choice of a recipe is worth: short trainings that differ from a base in one thing, judged by held-out images.

`python -m tests.benchmarks.ablation {fashion-mnist,cifar-10} [VARIANT ...]` trains each variant on some of the training images
and counts right labels among the last, which it holds out; the test images are not looked at. Results go to
build/ablation/<model>/ as JSON, one file a variant, and those that are there are not trained again; the table of all is printed.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch

from dt_scnn import zoo
from dt_scnn.files import write_json
from hls_project.compare import curves
from quant_train import data
from quant_train.batch_norm_folding import fold
from quant_train.config import read_recipe
from quant_train.training import Trained, to_tensor, train


@dataclass(frozen=True)
class Study:
    """Where a search began and how short its trainings are, and what was changed: overrides of the model's recipe."""

    base: list[str]
    variants: dict[str, list[str]]


FASHION_MNIST = Study(
    [
        *("network.surrogate_width=2.0", "stage_one.weight_bits=0", "training.flip=true"),
        *("training.train_images=12000", "training.held_out=10000"),
        *("training.epochs=6", "stage_one.epochs=3"),
    ],
    {
        "base": [],
        "base, seed 2": ["training.seed=2"],
        "base, seed 3": ["training.seed=3"],
        "one stage, 6 epochs": ["stage_one=none"],
        "one stage, 12 epochs": ["stage_one=none", "training.epochs=12", "training.learning_rate=0.01"],
        "stage one: 4 timesteps": ["stage_one.timesteps=4"],
        "stage one: 1 timestep": ["stage_one.timesteps=1"],
        "stage one: soft reset": ["stage_one.reset=soft"],
        "stage one: leak 0.25": ["stage_one.leak=0.25"],
        "stage one: no leak": ["stage_one.leak=1.0"],
        "stage one: 4-bit weights": ["stage_one.weight_bits=4"],
        "distillation 0.5": ["stage_one.distillation=0.5"],
        "surrogate: rectangular": ["network.surrogate=rectangular"],
        "surrogate: sigmoid": ["network.surrogate=sigmoid"],
        "surrogate width 1": ["network.surrogate_width=1.0"],
        "surrogate width 4": ["network.surrogate_width=4.0"],
        "thresholds fixed": ["network.learn_thresholds=false"],
        "gap 0.5": ["network.threshold_gap=0.5"],
        "gap 1.5": ["network.threshold_gap=1.5"],
        "no shift": ["training.shift=0"],
        "no flip": ["training.flip=false"],
        "cutout 8": ["training.cutout=8"],
        "no recalibration": ["training.recalibrate=false"],
        "2-bit weights": ["network.weight_bits=2"],
        "3-bit weights": ["network.weight_bits=3"],
        "8-bit weights": ["network.weight_bits=8"],
        "peak learning rate 0.01": ["training.learning_rate=0.01"],
        "no label smoothing": ["training.label_smoothing=0.0"],
    },
)
DEEP = "network.spec=48C3-P2-96C3-P2-128C3-128C3-P2-128C3-FC10"
HIGHER_RATE = "training.learning_rate=0.01"
CIFAR_10 = Study(
    ["stage_one=none", "training.held_out=5000", "training.epochs=4"],
    {
        "base": [],
        "peak learning rate 0.01": [HIGHER_RATE],
        "first threshold 0.5": [HIGHER_RATE, "network.first_threshold=0.5"],
        "deep": [DEEP],
        "deep, seed 2": [DEEP, "training.seed=2"],
        "deep, surrogate width 0.5": [DEEP, "network.surrogate_width=0.5"],
        "deep, surrogate width 2": [DEEP, "network.surrogate_width=2.0"],
        "deep, rectangular, width 2": [
            *(DEEP, "network.surrogate=rectangular"),
            "network.surrogate_width=2.0",
        ],
        "deep, 0.002": [DEEP, "training.learning_rate=0.002"],
        "deep, 0.01": [DEEP, HIGHER_RATE],
        "deep, 0.02": [DEEP, "training.learning_rate=0.02"],
        "deep, 0.01, sigmoid": [DEEP, HIGHER_RATE, "network.surrogate=sigmoid"],
        "deep, 0.01, gap 0.5": [DEEP, HIGHER_RATE, "network.threshold_gap=0.5"],
        "deep, 0.01, 5 x 5": [DEEP.replace("48C3", "48C5"), HIGHER_RATE],
        "deep, 0.01, threshold 0.5": [DEEP, HIGHER_RATE, "network.first_threshold=0.5"],
        "deep, 0.01, threshold 1": [DEEP, HIGHER_RATE, "network.first_threshold=1.0"],
    },
)
STUDIES = {"fashion-mnist": FASHION_MNIST, "cifar-10": CIFAR_10}


def held_out_right(trained: Trained) -> int:
    """Return how many held-out images the folded network labels right."""
    unseen, count = data.load(trained.recipe.dataset, "train"), trained.recipe.training.held_out
    images, labels = to_tensor(unseen.images[-count:]), unseen.labels[-count:]
    folded = fold(trained.network)
    with torch.inference_mode():
        found = torch.cat([folded(part.float() / 256).argmax(1) for part in images.split(500)])
    return int((found.numpy() == labels).sum())


def main(model: str, names: list[str]) -> None:
    """Train the variants called `names`, or all, and print the table of those that are there."""
    if model not in STUDIES:
        sys.exit(f"error: there is no ablation of {model!r}; there are {', '.join(STUDIES)}")
    study = STUDIES[model]
    if unknown := set(names) - set(study.variants):
        sys.exit(f"error: there are no variants {sorted(unknown)}; there are {'; '.join(study.variants)}")
    folder = Path("build") / "ablation" / model
    for name in names or study.variants:
        place = folder / "".join(letter if letter.isalnum() else "-" for letter in name)
        if not (place / "result.json").is_file():
            started = time.monotonic()
            recipe = read_recipe(zoo.find(model).recipe, study.base + study.variants[name])
            trained = train(recipe, place, terminal=sys.stdout.isatty())
            result = {
                "variant": name,
                "loss": curves.read(place)[-1].loss[-1],
                "right": held_out_right(trained),
                "of": recipe.training.held_out,
            }
            write_json(place / "result.json", result | {"seconds": round(time.monotonic() - started, 1)})
    results = [json.loads(path.read_text()) for path in folder.glob("*/result.json")]
    for result in sorted(results, key=lambda result: list(study.variants).index(result["variant"])):
        print(
            f"{result['variant']:28} loss {result['loss']:.4f} {100 * result['right'] / result['of']:6.2f} % "
            f"{result['seconds']:8.1f} s"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(f"error: name one of {', '.join(STUDIES)}")
    main(sys.argv[1], sys.argv[2:])
