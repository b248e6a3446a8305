"""A training step on CIFAR-10 at T = 1 on one thread: as the first recipe of `cifar-10` said, in float32, and with this project's own kernels.

Beside it the same network with the neurons of snnTorch and of SpikingJelly, in float32, channels-last, pooled before they fire: the fastest
that they have on a CPU (their compiled backends are for GPUs). All take turns in one process, and the processor's time is counted, so
that other work on the machine has no say.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import nn

from quant_train import data
from quant_train.allocator import keep_freed_memory
from quant_train.batches import Batches
from quant_train.config import read_recipe
from quant_train.kernels import in_use
from quant_train.module import Training
from quant_train.precision import has_bfloat16
from tests.benchmarks.studies import KEPT
from tests.benchmarks.train_epoch import SnnTorchFire, SpikingJellyFire, with_neurons

ROUNDS, STEPS, EPOCH = 5, 4, 50_000
RECIPE = KEPT / "cifar-10" / "recipe.toml"
OURS = "float32, compiled kernels"
_VARIANTS: dict[str, tuple[list[str], type[nn.Module] | None]] = {
    "as shipped": ([], None),
    "float32": (["training.precision=float32"], None),
    OURS: (["training.precision=float32", "training.kernels=compiled"], None),
    "snntorch": (["training.precision=float32"], SnnTorchFire),
    "spikingjelly": (["training.precision=float32"], SpikingJellyFire),
}


def measure() -> dict[str, Any]:
    """Return the seconds of an epoch of each, from the steps that were measured, and each one's time over ours."""
    keep_freed_memory()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        steps = {name: _steps(*variant) for name, variant in _VARIANTS.items()}
        slow = () if has_bfloat16() else ("as shipped",)
        seconds: dict[str, list[float]] = {name: [] for name in steps}
        for index in range(ROUNDS + 1):
            for name, run in steps.items():
                if (
                    name in slow and index != 1
                ):  # emulated bfloat16: ten times the time, and known well enough by one step
                    continue
                taken = run(1 if name in slow else STEPS)
                if index:  # the first round warms up
                    seconds[name].append(taken)
    finally:
        torch.set_num_threads(threads)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    batch = read_recipe(RECIPE).training.batch_size
    return {
        "network": read_recipe(RECIPE).network.spec,
        "threads": 1,
        "processor_has_bfloat16": has_bfloat16(),
        "seconds_per_epoch": {name: round(value * EPOCH / batch, 1) for name, value in medians.items()},
        "times_ours": {name: round(value / medians[OURS], 2) for name, value in medians.items()},
    }


def _steps(overrides: list[str], neurons: type[nn.Module] | None) -> Callable[[int], float]:
    """Return what makes so many training steps, from images to weights, and says the processor's seconds of one."""
    recipe = read_recipe(RECIPE, ["stage_one=none", "training.train_images=6400", *overrides])
    config, sets = recipe.training, (data.load("cifar-10", "train"), data.load("cifar-10", "test"))
    module = Training(recipe, *sets).train()
    if neurons is not None:
        module.network.features = with_neurons(module.network.features, recipe.network, neurons)
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=config.weight_decay)
    state = {"epoch": 0}

    def run(count: int) -> float:
        state["epoch"] += 1
        batches = iter(
            Batches(
                *module._train,
                config.batch_size,
                shuffle=True,
                shift=config.shift,
                flip=config.flip,
                epoch=state["epoch"],
            )
        )
        with in_use(module.network) if config.kernels == "compiled" else nullcontext():
            started = time.process_time()
            for _ in range(count):
                images, labels = next(batches)
                with torch.autocast("cpu", torch.bfloat16, enabled=config.precision == "bfloat16"):
                    scores = module.network(images) * module.gain
                    loss = nn.functional.cross_entropy(scores, labels, label_smoothing=config.label_smoothing)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            return (time.process_time() - started) / count

    return run
