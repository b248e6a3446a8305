"""What a training took: it stands in the checkpoint and on the card, over interruptions and stages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from quant_train import module
from quant_train.checkpoints import History, history, load_checkpoint
from quant_train.config import NetworkConfig, Recipe, StageOneConfig, TrainingConfig
from quant_train.machines import machine_name
from quant_train.training import train
from tests.quant_train.interruption import interrupted

RECIPE = Recipe(
    "digits", NetworkConfig("4C3-P2-FC10"), TrainingConfig(epochs=2, batch_size=32, train_images=320)
)


class Clock:
    """Seconds that pass with every look."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        self.now += 1.0
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(module, "time", found)
    return found


def test_an_interruption_adds_the_time_of_both_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with interrupted(monkeypatch, 1):
        train(RECIPE, tmp_path, terminal=False)
    before = load_checkpoint(tmp_path / "checkpoints" / "last.ckpt").made
    monkeypatch.setattr(module, "machine_name", lambda device: "another")
    after = train(RECIPE, tmp_path, terminal=False).made
    assert before.seconds > 0 and after.seconds > before.seconds
    assert after.machines == (machine_name(torch.device("cpu")), "another")


def test_stage_two_counts_stage_one_s(tmp_path: Path) -> None:
    recipe = replace(RECIPE, stage_one=StageOneConfig(epochs=1))
    trained = train(recipe, tmp_path, terminal=False)
    first = load_checkpoint(tmp_path / "stage_one" / "checkpoints" / "last.ckpt").made
    assert 0 < first.seconds < trained.made.seconds and len(trained.made.machines) == 1


def test_checkpoints_of_before_say_nothing_of_it() -> None:
    assert history({}) == history({"dt_scnn": {"seconds": "2", "machines": 3}}) == History()
    assert history({"dt_scnn": {"seconds": 2, "machines": ["a"]}}) == History(2.0, ("a",))


def test_a_gpu_says_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU of {device}")
    assert machine_name(torch.device("cuda", 0)) == "GPU of cuda:0"
    monkeypatch.setattr(Path, "read_text", lambda self: "model name\t: Some CPU\n")
    assert machine_name(torch.device("cpu")) == f"Some CPU, {torch.get_num_threads()} thread(s)"
