"""An epoch of training at T = 1, beside the same network with the neurons of snnTorch and of SpikingJelly.

The networks share layers, batches and optimizer. Ours pools before it fires, which gives the same spikes for less work; the
others are measured in the order of the specification, firing before pooling, and ("pooled first") in ours. Ours is trained as `train` does it, through Lightning with
its logs; the others by a bare PyTorch loop, the fastest that a user could write.
"""

from __future__ import annotations

import statistics
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch import Tensor, nn

from quant_train import data
from quant_train.allocator import keep_freed_memory
from quant_train.config import NetworkConfig, Recipe, read_recipe
from quant_train.module import Training
from quant_train.neurons import ThresholdFire
from tests.benchmarks.studies import KEPT

IMAGES, ROUNDS = 12_800, 3


class SnnTorchFire(nn.Module):
    """Two `snn.Leaky` neurons on one potential, stepped once from rest."""

    def __init__(self, first: float, gap: float, width: float) -> None:
        super().__init__()
        import snntorch
        from snntorch import surrogate

        gradient = surrogate.atan(alpha=2 / width)
        self.neurons = nn.ModuleList(
            snntorch.Leaky(beta=0.0, threshold=threshold, spike_grad=gradient, learn_threshold=True)
            for threshold in (first, first + gap)
        )

    def forward(self, vm: Tensor) -> Tensor:
        """Return both spike maps."""
        return torch.cat([neuron(vm, torch.zeros_like(vm))[0] for neuron in self.neurons], dim=1)


class SpikingJellyFire(nn.Module):
    """Two `IFNode`s on one potential, reset before each step."""

    def __init__(self, first: float, gap: float, width: float) -> None:
        super().__init__()
        from spikingjelly.activation_based import neuron, surrogate

        self.neurons = nn.ModuleList(
            neuron.IFNode(
                v_threshold=threshold, v_reset=None, surrogate_function=surrogate.ATan(alpha=2 / width)
            )
            for threshold in (first + 1e-3, first + gap)  # it takes no threshold of 0
        )

    def forward(self, vm: Tensor) -> Tensor:
        """Return both spike maps."""
        for neuron in self.neurons:
            neuron.reset()
        return torch.cat([neuron(vm) for neuron in self.neurons], dim=1)


class _EpochTimes(L.Callback):
    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._started = 0.0

    def on_train_epoch_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        self._started = time.perf_counter()

    def on_validation_start(self, trainer: L.Trainer, module: L.LightningModule) -> None:
        self.seconds.append(time.perf_counter() - self._started)


def measure() -> dict[str, Any]:
    """Return the seconds of an epoch of each, and the others' time over ours, in interleaved rounds.

    All have the memory allocator's setting that `train` makes.
    """
    keep_freed_memory()
    recipe = read_recipe(
        KEPT / "mnist" / "recipe.toml",
        ["network.spec=8C3-P2-16C3-P2-FC10", f"training.train_images={IMAGES}", "training.epochs=2"],
    )
    sets = data.load("mnist", "train"), data.load("mnist", "test")
    others = {
        f"{name}{', pooled first' if pooled_first else ''}": (fire, pooled_first)
        for name, fire in (("snntorch", SnnTorchFire), ("spikingjelly", SpikingJellyFire))
        for pooled_first in (False, True)
    }
    times: dict[str, list[float]] = {name: [] for name in ("ours", *others)}
    for index in range(ROUNDS):
        times["ours"].append(_ours(recipe, *sets))
        for name, (fire, pooled_first) in others.items():
            times[name].append(_other(recipe, *sets, fire, pooled_first, warm=index == 0))
    ratios = {
        name: [other / ours for other, ours in zip(times[name], times["ours"], strict=True)]
        for name in others
    }
    return {
        "network": f"{recipe.network.spec}, {recipe.network.weight_bits}-bit weights, {IMAGES:,} MNIST images, CPU",
        "threads": torch.get_num_threads(),
        "seconds_per_epoch": {name: statistics.median(values) for name, values in times.items()},
        "times_ours": {name: statistics.median(values) for name, values in ratios.items()},
        "times_ours_all": ratios,
    }


def _ours(recipe: Recipe, train: data.Dataset, test: data.Dataset) -> float:
    clock = _EpochTimes()
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer = L.Trainer(
            default_root_dir=Path(folder),
            max_epochs=2,
            logger=L.pytorch.loggers.CSVLogger(folder),
            callbacks=[clock],
            enable_progress_bar=False,
            enable_model_summary=False,
            reload_dataloaders_every_n_epochs=1,
            num_sanity_val_steps=0,
        )
        trainer.fit(Training(recipe, train, test))
    return clock.seconds[-1]  # the first epoch warms up


def _other(
    recipe: Recipe,
    train: data.Dataset,
    test: data.Dataset,
    fire: type[nn.Module],
    pooled_first: bool,
    warm: bool,
) -> float:
    module = Training(recipe, train, test)
    module.network.features = with_neurons(module.network.features, recipe.network, fire, pooled_first)
    optimizer = torch.optim.AdamW(module.parameters(), lr=recipe.training.learning_rate)
    module.train()
    seconds = 0.0
    for _ in range(2 if warm else 1):
        started = time.perf_counter()
        for images, labels in _batches(module):
            loss = nn.functional.cross_entropy(
                module.network(images) * module.gain, labels, label_smoothing=0.05
            )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
        seconds = time.perf_counter() - started
    return seconds


def with_neurons(
    features: nn.Sequential, network: NetworkConfig, fire: type[nn.Module], pooled_first: bool = True
) -> nn.Sequential:
    """Return the layers with other neurons in place of this project's, which may fire before they are pooled."""
    layers: list[nn.Module] = []
    for layer in features.children():
        if isinstance(layer, ThresholdFire):
            neurons = fire(network.first_threshold, network.threshold_gap, network.surrogate_width)
            swap = not pooled_first and isinstance(layers[-1], nn.MaxPool2d)
            layers.insert(len(layers) - swap, neurons)
        else:
            layers.append(layer)
    return nn.Sequential(*layers)


def _batches(module: Training) -> Any:
    from quant_train.batches import Batches

    config = module.recipe.training
    return Batches(*module._train, config.batch_size, shuffle=True, shift=config.shift, seed=config.seed)
