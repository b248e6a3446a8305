from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from quant_train import fitting
from quant_train.config import NetworkConfig, Recipe, TrainingConfig
from quant_train.kernels.graphs import discard, record
from quant_train.module import Training
from quant_train.network import SpikingNetwork
from quant_train.training import train

CONFIG = NetworkConfig("4C3-P2-6C3-FC10", surrogate_width=1.0)
RECIPE = Recipe(
    "digits",
    CONFIG,
    TrainingConfig(epochs=3, batch_size=32, train_images=320, kernels="compiled", average=0.9),
)
WARM_UP = 3


class Recorder:
    """Stands in for torch's recorder, which takes a GPU: it warms up as that does, and replays by running again."""

    def __init__(self) -> None:
        self.recorded: list[nn.Module] = []
        self.replayed = 0

    def make(self, module: nn.Module, arguments: tuple[Any, ...], allow_unused_input: bool) -> Any:
        self.recorded.append(module)
        for _ in range(WARM_UP):
            module(*arguments)

        def replay(*given: Any) -> Any:
            self.replayed += 1
            return module(*given)

        return replay


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """What took the place of torch's recorder and compiler."""
    found = Recorder()
    monkeypatch.setattr(torch.cuda, "make_graphed_callables", found.make)
    monkeypatch.setattr(torch, "compile", compiled)
    return found


def compiled(function: Callable[..., Any], dynamic: bool) -> Callable[..., Any]:
    assert not dynamic
    return lambda images: function(images)


def test_a_network_replays_in_the_mode_it_was_recorded_in_and_keeps_its_statistics(
    recorder: Recorder,
) -> None:
    network = SpikingNetwork(CONFIG, (8, 8, 1)).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    images = torch.rand(4, 1, 8, 8)
    record(network, images)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    network(images)
    assert recorder.replayed == 1
    assert not torch.equal(
        network.features.norm0.running_mean, before["features.norm0.running_mean"]
    )  # a step leaves its trace
    network.eval()(images)
    assert recorder.replayed == 1
    discard(network)
    network.train()(images)
    assert recorder.replayed == 1 and "forward" not in network.__dict__


@pytest.mark.parametrize(("final", "times"), [(0.0, 1), (0.5, 3)])
def test_a_recorded_training_is_the_same_and_is_recorded_anew_when_the_surrogate_narrows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorder: Recorder, final: float, times: int
) -> None:
    recipe = replace(RECIPE, network=replace(CONFIG, final_surrogate_width=final))
    by_torch = replace(recipe, training=replace(recipe.training, kernels="torch"))
    expected = train(by_torch, tmp_path / "torch", terminal=False)
    monkeypatch.setattr(fitting, "_on_gpu", lambda: True)
    found = train(recipe, tmp_path / "recorded", terminal=False)
    assert len(recorder.recorded) == times and recorder.replayed == 3 * 10
    for name, value in expected.network.state_dict().items():
        assert torch.equal(found.network.state_dict()[name], value), name
    assert "forward" not in found.network.__dict__


def test_a_module_of_somebody_s_own_is_not_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    monkeypatch.setattr(fitting, "_on_gpu", lambda: True)
    own = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    train(replace(RECIPE, training=replace(RECIPE.training, epochs=1)), tmp_path, terminal=False, own=own)
    assert not recorder.recorded


def test_an_interrupted_training_leaves_no_recording(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recorder: Recorder
) -> None:
    modules = []

    def interrupted(module: Training) -> None:
        modules.append(module)
        if module.current_epoch == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(fitting, "_on_gpu", lambda: True)
    monkeypatch.setattr(Training, "on_train_epoch_start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        train(RECIPE, tmp_path, terminal=False)
    assert len(recorder.recorded) == 1 and "forward" not in modules[0].network.__dict__


@pytest.mark.skipif(not torch.cuda.is_available(), reason="takes a GPU")
def test_on_a_gpu_it_learns_as_torch_does(tmp_path: Path) -> None:
    network = SpikingNetwork(CONFIG, (8, 8, 1)).train().cuda()
    images = torch.rand(32, 1, 8, 8, device="cuda")
    expected = network(images)
    record(network, images)
    assert torch.allclose(network(images), expected, atol=1e-4)
