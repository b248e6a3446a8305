"""`train` from a recipe to files: checkpoint, QONNX file, sample and card."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from dt_scnn.files import sha256, write_json
from quant_train import data
from quant_train.batch_norm_folding import fold
from quant_train.config import Recipe, recipe_to_dict
from quant_train.evaluate import SAMPLE_IMAGES, count_right, onnx_scores, write_sample
from quant_train.machines import ONE_DEVICE, Machines
from quant_train.qonnx_file import score_scale, write_qonnx
from quant_train.training import Trained, train

SELECTION = "the network after the last epoch; the test images chose nothing; what chose the recipe is said in recipe.toml"
_TOOLS = ("torch", "brevitas", "lightning", "onnx", "onnxruntime")


def train_and_export(
    recipe: Recipe,
    folder: Path,
    command: str,
    data_root: Path | None,
    fresh: bool,
    terminal: bool,
    machines: Machines = ONE_DEVICE,
) -> dict[str, Any] | None:
    """Train, and write `model.onnx`, `sample.npz` and `card.json` to `folder`; return the card.

    Of a teacher only the card is written. Of several processes the first writes; the others return None.

    Raises:
        ConfigurationError: as `training.train`.
    """
    trained = train(recipe, folder / "train", data_root, fresh, terminal, machines=machines)
    return export(trained, folder, command, data_root) if machines.is_first() else None


def export(trained: Trained, folder: Path, command: str, data_root: Path | None) -> dict[str, Any]:
    """Write `model.onnx`, `sample.npz` and `card.json` of a trained network to `folder`, of a teacher the card alone; return the card."""
    recipe = trained.recipe
    model = folder / "model.onnx"
    test = data.load(recipe.dataset, "test", data_root, recipe.data)
    teacher = recipe.network.neurons == "relu"
    noted: dict[str, Any] = {}
    if teacher:
        correct = count_right(trained.network, test)
    else:
        write_qonnx(trained.network, recipe, trained.classes, model)
        folded = fold(trained.network)
        write_sample(folder / "sample.npz", model, test, score_scale(folded))
        scores = onnx_scores(model, test.images)
        correct = int((scores.argmax(axis=1) == test.labels).sum())
        noted["parity"] = parity(folded, test.images[:SAMPLE_IMAGES], scores[:SAMPLE_IMAGES])
        noted["model_sha256"] = sha256(model)
    card = {
        "dataset": recipe.dataset,
        "classes": list(trained.classes),
        "spec": recipe.network.spec,
        "weight_bits": recipe.network.weight_bits,
        "n_thresholds": recipe.network.n_thresholds,
        "test_images": len(test.images),
        "correct": correct,
        "accuracy": correct / len(test.images),
        "selection": SELECTION,
        "seed": recipe.training.seed,
        "command": command,
        "hours": round(trained.made.seconds / 3600, 4),
        "machines": list(trained.made.machines),
        "recipe": recipe_to_dict(recipe),
        "versions": {tool: version(tool) for tool in _TOOLS},
    } | noted
    write_json(folder / "card.json", card)
    return card


@torch.no_grad()
def parity(folded: nn.Module, images: NDArray[np.uint8], scores: NDArray[np.float32]) -> dict[str, int]:
    """Return on how many images (N, H, W, C) PyTorch computes the scores (N, classes), every one of them equal."""
    pixels = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2))).float() / 256
    found = torch.cat([folded(one[None]) for one in pixels]).numpy()
    return {"images": len(images), "exact_images": int((found == scores).all(axis=1).sum())}
