from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dt_scnn import zoo
from dt_scnn.errors import ConfigurationError
from dt_scnn.files import sha256, write_npz
from quant_train import data
from quant_train.batch_norm_folding import fold
from quant_train.checkpoints import Trained
from quant_train.config import DataConfig, NetworkConfig, Recipe, TeacherConfig, TrainingConfig, read_recipe
from quant_train.machines import Machines
from quant_train.network import SpikingNetwork
from quant_train.teacher import Teacher, load_teacher, recipe_of
from quant_train.train_and_export import train_and_export
from quant_train.training import train
from quant_train.verbs import accuracy
from tests.quant_train.interruption import interrupted

TRAINING = TrainingConfig(epochs=2, batch_size=32, learning_rate=0.01, train_images=320, seed=3)
TEACHER = Recipe("digits", NetworkConfig("6C3-P2-8C3-FC10", neurons="relu"), TRAINING)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkpoint of a teacher of the digits."""
    folder = tmp_path_factory.mktemp("teacher")
    card = train_and_export(TEACHER, folder, "train", None, False, False)
    assert card == json.loads((folder / "card.json").read_text())
    assert not (folder / "model.onnx").exists() and "model_sha256" not in card
    found = accuracy(str(folder / "train" / "checkpoints" / "last.ckpt"), None, None)
    assert (found.correct, found.images) == (card["correct"], 360) and card["correct"] > 100
    return folder / "train" / "checkpoints" / "last.ckpt"


def learner(checkpoint: Path | str, **changes: object) -> Recipe:
    config = TeacherConfig(str(checkpoint), **changes)  # type: ignore[arg-type]
    return Recipe("digits", NetworkConfig("4C3-P2-FC10"), TRAINING, teacher=config)


def test_a_teacher_has_rectified_maps_and_floating_point_weights() -> None:
    network = SpikingNetwork(TEACHER.network, (8, 8, 1)).eval()
    assert network.features.fire0.__class__ is nn.ReLU and network.features.dense3.in_features == 8 * 4 * 4
    weight = network.features.conv0.weight
    assert torch.equal(network.features.conv0.quant_weight(), weight)  # as it is
    with pytest.raises(ConfigurationError, match="is learned from and not exported"):
        fold(network)


def test_the_loss_is_the_share_of_labels_and_of_the_teacher_s() -> None:
    class Fixed(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return images * 4

    images, scores = torch.randn(5, 3), torch.randn(5, 3, requires_grad=True)
    own = Teacher(Trained(Fixed(), TEACHER, ("a", "b", "c"), 0.5), 0.25, 2.0)
    wanted, found = (images * 4 * 0.5 / 2).softmax(1), (scores / 2).log_softmax(1)
    expected = 0.75 * 7.0 + 0.25 * 4 * -(wanted * found).sum(1).mean()
    assert own.mixed(torch.tensor(7.0), scores, images).item() == pytest.approx(expected.item(), rel=1e-5)


def test_a_training_with_a_teacher_records_it_and_goes_on_with_no_other(
    teacher: Path, tmp_path: Path
) -> None:
    trained = train(learner(teacher), tmp_path / "with", terminal=False)
    assert trained.recipe.teacher is not None and trained.recipe.teacher.sha256 == sha256(teacher)
    alone = train(replace(learner(teacher), teacher=None), tmp_path / "without", terminal=False)
    weights = [found.network.features.conv0.weight for found in (trained, alone)]
    assert not torch.equal(*weights)
    other = tmp_path / "other.ckpt"
    content = torch.load(teacher, weights_only=True)
    content["state_dict"]["gain"] += 1
    torch.save(content, other)
    with pytest.raises(ConfigurationError, match=r"teacher\.checkpoint, teacher\.sha256 differ"):
        train(learner(other), tmp_path / "with", terminal=False)
    with pytest.raises(ConfigurationError, match="and the recipe says 00"):
        train(learner(teacher, sha256="00"), tmp_path / "with", terminal=False)


def test_a_teacher_of_other_data_or_classes_or_images_is_refused(teacher: Path, tmp_path: Path) -> None:
    digits = data.load("digits", "train")
    recipe = learner(teacher)
    with pytest.raises(ConfigurationError, match="another data set: digits, not mnist"):
        load_teacher(replace(recipe, dataset="mnist"), digits)
    fewer = replace(digits, labels=digits.labels % 9, classes=digits.classes[:9])
    with pytest.raises(ConfigurationError, match=r"other classes: 10 \(0, 1, 2, \.\.\.\), not 9"):
        load_teacher(recipe, fewer)
    split = replace(recipe, data=DataConfig(seed=1))
    with pytest.raises(
        ConfigurationError, match=r"other test_share and seed of \[data\]: \(0\.2, 0\), not \(0\.2, 1\)"
    ):
        load_teacher(split, digits)  # whose training images are among the test images
    larger = replace(digits, images=np.repeat(digits.images, 2, axis=1))
    with pytest.raises(ConfigurationError, match=r"other images \(H, W, C\): \(8, 8, 1\), not \(16, 8, 1\)"):
        load_teacher(recipe, larger)
    with pytest.raises(
        ConfigurationError, match=r"there is no .*absent\.ckpt; without it, --set teacher\.recipe="
    ):
        train(learner(tmp_path / "absent.ckpt"), tmp_path / "out", terminal=False)
    write_npz(tmp_path / "damaged.ckpt.npz", {"a": np.zeros(1)})
    with pytest.raises(ConfigurationError, match="no checkpoint"):
        train(learner(tmp_path / "damaged.ckpt.npz"), tmp_path / "out", terminal=False)
    assert not (tmp_path / "out").exists()  # what is refused leaves nothing behind


def recipe_file(folder: Path, more: str = "", epochs: int = 2) -> Path:
    path = folder / "my-teacher.toml"
    path.write_text(
        'dataset = "mnist"\n[network]\nspec = "6C3-P2-8C3-FC"\nneurons = "relu"\n'
        f"[training]\nepochs = {epochs}\nbatch_size = 32\nlearning_rate = 0.01\ntrain_images = 320\nseed = 3\n{more}"
    )
    return path


def test_a_teacher_with_a_recipe_is_trained_first_and_once(
    tmp_path: Path, teacher: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = learner("", recipe=str(recipe_file(tmp_path)))
    trained = train(own, tmp_path / "out", terminal=False)
    place = tmp_path / "out" / "teacher" / "checkpoints" / "last.ckpt"
    said = capsys.readouterr()
    assert f"its teacher is trained first, in {tmp_path / 'out' / 'teacher'}" in said.err
    assert [line.split(" 1 of")[0] for line in said.out.splitlines()[::2]] == ["teacher, epoch", "epoch"]
    assert trained.recipe.teacher is not None and trained.recipe.teacher.sha256 == sha256(place)
    assert trained.recipe.teacher.checkpoint == ""  # so that the same command goes on
    weights = [torch.load(path, weights_only=True)["state_dict"] for path in (place, teacher)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())  # on the same data
    alike = train(learner(teacher), tmp_path / "alike", terminal=False)
    for name, value in trained.network.state_dict().items():
        assert torch.equal(value, alike.network.state_dict()[name]), name
    place.touch()
    made = place.stat().st_mtime_ns
    again = train(own, tmp_path / "out", terminal=False)
    assert place.stat().st_mtime_ns == made and "trained first" not in capsys.readouterr().err
    assert again.recipe == trained.recipe
    train(own, tmp_path / "out", fresh=True, terminal=False)
    assert place.stat().st_mtime_ns != made


def test_a_teacher_that_was_interrupted_goes_on_and_another_recipe_is_refused(
    tmp_path: Path, teacher: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, place = learner("", recipe=str(recipe_file(tmp_path))), tmp_path / "out" / "teacher"
    with interrupted(monkeypatch, 1):
        train(own, tmp_path / "out", terminal=False)
    last = place / "checkpoints" / "last.ckpt"
    assert (
        torch.load(last, weights_only=True)["epoch"] == 0 and not (tmp_path / "out" / "checkpoints").exists()
    )
    train(own, tmp_path / "out", terminal=False)
    assert capsys.readouterr().err.count("trained first") == 2
    found, expected = (torch.load(path, weights_only=True)["state_dict"] for path in (last, teacher))
    assert all(torch.equal(value, found[name]) for name, value in expected.items())
    other = learner("", recipe=str(recipe_file(tmp_path, epochs=3)))
    with pytest.raises(ConfigurationError, match=r"the teacher: .*training\.epochs differ.*teacher=none"):
        train(other, tmp_path / "out", terminal=False)


def test_a_teacher_is_not_trained_for_a_folder_that_has_another_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, last = learner("", recipe=str(recipe_file(tmp_path))), Path("checkpoints") / "last.ckpt"
    train(replace(own, teacher=None), tmp_path / "before", terminal=False)
    with pytest.raises(ConfigurationError, match=r"teacher\.recipe, teacher\.share.* differ\); use --fresh"):
        train(own, tmp_path / "before", terminal=False)
    assert not (tmp_path / "before" / "teacher").exists()
    with interrupted(monkeypatch, 1):
        train(own, tmp_path / "before", fresh=True, terminal=False)
    assert not (tmp_path / "before" / last).exists()  # or what is gone on with would meet the old training
    train(own, tmp_path / "before", terminal=False)
    (tmp_path / "before" / "teacher" / last).unlink()
    with pytest.raises(ConfigurationError, match=r"learned from a teacher that is not in .*teacher any more"):
        train(own, tmp_path / "before", terminal=False)
    assert not (tmp_path / "before" / "teacher" / last).exists()


def test_a_digest_that_no_teacher_trained_now_has_is_refused_before(tmp_path: Path) -> None:
    own = learner("", recipe=str(recipe_file(tmp_path)), sha256="00")
    with pytest.raises(ConfigurationError, match=r"has another digest than 00; --set teacher\.sha256=none"):
        train(own, tmp_path / "out", terminal=False)
    assert not (tmp_path / "out").exists()


def test_a_teacher_of_no_numbers_or_a_damaged_one_is_refused(teacher: Path, tmp_path: Path) -> None:
    digits, path = data.load("digits", "train"), tmp_path / "other.ckpt"
    content = torch.load(teacher, weights_only=True)
    weight = content["state_dict"]["network.features.conv0.weight"]
    for name, value, said in (
        (
            "network.features.conv0.weight",
            weight * float("nan"),
            r"NaN values in features\.conv0\.weight; train",
        ),
        ("gain", torch.tensor(float("inf")), "NaN values in gain; train"),
        ("gain", "much", "weights are of another network: could not convert"),
    ):
        torch.save(content | {"state_dict": content["state_dict"] | {name: value}}, path)
        with pytest.raises(ConfigurationError, match=said):
            load_teacher(learner(path), digits)
    place = tmp_path / "out" / "teacher" / "checkpoints" / "last.ckpt"
    place.parent.mkdir(parents=True)
    place.write_bytes(teacher.read_bytes()[:1000])
    with pytest.raises(
        ConfigurationError, match="the teacher: .*damaged.*; use --fresh to start over; --set teacher"
    ):
        train(learner("", recipe=str(recipe_file(tmp_path))), tmp_path / "out", terminal=False)


def test_a_finished_teacher_of_another_precision_is_another(tmp_path: Path) -> None:
    precision = "precision = '{}'\n".format
    own = learner("", recipe=str(recipe_file(tmp_path, precision("float32"))))
    train(own, tmp_path / "out", terminal=False)
    recipe_file(tmp_path, precision("bfloat16"))
    with pytest.raises(ConfigurationError, match=r"the teacher: .*training\.precision differ"):
        train(own, tmp_path / "out", terminal=False)


def test_what_set_does_not_reach_is_said(tmp_path: Path) -> None:
    path = recipe_file(tmp_path)
    path.write_text(path.read_text().replace("batch_size = 32", "batch_size = 33"))
    own = learner("", recipe=str(path))
    with pytest.raises(
        ConfigurationError, match=r"=32 \(in a recipe of the teacher's own in place of .*my-teacher\.toml\)"
    ):
        train(own, tmp_path / "out", terminal=False, machines=Machines(2))
    assert not (tmp_path / "out").exists()


def test_a_teacher_s_recipe_that_makes_none_is_refused(tmp_path: Path) -> None:
    for recipe, said in (
        ("", "neither a recipe, such as cifar-10, nor a checkpoint"),
        ("digits", "digits has no teacher in the zoo; cifar-10 has; the path of a recipe ends in .toml"),
        ("nothing", "nothing has no teacher in the zoo"),
        ("absent.toml", f"there is no absent.toml; a path is from the current folder, {Path.cwd()}"),
        (str(recipe_file(tmp_path, "[teacher]\nrecipe = 'mnist'\n")), "has a teacher or a stage one itself"),
    ):
        with pytest.raises(ConfigurationError, match=said):
            train(learner("", recipe=recipe), tmp_path / "out", terminal=False)
    assert not (tmp_path / "out").exists()  # what is refused leaves nothing behind
    wide = tmp_path / "wide.toml"
    wide.write_text(recipe_file(tmp_path).read_text().replace("P2", "P8-6C3-P8"))
    with pytest.raises(ConfigurationError, match="the teacher: .*nothing is left of 8 x 8 images; --set"):
        train(learner("", recipe=str(wide)), tmp_path / "out", terminal=False)


def test_a_teacher_is_trained_in_one_stage(tmp_path: Path) -> None:
    recipe = read_recipe(zoo.find("fashion-mnist").recipe, ["network.neurons=relu", "dataset=digits"])
    with pytest.raises(ConfigurationError, match="leave stage_one out"):
        train(recipe, tmp_path, terminal=False)


def test_the_teacher_s_recipe_is_valid_and_no_model_of_the_zoo() -> None:
    recipe = read_recipe(zoo.find("cifar-10").recipe.with_name("teacher.toml"))
    assert recipe.network.neurons == "relu" and SpikingNetwork(recipe.network, (32, 32, 3))
    assert recipe_of(read_recipe(zoo.find("cifar-10").recipe)) == recipe
    assert recipe_of(read_recipe(zoo.find("cifar-10-accurate-scnn").recipe)) == recipe
    assert "teacher" not in zoo.names()


def test_a_folder_in_place_of_a_checkpoint_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    own = learner("", recipe=str(recipe_file(tmp_path)))
    for place in ("", "teacher"):
        out = tmp_path / f"out-{place}"
        last = out / place / "checkpoints" / "last.ckpt"
        last.mkdir(parents=True)
        for fresh in (False, True):
            with pytest.raises(ConfigurationError, match=r"last\.ckpt is a folder, .* another --out"):
                train(own, out, fresh=fresh, terminal=False)
        assert not list(out.rglob("*.csv"))
