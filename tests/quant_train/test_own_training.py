"""Modules that somebody else wrote, trained by this project's recipe: in one stage or two, gone on with, and exported."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from brevitas import nn as qnn
from torch import Tensor, nn

import quant_train
from dt_scnn.errors import ConfigurationError
from dt_scnn.lock import hold
from hls_project.graph.validate import check, load_proto
from hls_project.parity import golden
from quant_train import StageOneConfig, ThresholdFire, TrainingConfig, training
from quant_train.checkpoints import load_checkpoint
from quant_train.config import NetworkConfig
from quant_train.network import SpikingNetwork
from quant_train.own_training import OwnModule, over_timesteps
from tests.plain_torch import WEIGHTS
from tests.quant_train.networks import random_images, random_network

QUANT = {"weight_quant": WEIGHTS[0], "weight_bit_width": 4, "bias": False}
TRAINING = TrainingConfig(epochs=4, batch_size=32, learning_rate=0.01, train_images=600)


class Mine(nn.Module):
    """Two branches, which no spec of this project has; bias, batch norm and neurons."""

    def __init__(self, classes: int = 10, fire: type = ThresholdFire) -> None:
        super().__init__()
        self.conv = qnn.QuantConv2d(1, 6, 3, padding=1, **QUANT)
        self.norm = nn.BatchNorm2d(6)
        self.fire = fire(6)
        self.pool = nn.MaxPool2d(2)
        self.dense = qnn.QuantLinear(12 * 16, classes, **QUANT)

    def forward(self, images: Tensor) -> Tensor:
        return self.dense(self.pool(self.fire(self.norm(self.conv(images)))).flatten(1))


def mine(seed: int = 0, **options: object) -> Mine:
    torch.manual_seed(seed)
    return Mine(**options)  # type: ignore[arg-type]


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.mark.parametrize("stages", [1, 2])
def test_a_module_learns_goes_on_and_is_exported(stages: int, tmp_path: Path) -> None:
    stage_one = StageOneConfig(timesteps=2, epochs=2) if stages == 2 else None
    options = {"dataset": "digits", "training": replace(TRAINING, recalibrate=True), "stage_one": stage_one}
    module = mine()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    trained = quant_train.train(module=module, out=tmp_path / "mine", **options)
    assert trained.network.module is module and not any(part.training for part in module.modules())
    assert not torch.equal(before["conv.weight"], module.conv.weight)
    test = quant_train.load_data("digits", "test")
    path = quant_train.export(module, (8, 8, 1), tmp_path / "mine.onnx", trained.classes, dataset="digits")
    right = int((golden.scores(path, test.images).argmax(1) == test.labels).sum())
    assert right > 180 and check(load_proto(path)).classes == tuple("0123456789")  # of 360, 36 by chance
    with torch.no_grad():
        scores = module(torch.from_numpy(test.images.transpose(0, 3, 1, 2)).float() / 256)
    assert np.array_equal(scores.argmax(1), golden.scores(path, test.images).argmax(1))
    # Trained to its end: the same call gives the same weights, whatever the module had.
    again = mine(seed=1)
    quant_train.train(module=again, out=tmp_path / "mine", **options)
    for name, value in module.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
    with pytest.raises(ConfigurationError, match="of a module of somebody's own"):
        load_checkpoint(tmp_path / "mine" / "train" / "checkpoints" / "last.ckpt")
    other = nn.Sequential(
        nn.Flatten(), qnn.QuantLinear(64, 6, **QUANT), ThresholdFire(6), qnn.QuantLinear(12, 10, **QUANT)
    )
    with pytest.raises(ConfigurationError, match="network.spec differ"):
        quant_train.train(module=other, out=tmp_path / "mine", **options)


@pytest.mark.parametrize("reset", ["hard", "soft"])
def test_stage_one_of_a_module_is_that_of_this_project_s_network(reset: str) -> None:
    config = StageOneConfig(timesteps=3, leak=0.5, reset=reset, weight_bits=4)  # type: ignore[arg-type]
    network = random_network("3C3-P2-4C3-FC5")
    expected = SpikingNetwork(network.config, network.input_shape, config)
    expected.load_state_dict(network.state_dict())
    own = over_timesteps(OwnModule(network.features, network.input_shape), config)
    images = random_images(network.input_shape, 20)
    with torch.no_grad():
        assert torch.equal(own.eval()(images), expected.eval()(images))
        assert not torch.equal(own(images), network(images))


def test_floating_point_weights_in_stage_one_are_quantized_again_in_stage_two() -> None:
    module = mine()
    first = over_timesteps(OwnModule(module, (8, 8, 1)), StageOneConfig())
    assert not first.module.conv.weight_quant.is_quant_enabled  # type: ignore[union-attr]
    assert module.conv.weight_quant.is_quant_enabled


def test_thresholds_that_are_fixed_stay_fixed() -> None:
    module = mine()
    module.fire.first.requires_grad_(False)
    first = over_timesteps(OwnModule(module, (8, 8, 1)), StageOneConfig())
    assert not first.module.fire.first.requires_grad and first.module.fire.gap.requires_grad  # type: ignore[union-attr]


class Mixing(Mine):
    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images - images.mean(0) * 4)


class MyFire(ThresholdFire):
    pass


def relu() -> nn.Module:
    return nn.Sequential(
        nn.Flatten(),
        qnn.QuantLinear(64, 6, **QUANT),
        qnn.QuantReLU(bit_width=2),
        qnn.QuantLinear(6, 10, **QUANT),
    )


@pytest.mark.parametrize(
    ("module", "stage_one", "message"),
    [
        (relu(), StageOneConfig(), "the module has no such neurons; train it in one stage"),
        (mine(fire=MyFire), StageOneConfig(), "fire: stage one knows ThresholdFire itself, not MyFire"),
        (mine(), StageOneConfig(weight_bits=3), "stage_one.weight_bits is 3, and conv has weights of 4 bits"),
        (Mixing(), StageOneConfig(leak=0.5), "mixes the images of a batch"),
        (mine(classes=7), None, "gives 7 scores for an image, and the data have 10 classes"),
        (nn.Flatten(), None, "no parameter to train"),
        (nn.Sequential(nn.Flatten(), nn.Linear(9, 10)), None, r"does not take float32 images of shape \(1, 1, 8, 8\)"),
        (mine().conv, None, r"must give scores \(N, classes\)"),
        ("mine", None, "must be a torch.nn.Module, not a str"),
    ],
)  # fmt: skip
def test_what_cannot_be_trained(
    module: nn.Module, stage_one: StageOneConfig | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=message):
        quant_train.train(
            module=module, dataset="digits", training=TRAINING, stage_one=stage_one, out=tmp_path
        )
    assert not list(tmp_path.rglob("*.ckpt"))


def test_what_a_call_lacks_is_said() -> None:
    with pytest.raises(ConfigurationError, match=r"train needs a recipe, or a module and a data set"):
        quant_train.train(module=mine())
    with pytest.raises(ConfigurationError, match="say where the training of the module is kept"):
        quant_train.train("digits", module=mine())
    with pytest.raises(ConfigurationError, match="load_data: sizes: Unexpected keyword"):
        quant_train.load_data(".", "train", sizes=(8, 8))


def test_a_recipe_is_a_call_too(tmp_path: Path) -> None:
    trained = quant_train.train("digits", training=replace(TRAINING, epochs=1), out=tmp_path)
    assert trained.recipe.network == NetworkConfig("8C3-P2-16C3-FC10") and (tmp_path / "model.onnx").is_file()


def test_importing_the_package_loads_no_torch() -> None:
    code = "import quant_train, sys; quant_train.load_data; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert all(getattr(quant_train, name) is not None for name in quant_train.__all__)
    with pytest.raises(AttributeError):
        quant_train.absent  # noqa: B018


def test_a_folder_takes_one_training_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "hold", lambda folder, instead: hold(folder, 0.1, instead))
    code = "from dt_scnn.lock import hold; import sys, pathlib; lock = hold(pathlib.Path(sys.argv[1])); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "train")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None and other.stdout.readline() == b"1\n"
        with pytest.raises(ConfigurationError, match="is still in use by process .*give another --out"):
            quant_train.train(module=mine(), dataset="digits", training=TRAINING, out=tmp_path)
        other.communicate(b"\n", timeout=60)
