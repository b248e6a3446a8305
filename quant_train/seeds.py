"""One recipe trained with several seeds, each in a folder of its own, wherever the executor runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dt_scnn.errors import ConfigurationError
from dt_scnn.executor import executor, run_all
from quant_train.config import LARGEST_SEED, Recipe


@dataclass(frozen=True)
class SeedTask:
    """A training with one seed. threads: of torch, of which the last bits depend; 0 leaves their number as it is."""

    recipe: Recipe
    folder: Path
    command: str
    data_root: Path | None
    threads: int = 1


def train_seed(task: SeedTask) -> dict[str, Any]:
    """Train and export, or go on with it; return the card."""
    import torch

    from quant_train.train_and_export import train_and_export

    if task.threads:
        torch.set_num_threads(task.threads)
    card = train_and_export(task.recipe, task.folder, task.command, task.data_root, False, False)
    assert card is not None  # one process
    return card


@dataclass(frozen=True)
class Seeds:
    """The cards of the trainings, seed by seed."""

    cards: dict[int, dict[str, Any]]

    def __str__(self) -> str:
        lines = [
            f"seed {seed}: {card['correct']:,} of {card['test_images']:,} test images right"
            for seed, card in self.cards.items()
        ]
        mean = sum(card["accuracy"] for card in self.cards.values()) / len(self.cards)
        return "\n".join([*lines, f"mean of {len(self.cards)}: {100 * mean:.2f} %"])


def seeds_of(text: str) -> list[int]:
    """Return the seeds in `1,2,3`.

    Raises:
        ConfigurationError: they are no different whole numbers.
    """
    numbers = [int(part) for part in text.split(",") if part.strip().isdecimal()]
    if len(numbers) < text.count(",") + 1 or len(set(numbers)) < len(numbers) or max(numbers) > LARGEST_SEED:
        raise ConfigurationError(
            f"seeds are different whole numbers from 0 to {LARGEST_SEED:,}, such as 1,2,3, not {text!r}"
        )
    return numbers


def train_seeds(
    recipe: Recipe,
    seeds: Sequence[int],
    folder: Path,
    command: str,
    data_root: Path | None = None,
    jobs: int = 1,
    scheduler: str | None = None,
) -> Seeds:
    """Train `recipe` with each seed in `<folder>-seed<n>`.

    jobs: trainings at once on this machine, on one thread each. scheduler: address of a Dask cluster instead, whose workers see the
    same folders. The same call goes on where a training was interrupted.

    Raises:
        ConfigurationError: as `training.train`, or the cluster does not answer.
        FlowError: a worker has gone.
    """
    absolute = folder.absolute()
    tasks = [
        SeedTask(
            replace(recipe, training=replace(recipe.training, seed=seed)),
            absolute.with_name(f"{absolute.name}-seed{seed}"),
            f"{command} --set training.seed={seed}",
            data_root and data_root.absolute(),
        )
        for seed in seeds
    ]
    cards: dict[int, dict[str, Any]] = {}
    with executor(scheduler, jobs) as pool:
        run_all(pool, train_seed, tasks, lambda task, card: cards.update({task.recipe.training.seed: card}))
    return Seeds({seed: cards[seed] for seed in seeds})
