"""Each part of a recipe that is off by default: it is there, does what it says, and a training with it goes on as if never stopped."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from dt_scnn.errors import ConfigurationError
from quant_train import data, fitting, module, precision
from quant_train.averaging import MovingAverage
from quant_train.config import NetworkConfig, Recipe, TrainingConfig
from quant_train.module import Training
from quant_train.network import SpikingNetwork
from quant_train.optimizers import configured, hidden_weights, narrowed
from quant_train.training import load_checkpoint, train
from quant_train.whitening import whiten
from tests.quant_train.interruption import interrupted

RECIPE = Recipe(
    "digits",
    NetworkConfig("4C3-P2-6C3-FC10"),
    TrainingConfig(epochs=2, batch_size=32, learning_rate=0.01, train_images=320, seed=3),
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def with_training(**changes: object) -> Recipe:
    return replace(RECIPE, training=replace(RECIPE.training, **changes))  # type: ignore[arg-type]


def test_muon_takes_the_hidden_layers_and_adamw_the_rest() -> None:
    network = SpikingNetwork(NetworkConfig("4C3-6C3-FC5-FC10"), (8, 8, 1))
    names = {id(value): name for name, value in network.named_parameters()}
    assert [names[id(value)] for value in hidden_weights(network)] == [
        "features.conv1.weight",
        "features.dense2.weight",
    ]
    config = replace(RECIPE.training, optimizer="muon", muon_learning_rate=0.1)
    optimizer = configured(network, network, config, 0.01, 100)["optimizer"]
    hidden, rest = optimizer.param_groups
    assert len(hidden["params"]) == 2 and hidden["max_lr"] == 0.1 and rest["max_lr"] == 0.01
    assert len(hidden["params"]) + len(rest["params"]) == len(names)
    conv = network.features.conv1.weight
    before = conv.detach().clone()
    conv.grad = torch.randn(conv.shape, generator=torch.Generator().manual_seed(0))
    optimizer.step()
    step = (conv.detach() - before).flatten(1)
    singular = torch.linalg.svdvals(step) / hidden["lr"]
    assert singular.min() > 0.6 and singular.max() < 1.3  # orthogonalized, so that all directions move alike


def test_muon_without_a_hidden_layer_is_refused() -> None:
    network = SpikingNetwork(NetworkConfig("4C3-FC10"), (8, 8, 1))
    config = replace(RECIPE.training, optimizer="muon")
    with pytest.raises(ConfigurationError, match="the network has none between its first and its last"):
        configured(network, network, config, 0.01, 100)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_linear_schedule_rises_for_a_tenth_and_falls_to_zero(optimizer: str) -> None:
    network = SpikingNetwork(RECIPE.network, (8, 8, 1))
    config = replace(RECIPE.training, optimizer=optimizer, schedule="linear")  # type: ignore[arg-type]
    found = configured(network, network, config, 0.01, 101)
    schedule, rates = found["lr_scheduler"]["scheduler"], []
    for _ in range(101):
        rates.append(schedule.get_last_lr()[-1])
        if len(rates) < 101:
            found["optimizer"].step()
            schedule.step()
    assert max(rates) == pytest.approx(0.01, rel=0.01) and rates.index(max(rates)) in (9, 10)
    assert rates[-1] < 1e-10
    falls = [old - new for old, new in zip(rates[12:-1], rates[13:], strict=True)]
    assert max(falls) == pytest.approx(min(falls), rel=1e-3)


def test_a_surrogate_narrows_by_equal_factors() -> None:
    assert [narrowed(2.0, 0.5, epoch, 3) for epoch in range(3)] == pytest.approx([2.0, 1.0, 0.5])
    assert narrowed(2.0, 0.0, 2, 3) == narrowed(2.0, 0.5, 0, 1) == 2.0


def test_every_neuron_has_the_width_of_its_epoch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    step = Training.training_step

    def training_step(module: Training, *given: object) -> object:
        seen.append(tuple(part.width for part in module.network.modules() if hasattr(part, "gap")))
        return step(module, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Training, "training_step", training_step)
    network = replace(RECIPE.network, surrogate_width=1.0, final_surrogate_width=0.25)
    train(replace(RECIPE, network=network), tmp_path, terminal=False)
    assert seen == [(1.0, 1.0)] * 10 + [(0.25, 0.25)] * 10


def test_first_kernels_whiten() -> None:
    images = torch.from_numpy(data.load("digits", "train").images).permute(0, 3, 1, 2)
    layer = nn.Conv2d(1, 12, 3)
    size = layer.weight[0].square().mean().sqrt().item()
    whiten(layer, images)
    kernels = layer.weight.detach()
    assert torch.equal(kernels[:6], -kernels[6:]) and kernels[
        0
    ].square().mean().sqrt().item() == pytest.approx(size)
    maps = torch.nn.functional.conv2d(images.float() / 256, kernels[:6]).transpose(0, 1).flatten(1)
    correlation = maps.corrcoef()
    assert (correlation - torch.eye(6)).abs().max() < 1e-3  # what whitening is
    assert (maps.var(1).diff() < 0).all()  # the largest first
    before = layer.weight.detach().clone()
    whiten(layer, images)
    assert torch.allclose(layer.weight, before, rtol=1e-5)


def test_whitening_needs_a_convolution(tmp_path: Path) -> None:
    recipe = replace(with_training(whitening=True), network=NetworkConfig("FC8-FC10"))
    with pytest.raises(ConfigurationError, match="the network has none"):
        train(recipe, tmp_path, terminal=False)


ALL = {
    "optimizer": "muon",
    "schedule": "linear",
    "padding": "reflection",
    "shift": 2,
    "flip": True,
    "flip_order": "alternating",
    "whitening": True,
    "average": 0.8,
    "recalibrate": True,
    "label_smoothing": 0.2,
    "epochs": 3,
}


def test_a_training_with_every_part_goes_on_as_if_it_had_not_been_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = replace(RECIPE.network, surrogate_width=1.0, final_surrogate_width=0.5, first_threshold=0.5)
    recipe = replace(with_training(**ALL), network=network)
    whole = train(recipe, tmp_path / "whole", terminal=False)
    with interrupted(monkeypatch, 2):
        train(recipe, tmp_path / "stopped", terminal=False)
    gone_on = train(recipe, tmp_path / "stopped", terminal=False)
    kept = load_checkpoint(tmp_path / "stopped" / "checkpoints" / "last.ckpt")
    assert gone_on.gain == whole.gain == kept.gain
    for name, value in whole.network.state_dict().items():
        assert torch.equal(value, gone_on.network.state_dict()[name]), name
        assert torch.equal(value, kept.network.state_dict()[name]), name


def test_the_average_of_the_weights_is_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = []
    end = Training.optimizer_step

    def optimizer_step(module: Training, *given: object, **named: object) -> None:
        end(module, *given, **named)  # type: ignore[arg-type]
        steps.append(module.network.features.conv0.weight.detach().clone())

    monkeypatch.setattr(Training, "optimizer_step", optimizer_step)
    trained = train(with_training(average=0.9, epochs=1), tmp_path, terminal=False)
    expected = steps[0]
    for weights in steps[1:]:
        expected = torch.lerp(expected, weights, 0.1)
    found = trained.network.features.conv0.weight
    assert len(steps) == 10 and torch.allclose(found, expected, atol=1e-6)
    assert not torch.allclose(found, steps[-1], atol=1e-4)


def test_an_average_is_made_only_where_it_is_wanted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shares = []
    monkeypatch.setattr(fitting, "MovingAverage", lambda share: shares.append(share) or MovingAverage(share))
    train(with_training(epochs=1), tmp_path / "without", terminal=False)
    assert shares == []
    train(with_training(epochs=1, average=0.9), tmp_path / "with", terminal=False)
    assert shares == [0.9]


def test_a_reflection_needs_an_image_larger_than_the_shift(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="shift = 8 by reflection is more than digits's images of 8"):
        train(with_training(padding="reflection", shift=8), tmp_path, terminal=False)


@pytest.mark.parametrize("has_units", [True, False])
def test_automatic_precision_is_what_the_processor_has_units_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], has_units: bool
) -> None:
    monkeypatch.setattr(precision, "has_bfloat16", lambda: has_units)
    found = train(with_training(epochs=1, train_images=32, precision="automatic"), tmp_path, terminal=False)
    assert found.recipe.training.precision == ("bfloat16" if has_units else "float32")
    assert "no units for bfloat16" not in capsys.readouterr().err
    assert (precision.warning("bfloat16") is None) == has_units and precision.warning("float32") is None


@pytest.mark.parametrize("augmented", [False, True])
def test_recalibration_sees_the_images_that_the_recipe_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, augmented: bool
) -> None:
    seen: list[torch.Tensor] = []
    monkeypatch.setattr(
        module, "recalibrate", lambda _, batches: seen.extend(images for images, _ in batches)
    )
    recipe = with_training(recalibrate=True, recalibrate_augmented=augmented, shift=2, cutout=3)
    train(recipe, tmp_path, terminal=False)
    (found,) = seen  # of the last epoch alone
    own = data.load("digits", "train").images[:320].transpose(0, 3, 1, 2)
    same = {image.tobytes() for image in own} & {image.tobytes() for image in (found * 256).byte().numpy()}
    assert len(found) == 320 and (len(same) < 100 if augmented else len(same) > 300)


def test_a_training_with_cutmix_learns_mixed_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[torch.Tensor] = []
    step = Training.training_step

    def training_step(
        training: Training, batch: tuple[torch.Tensor, torch.Tensor], index: int
    ) -> torch.Tensor:
        seen.append(batch[1])
        return step(training, batch, index)

    monkeypatch.setattr(Training, "training_step", training_step)
    train(with_training(cutmix=0.5), tmp_path, terminal=False)
    mixed = [int(((labels > 0) & (labels < 1)).any(1).sum()) for labels in seen]
    assert all(labels.shape == (32, 10) for labels in seen) and 0.2 < sum(mixed) / (32 * len(seen)) < 0.6
