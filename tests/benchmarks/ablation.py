"""What each choice of a recipe is worth: short trainings that differ from a base in one thing, judged by held-out images.

`python -m tests.benchmarks.ablation fashion-mnist [VARIANT ...]` trains each variant on the first 12,000 training images and
counts right labels among the last 10,000; the test images are not looked at. Results go to build/ablation/<model>/ as
JSON, one file a variant, and those that are there are not trained again; the table of all is printed.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import torch

from quant_train import data, zoo
from quant_train.config import read_recipe
from quant_train.files import write_json
from quant_train.folding import fold
from quant_train.training import Trained, to_tensor, train

HELD_OUT = 10_000
BASE = [
    *("network.surrogate_width=2.0", "stage_one.weight_bits=0", "training.flip=true"),
    *("training.train_images=12000", f"training.held_out={HELD_OUT}"),
    *("training.epochs=6", "stage_one.epochs=3"),
]
"""Where the search began, and how short its trainings are."""

VARIANTS: dict[str, list[str]] = {
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
}
"""Overrides of `BASE`."""


def held_out_right(trained: Trained) -> int:
    """Return how many held-out images the folded network labels right."""
    unseen = data.load(trained.recipe.dataset, "train")
    images, labels = to_tensor(unseen.images[-HELD_OUT:]), unseen.labels[-HELD_OUT:]
    folded = fold(trained.network)
    with torch.inference_mode():
        found = torch.cat([folded(part.float() / 256).argmax(1) for part in images.split(500)])
    return int((found.numpy() == labels).sum())


def main(model: str, names: list[str]) -> None:
    """Train the variants called `names`, or all, and print the table of those that are there."""
    if unknown := set(names) - set(VARIANTS):
        sys.exit(f"error: there are no variants {sorted(unknown)}; there are {', '.join(VARIANTS)}")
    folder = Path("build") / "ablation" / model
    for name in names or VARIANTS:
        place = folder / "".join(letter if letter.isalnum() else "-" for letter in name)
        if not (place / "result.json").is_file():
            started = time.monotonic()
            recipe = read_recipe(zoo.find(model).recipe, BASE + VARIANTS[name])
            trained = train(recipe, place, terminal=sys.stdout.isatty())
            result = {"variant": name, "right": held_out_right(trained), "of": HELD_OUT}
            write_json(place / "result.json", result | {"seconds": round(time.monotonic() - started, 1)})
    results = [json.loads(path.read_text()) for path in folder.glob("*/result.json")]
    for result in sorted(results, key=lambda result: list(VARIANTS).index(result["variant"])):
        print(
            f"{result['variant']:28} {100 * result['right'] / result['of']:6.2f} % {result['seconds']:8.1f} s"
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
