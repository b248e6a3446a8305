from __future__ import annotations

import csv
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from dt_scnn.errors import ConfigurationError
from quant_train import data
from quant_train.batch_norm_folding import fold
from quant_train.config import NetworkConfig, Recipe, TrainingConfig, read_recipe
from quant_train.fitting import WholeCheckpoints
from quant_train.module import Training, to_tensor
from quant_train.training import Trained, load_checkpoint, train
from quant_train.verbs import accuracy

EPOCHS = 6
RECIPE = Recipe(
    "digits",
    NetworkConfig("4C3-P2-FC10"),
    TrainingConfig(epochs=EPOCHS, batch_size=32, learning_rate=0.01, train_images=600, seed=3),
)
TOML = (
    f'dataset = "digits"\n[network]\nspec = "4C3-P2-FC10"\n[training]\nepochs = {EPOCHS}\nbatch_size = 32\n'
    "learning_rate = 0.01\ntrain_images = 600\nseed = 3\n"
)


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> None:
    """The processes of these tests compare bits, so they share a number of threads."""
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    """A folder of a whole training, and its network."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, train(RECIPE, folder, terminal=False)


def last(folder: Path) -> Path:
    return folder / "checkpoints" / "last.ckpt"


def losses(folder: Path) -> list[float]:
    rows = [row for path in sorted(folder.glob("csv/*/metrics.csv")) for row in csv.DictReader(path.open())]
    return [float(row["loss"]) for row in rows if row["loss"]]


def test_training_learns_and_leaves_logs_and_a_checkpoint(finished: tuple[Path, Trained]) -> None:
    folder, _ = finished
    values = losses(folder)
    assert len(values) == EPOCHS and values[-1] < 0.6 * values[0]
    assert list(folder.glob("tensorboard/events.*"))
    assert [path.name for path in (folder / "checkpoints").iterdir()] == ["last.ckpt"]


@pytest.mark.parametrize("steps", [1, 2, 3, 9, 10, 11, 20])
def test_the_shortest_training_warms_up_within_its_first_step(steps: int, tmp_path: Path) -> None:
    recipe = replace(RECIPE, training=replace(RECIPE.training, epochs=1, train_images=32 * steps))
    train(recipe, tmp_path, terminal=False)
    state = torch.load(last(tmp_path), weights_only=True)
    assert state["global_step"] == steps
    (schedule,) = state["lr_schedulers"]
    assert schedule["total_steps"] == max(steps, 2)
    assert 0 < schedule["_schedule_phases"][0]["end_step"] <= 1


def test_a_checkpoint_gives_the_network_back(finished: tuple[Path, Trained]) -> None:
    folder, trained = finished
    loaded = load_checkpoint(last(folder))
    assert loaded.recipe == RECIPE and loaded.classes == trained.classes
    images = torch.rand(9, 1, 8, 8)
    with torch.no_grad():
        assert torch.equal(loaded.network(images), trained.network(images))


def start(recipe: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "quant_train", "train", str(recipe), "--out", str(out)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )


def epochs_until(process: subprocess.Popen[str], line: str) -> list[str]:
    """Return the lines up to the one that starts with `line`."""
    lines: list[str] = []
    assert process.stdout is not None
    while not lines or not lines[-1].startswith(line):
        lines.append(process.stdout.readline())
        assert lines[-1], f"ended before {line!r}: {lines}"
    return lines


@pytest.mark.slow
def test_a_training_that_is_killed_twice_ends_as_if_it_had_not_been(
    finished: tuple[Path, Trained], tmp_path: Path
) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TOML)
    interrupted = start(recipe, tmp_path)
    epochs_until(interrupted, "epoch 2 of")
    interrupted.send_signal(signal.SIGINT)
    _, errors = interrupted.communicate(timeout=60)
    assert interrupted.returncode == 130 and "goes on after the last whole epoch" in errors
    assert not (tmp_path / "model.onnx").exists()
    killed = start(recipe, tmp_path)
    lines = epochs_until(killed, "epoch 4 of")
    assert not any(line.startswith("epoch 1 of") for line in lines)  # it went on
    killed.send_signal(signal.SIGKILL)
    killed.communicate(timeout=60)
    trained = train(RECIPE, tmp_path / "train", terminal=False)
    expected = finished[1].network.state_dict()
    assert trained.network.state_dict().keys() == expected.keys()
    for name, value in trained.network.state_dict().items():
        assert torch.equal(value, expected[name]), name
    assert losses(tmp_path / "train")[-1] == losses(finished[0])[-1]
    again = time.monotonic()
    train(RECIPE, tmp_path / "train", terminal=False)
    assert time.monotonic() - again < 10  # nothing was left to do


TWO_STAGES = TOML + (
    "flip = true\ncutout = 2\ncutmix = 0.5\nrecalibrate = true\nrecalibrate_augmented = true\nchannels_last = true\n"
    "[stage_one]\ntimesteps = 2\nepochs = 4\nlearning_rate = 0.01\ndistillation = 0.5\n"
)


@pytest.fixture(scope="module")
def two_stages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    """A folder of a whole training in two stages, and its network."""
    folder = tmp_path_factory.mktemp("two")
    (folder / "tiny.toml").write_text(TWO_STAGES)
    return folder, train(read_recipe(folder / "tiny.toml"), folder, terminal=False)


@pytest.mark.slow
def test_a_training_that_is_killed_in_either_stage_ends_as_if_it_had_not_been(
    two_stages: tuple[Path, Trained], tmp_path: Path
) -> None:
    recipe = tmp_path / "tiny.toml"
    recipe.write_text(TWO_STAGES)
    for until, done in (("stage one, epoch 2 of", "nothing"), ("epoch 3 of", "stage one, epoch 1 of")):
        killed = start(recipe, tmp_path)
        lines = epochs_until(killed, until)
        assert not any(line.startswith(done) for line in lines)  # it went on
        killed.send_signal(signal.SIGKILL)
        killed.communicate(timeout=60)
    before = last(tmp_path / "train" / "stage_one").read_bytes()
    trained = train(read_recipe(recipe), tmp_path / "train", terminal=False)
    assert last(tmp_path / "train" / "stage_one").read_bytes() == before  # stage one was over
    expected = two_stages[1]
    assert trained.gain == expected.gain
    for name, value in trained.network.state_dict().items():
        assert torch.equal(value, expected.network.state_dict()[name]), name


def test_stage_one_is_kept_where_only_stage_two_changes(
    two_stages: tuple[Path, Trained], tmp_path: Path
) -> None:
    shutil.copytree(two_stages[0] / "stage_one", tmp_path / "stage_one")
    before = last(tmp_path / "stage_one").read_bytes()
    recipe = two_stages[0] / "tiny.toml"
    train(read_recipe(recipe, ["training.epochs=1", "network.weight_bits=3"]), tmp_path, terminal=False)
    assert last(tmp_path / "stage_one").read_bytes() == before
    with pytest.raises(ConfigurationError, match=r"settings \(stage_one\.leak differ\)"):
        train(read_recipe(recipe, ["stage_one.leak=0.75", "training.epochs=1"]), tmp_path, terminal=False)


def test_stage_two_starts_from_stage_one_s_weights_and_thresholds(two_stages: tuple[Path, Trained]) -> None:
    folder, _ = two_stages
    one = load_checkpoint(last(folder / "stage_one"))
    assert one.network.timesteps == 2 and one.gain != 0.1
    sets = data.load("digits", "train"), data.load("digits", "test")
    module = Training(one.recipe, *sets, start=one)
    assert module.network.timesteps == 1 and module.gain.item() == one.gain
    for name, value in module.network.state_dict().items():
        assert torch.equal(value, one.network.state_dict()[name]), name
    taught = [name for name, _ in module.named_parameters() if "teacher" in name]
    assert not taught and set(module.state_dict()) == {
        "gain",
        *(f"network.{name}" for name in one.network.state_dict()),
    }


def test_a_stage_one_checkpoint_is_evaluated_but_not_exported(two_stages: tuple[Path, Trained]) -> None:
    path = last(two_stages[0] / "stage_one")
    found = accuracy(str(path), None, None)
    assert (found.dataset, found.images) == ("digits", 360) and found.correct > 100
    with pytest.raises(ConfigurationError, match="2 timesteps is stage one's"):
        fold(load_checkpoint(path).network)


def test_what_was_held_out_is_not_trained_on(tmp_path: Path) -> None:
    sets = data.load("digits", "train"), data.load("digits", "test")
    recipe = read_recipe(_written(tmp_path), ["training.held_out=100", "training.train_images=0"])
    module = Training(recipe, *sets)
    (images, labels), (unseen, unseen_labels) = module._train, module._test
    assert len(images) == len(labels) == 1337 and len(unseen) == 100
    assert torch.equal(unseen, to_tensor(sets[0].images[-100:]))
    assert unseen_labels.tolist() == sets[0].labels[-100:].tolist()
    with pytest.raises(ConfigurationError, match=r"held_out = 1,410 leaves 27 of .* batch of 32"):
        train(read_recipe(tmp_path / "tiny.toml", ["training.held_out=1410"]), tmp_path, terminal=False)


def _written(folder: Path) -> Path:
    (folder / "tiny.toml").write_text(TOML)
    return folder / "tiny.toml"


def test_a_training_of_another_recipe_is_not_gone_on_with(
    finished: tuple[Path, Trained], tmp_path: Path
) -> None:
    other = Recipe("digits", RECIPE.network, TrainingConfig(epochs=9))
    before = last(finished[0]).read_bytes()
    with pytest.raises(ConfigurationError, match=r"training\.batch_size, training\.epochs.*--fresh"):
        train(other, finished[0], terminal=False)
    assert last(finished[0]).read_bytes() == before


class Malicious:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> object:
        return Path.touch, (self.path,)


def test_pickled_code_in_a_checkpoint_is_refused_and_not_run(
    finished: tuple[Path, Trained], tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    checkpoint = torch.load(last(finished[0]), weights_only=True)
    checkpoint["state_dict"]["network.features.conv0.weight"] = Malicious(trace)
    (tmp_path / "checkpoints").mkdir()
    torch.save(checkpoint, last(tmp_path))
    with pytest.raises(ConfigurationError, match="pickled code, which is never run"):
        load_checkpoint(last(tmp_path))
    with pytest.raises(ConfigurationError, match="pickled code, which is never run"):
        train(RECIPE, tmp_path, terminal=False)  # neither when going on
    assert not trace.exists()
    torch.load(last(tmp_path), weights_only=False)
    assert trace.exists()  # so the file was what it says


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no checkpoint", pickle.dumps({"a": 1})])
def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.ckpt").write_bytes(content)
    with pytest.raises(ConfigurationError, match="x.ckpt is no checkpoint"):
        load_checkpoint(tmp_path / "x.ckpt")
    with pytest.raises(ConfigurationError, match="absent.ckpt"):
        load_checkpoint(tmp_path / "absent.ckpt")


@pytest.mark.parametrize("keep", [0.2, 0.9, 0.999])
def test_a_truncated_checkpoint_is_refused(
    finished: tuple[Path, Trained], tmp_path: Path, keep: float
) -> None:
    content = last(finished[0]).read_bytes()
    (tmp_path / "x.ckpt").write_bytes(content[: int(keep * len(content))])
    with pytest.raises(ConfigurationError, match="is damaged"):
        load_checkpoint(tmp_path / "x.ckpt")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda c: c["dt_scnn"]["recipe"]["network"].update(spec="6C3-P2-FC10"),
            "weights are of another network",
        ),
        (lambda c: c["dt_scnn"]["recipe"]["network"].update(spec="6c3"), "token 1"),
        (lambda c: c["dt_scnn"]["recipe"].update(extra=1), "extra"),
        (lambda c: c["dt_scnn"].update(input_shape=[8]), "description of the network is damaged"),
        (lambda c: c["dt_scnn"].pop("recipe"), "no checkpoint of this project"),
        (lambda c: c.pop("dt_scnn"), "no checkpoint of this project"),
        (lambda c: c.update(state_dict=3), "no checkpoint of this project"),
    ],
)
def test_a_checkpoint_of_another_network_is_refused(
    finished: tuple[Path, Trained], tmp_path: Path, change: object, message: str
) -> None:
    checkpoint = torch.load(last(finished[0]), weights_only=True)
    change(checkpoint)  # type: ignore[operator]
    torch.save(checkpoint, tmp_path / "x.ckpt")
    with pytest.raises(ConfigurationError, match=message):
        load_checkpoint(tmp_path / "x.ckpt")


def test_missing_data_are_an_error_before_anything_is_written(tmp_path: Path) -> None:
    recipe = Recipe("mnist", RECIPE.network)
    with pytest.raises(ConfigurationError, match="not found"):
        train(recipe, tmp_path / "out", data_root=tmp_path, terminal=False)
    assert not (tmp_path / "out").exists()


def test_a_checkpoint_on_a_full_disk_is_the_disk_s_error(tmp_path: Path) -> None:
    """`torch.save` to a file raises a RuntimeError of its archive over it."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            WholeCheckpoints().save_checkpoint({"weights": torch.zeros(1000)}, tmp_path / "last.ckpt")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
